"""set_workers: how many threads share a batch where a call does not say.

The setting itself, its check and the threads are C (csrc/numpy/workers.c, threads.c); here is what makes a setting last
for a block of code only.
"""

from typing import SupportsIndex

from logitlab._kernels import set_workers as _set


class Setting:
    """What `set_workers` returns: at the end of a with block the setting before it is back."""

    __slots__ = ("_before", "workers")

    def __init__(self, workers: SupportsIndex) -> None:
        self._before = _set(workers)
        self.workers = workers.__index__()

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        _set(self._before)

    def __repr__(self) -> str:
        return f"<workers={self.workers}, before it {self._before}>"


def set_workers(workers: SupportsIndex) -> Setting:
    """Set how many threads share the rows of a batch in calls that do not say.

    It takes effect at once, for all threads of the process, and lasts until it is set again or, in a ``with``
    statement, to the end of the block. The results have the same bits for any number.

    Parameters
    ----------
    workers : int
        A number of threads; -1 is every core that this process may use, -2 all but one, and so on.

    Returns
    -------
    Setting
        A context manager that restores the setting before.

    Raises
    ------
    TypeError
        For what is not an integer.
    ValueError
        For 0, and for a negative number that leaves no core.

    Notes
    -----
    The name and the meaning of negative numbers are those of ``scipy.fft.set_workers``. Without a call the number is 1,
    or that of the environment variable ``LOGITLAB_WORKERS``, read when logitlab is imported.

    Examples
    --------
    >>> import numpy as np, logitlab as ll
    >>> x = np.random.default_rng(0).standard_normal((64, 32_000))
    >>> with ll.set_workers(-1):  # every core
    ...     p = ll.softargmax(x)
    >>> bool(np.array_equal(p, ll.softargmax(x, workers=1)))
    True
    """
    return Setting(workers)
