"""answers(llm, prompt, n): the same question many times, each with a seed of its own."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Unpack

from logitlab.habits import answered
from logitlab.llms.answers.counted import Answers, Response
from logitlab.llms.answers.told import told_tree
from logitlab.llms.answers.tree import Branch
from logitlab.llms.base import LLM
from logitlab.llms.builtin_keywords import AnyOptions
from logitlab.llms.messages import Messages
from logitlab.llms.options import OPTIONS
from logitlab.llms.progress import Bar, somebody_looks
from logitlab.messages import shown

_SEEDS = 2**32 - 1  # the seeds that every engine takes are those below


@answered()
def answers(
    llm: LLM,
    prompt: str | Messages,
    n: int = 200,
    *,
    progress: bool | None = None,
    **options: Unpack[AnyOptions],
) -> Answers:
    """Ask a model the same thing `n` times and count the answers.

    One answer says little of a model that draws its words: this is their distribution.

    Parameters
    ----------
    llm : LLM
        `BuiltIn()`, `Ollama(...)`, or what `connect` returned.
    prompt : str or list of messages
        A string goes to `complete`, the messages of a conversation go to `chat`.
    n : int
        How many answers.
    progress : bool, optional
        Whether to show a bar; without it, where somebody looks: on a terminal and in a notebook.
    **options
        As for `complete` and `chat`: temperature, num_predict, ... Answer i, counted from 0, has the seed
        ``seed + i`` (modulo 2**32 - 1), so each can be asked for again: ``llm.complete(prompt, seed=seed + i)``.
        Without a seed one is drawn; the result's `.seeds` has them all.

    Returns
    -------
    Answers
        The different texts with counts and 95 % Wilson score intervals (`.table()`), the entropy, and a tree of the
        first tokens (`.tree`): a table in a notebook, text by `print`, a picture by `.plot()`.

    Raises
    ------
    TypeError, ValueError
        For an option that the model does not take, before anything is drawn; for an `n` that is not in [1, 2**31).

    Notes
    -----
    The prompt is read once: the built-in model keeps what it computed for it, and so does a server.

    The tree's probabilities are exact for the built-in model: they are what its sampler draws from. A server is asked
    for log-probabilities (unless you give `logprobs`), and where these and the options in force settle what it drew
    from, the probabilities are computed from them; elsewhere they are the shares that were drawn. `.tree.source` says
    which, and so do table and plot. Without log-probabilities the tree is one of words.

    Ctrl-C ends the drawing and returns what has come, with `.interrupted` set; before the first answer it is raised as
    ever. An error carries what has come as its `.partial`.

    Examples
    --------
    >>> import logitlab as ll
    >>> from logitlab.llms import BuiltIn
    >>> drawn = ll.answers(BuiltIn(), "Heads or tails? Answer in one word.", n=20, seed=0, num_predict=3)
    >>> drawn.n, sum(drawn.counts.values()), drawn.seeds[:3], drawn.tree.source
    (20, 20, [0, 1, 2], 'exact')
    """
    ask, given = _question(llm, prompt, options)
    wanted = _count(n)
    first = _first_seed(llm, given)
    responses: list[Response] = []
    with Bar("answers", somebody_looks() if progress is None else bool(progress), str) as bar:
        try:
            for i in range(wanted):
                seed = {} if first is None else {"seed": (first + i) % _SEEDS}
                responses.append(ask(**given | seed))
                bar.show("drawing", i + 1, wanted)
        except KeyboardInterrupt:
            if not responses:
                raise
        except BaseException as error:
            if responses:
                so_far = Answers(
                    responses, _seeds(first, len(responses)), wanted, *told_tree(responses, counted=True)
                )
                error.partial = so_far  # type: ignore[attr-defined]
            raise
    return Answers(responses, _seeds(first, len(responses)), wanted, *_tree(llm, responses))


def _question(
    llm: Any, prompt: Any, options: Mapping[str, Any]
) -> tuple[Callable[..., Response], dict[str, Any]]:
    """Return what asks for one answer, and the options of each."""
    if not isinstance(llm, LLM):
        raise TypeError(
            f"llm must be a model of logitlab.llms, such as BuiltIn() or Ollama('gemma:7b'), got {shown(llm)}"
        )
    given = {name: value for name, value in options.items() if value is not None}
    if llm._tells and not {"logprobs", "top_logprobs"} & {*given, *llm.defaults}:
        given |= {"logprobs": True, "top_logprobs": OPTIONS["top_logprobs"].high}
    if isinstance(prompt, str):
        return lambda **each: llm.complete(prompt, **each), given
    return lambda **each: llm.chat(prompt, **each), given


def _count(n: Any) -> int:
    if isinstance(n, bool) or not hasattr(n, "__index__"):
        raise TypeError(f"n must be an integer >= 1, got {shown(n)}")
    if not 1 <= n.__index__() < 2**31:
        raise ValueError(f"n must be >= 1 and < 2**31, got {shown(n)}")
    return int(n.__index__())


def _first_seed(llm: LLM, given: Mapping[str, Any]) -> int | None:
    """Return the seed of the first answer; None for a model that takes none."""
    if "seed" not in llm._takes:
        return None
    first = llm._takes["seed"].coerce(given.get("seed", llm.defaults.get("seed", -1)))
    return secrets.randbelow(_SEEDS) if first == -1 else int(first)


def _seeds(first: int | None, count: int) -> list[int] | None:
    return None if first is None else [(first + i) % _SEEDS for i in range(count)]


def _tree(llm: LLM, responses: Sequence[Response]) -> tuple[Branch, str]:
    from logitlab.llms.answers.exact import exact_tree
    from logitlab.llms.builtin import BuiltIn

    exact = exact_tree(llm, responses) if isinstance(llm, BuiltIn) else None
    return told_tree(responses) if exact is None else (exact, "tokens")
