"""Sampler: an immutable list of steps in an order that the user sees, compiled once, run in one C call per batch."""

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, SupportsIndex, Unpack, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from logitlab._kernels import Chain
from logitlab.habits import answered
from logitlab.messages import shown
from logitlab.sampling.engines import engine_of
from logitlab.sampling.history import History, counted, flat_history
from logitlab.sampling.keywords import SamplerOptions
from logitlab.sampling.mixture import in_place, mixture
from logitlab.sampling.options import named, of_the_sampler, options_of, steps_of
from logitlab.sampling.steps.base import Seen, Step
from logitlab.sampling.trace import Trace

Rng = np.random.Generator | np.random.BitGenerator | np.random.SeedSequence | SupportsIndex | None
Whole = NDArray[np.bool] | NDArray[np.integer[Any]]  # become float64
Rows = Sequence[float] | Sequence[Sequence[float]] | Sequence[Sequence[Sequence[float]]]


class Sampler:
    """A list of steps that turns logits into a token.

    Only the steps that are given are applied: ``Sampler(temperature=0.8, top_k=50)`` has two, never a hidden third.
    Options are put into the order of `engine`, which chooses the order and the edge rules and nothing else; a list of
    steps is taken as it stands.

    Parameters
    ----------
    steps : iterable of Step, optional
        The steps in order.
    engine : str, optional
        "ollama" (llama.cpp's chain; every step of logitlab has a place in it), "llama.cpp", "ollama-mlx",
        "transformers", "vllm" or "mlx-lm".
    **options
        Instead of `steps`: ``temperature``, ``top_k``, ``top_p``, ``min_p``, ``typical_p``, ``repeat_penalty``, ... ;
        None is not given. docs/sampling.md lists all.

    Raises
    ------
    TypeError
        For an option that is none, with the nearest name.
    ValueError
        For a parameter out of its range, an unknown engine, a step that the engine does not have.

    Examples
    --------
    >>> from logitlab import Sampler
    >>> sampler = Sampler(temperature=0.8, top_k=2)
    >>> sampler
    Sampler([TopK(2), Temperature(0.8)])
    >>> sampler.probs([0.2, 0.3, 0.1, 0.4]).round(3)
    array([0.   , 0.469, 0.   , 0.531])
    >>> int(sampler.sample([0.2, 0.3, 0.1, 0.4], rng=7))
    3
    >>> Sampler(temperature=0.8, top_k=2, engine="vllm")
    Sampler([Temperature(0.8), TopK(2, ties='keep')], engine='vllm')
    """

    __slots__ = ("__weakref__", "_chain", "_stateful", "engine", "steps")

    steps: tuple[Step, ...]
    engine: str
    _chain: Chain
    _stateful: tuple[Step, ...]  # looked at for every token

    def __init__(
        self,
        steps: Iterable[Step] | None = None,
        *,
        engine: str = "ollama",
        **options: Unpack[SamplerOptions],
    ) -> None:
        if steps is not None and named(options):
            raise TypeError("a sampler takes steps or options, not both")
        made = steps_of(options, engine_of(engine)) if steps is None else _checked(steps)
        self._set(made, engine_of(engine).name)

    def _set(self, steps: tuple[Step, ...], engine: str) -> None:
        object.__setattr__(self, "steps", steps)
        object.__setattr__(self, "engine", engine)
        object.__setattr__(self, "_stateful", tuple(step for step in steps if step.has_state))
        object.__setattr__(self, "_chain", Chain(tuple(step.row() for step in steps)))

    @classmethod
    def defaults(cls, engine: str = "ollama", **request: Unpack[SamplerOptions]) -> "Sampler":
        """Return what an engine does when asked for nothing, or for some options.

        `logitlab.sampling.ENGINES` has the defaults, with the version that they were read from.

        Examples
        --------
        >>> from logitlab import Sampler
        >>> Sampler.defaults("ollama", temperature=1.0)
        Sampler([TopK(40), TopP(0.9), Temperature(1.0)])
        >>> from logitlab.sampling import ENGINES
        >>> ENGINES["ollama"].version  # which they were read from
        '0.33.0-rc2, with llama.cpp b10434 as its runner'
        """
        return cls(None, engine=engine, **(dict(engine_of(engine).defaults) | named(request)))

    def replace(self, **options: Unpack[SamplerOptions]) -> "Sampler":
        """Return the same sampler with some options changed; None takes a step out.

        A step that is there stays where it is; a new one goes where the engine has it.

        Examples
        --------
        >>> from logitlab import Sampler
        >>> Sampler(temperature=0.8, top_k=50).replace(top_k=10, min_p=0.05)
        Sampler([TopK(10), MinP(0.05), Temperature(0.8)])
        """
        off = {name for name, value in options.items() if value is None}
        gone = set(named({name: 0 for name in off}))
        wanted, steps = named(options), list[Step]()
        for step in self.steps:
            first, *others = step.options
            if first in gone:
                continue
            changed = {
                step.options[option]: wanted[option] for option in (first, *others) if option in wanted
            }
            steps.append(step.replace(**changed) if changed else step)
        placed = {option for step in steps for option in step.options}
        missing = {name: value for name, value in wanted.items() if name not in placed}
        order = engine_of(self.engine).order
        for step in steps_of(missing, engine_of(self.engine)):
            place = order.index(step.kind)
            later = (
                i for i, other in enumerate(steps) if other.kind in order and order.index(other.kind) > place
            )
            steps.insert(next(later, len(steps)), step)
        return Sampler(steps, engine=self.engine)

    @property
    def options(self) -> dict[str, Any]:
        """The options that the steps stand for."""
        return options_of(self.steps)

    def _run_arguments(self, history: History, generated: ArrayLike | None) -> dict[str, Any]:
        flat, offsets = flat_history(history)
        return {"history": flat, "offsets": offsets, "generated": counted(generated)}

    def _in_state(self, state: Sequence[Any] | None, method: str) -> Chain:
        """Return the chain as it is in a state."""
        if state is None and not self._stateful:
            return self._chain
        if state is None:
            raise ValueError(
                f"{method} needs a state for {shown(self._stateful[0])}: sampler.start() before the first token, then "
                "what token, state = sampler.step(...) gives"
            )
        if isinstance(state, str | bytes) or not isinstance(state, Sequence):
            raise TypeError(
                f"state must be a tuple with an entry for each step that has one, got {shown(state)}"
            )
        if len(state) != len(self._stateful):
            raise ValueError(
                "state must have an entry for each step that has one, "
                f"{len(self._stateful)} of them, got {len(state)}"
            )
        left = iter(state)
        return Chain(tuple(step.row_at(next(left)) if step.has_state else step.row() for step in self.steps))

    # A list of numbers is one row, but parameters of the steps may make several of it.
    @overload
    def sample(
        self,
        logits: ArrayLike,
        *,
        size: SupportsIndex | tuple[SupportsIndex, ...],
        axis: SupportsIndex | None = -1,
        rng: Rng = None,
        history: History = None,
        generated: ArrayLike | None = None,
        workers: SupportsIndex | None = None,
    ) -> NDArray[np.intp]: ...
    @overload
    def sample(
        self,
        logits: ArrayLike,
        *,
        size: SupportsIndex | tuple[SupportsIndex, ...] | None = None,
        axis: SupportsIndex | None = -1,
        rng: Rng = None,
        history: History = None,
        generated: ArrayLike | None = None,
        workers: SupportsIndex | None = None,
    ) -> np.intp | NDArray[np.intp]: ...
    @answered(of_the_sampler)
    def sample(
        self,
        logits: ArrayLike,
        *,
        size: SupportsIndex | tuple[SupportsIndex, ...] | None = None,
        axis: SupportsIndex | None = -1,
        rng: Rng = None,
        history: History = None,
        generated: ArrayLike | None = None,
        workers: SupportsIndex | None = None,
    ) -> Any:
        """Draw a token from each row, or `size` of them.

        Parameters
        ----------
        logits : array_like
            Of any shape; one row per token to draw.
        size : int or tuple of int, optional
            How many tokens to draw from each row; the result's shape is the batch shape + size.
        axis : int or None, optional
            The axis of the vocabulary.
        rng : numpy.random.Generator, BitGenerator, SeedSequence, int or None, optional
            One double per token; one more before it for each XTC.
        history : sequence of int, or one for each row, optional
            The tokens so far, oldest first, for the steps that look at them.
        generated : int or array_like of int, optional
            How many of them, at the end, the model wrote itself; all, if not given.
        workers : int, optional
            How many threads may share the rows, as in `logitlab.softargmax`; the tokens are the same for any number.

        Returns
        -------
        ndarray of intp, or a scalar
            Token indices; a scalar for one row without `size`.

        Raises
        ------
        TypeError
            For logits of a dtype that is not a real number's.
        ValueError
            For a row with a NaN or of nothing but -inf, a row on which a step left nothing, a token that is not in the
            row; for a step that has a state (use `step`).
        """
        if self._stateful:
            raise ValueError(
                f"sample needs steps without a state; {shown(self._stateful[0])} has one: "
                "use token, state = sampler.step(...)"
            )
        if history is None and generated is None:
            return self._chain.sample(logits, axis=axis, size=size, rng=rng, workers=workers)
        return self._chain.sample(
            logits, axis=axis, size=size, rng=rng, workers=workers, **self._run_arguments(history, generated)
        )

    def start(self) -> tuple[Any, ...]:
        """Return the state before the first token: one entry for each step that has a state.

        Examples
        --------
        >>> from logitlab import Sampler
        >>> Sampler(mirostat_v2_tau=3.0).start()
        (6.0,)
        """
        return tuple(step.start() for step in self._stateful)

    @answered(of_the_sampler)
    def step(
        self,
        logits: ArrayLike,
        state: Sequence[Any] | None = None,
        rng: Rng = None,
        *,
        axis: SupportsIndex | None = -1,
        history: History = None,
        generated: ArrayLike | None = None,
        workers: SupportsIndex | None = None,
    ) -> tuple[np.intp | NDArray[np.intp], tuple[Any, ...]]:
        """Draw a token with steps that have a state, and give the state for the next one.

        Parameters
        ----------
        logits, rng, axis, history, generated, workers
            As for `sample`.
        state : tuple, optional
            What the call before gave, one entry for each step that has a state; not given before the first token.

        Returns
        -------
        token, state
            The token as `sample` gives it, and the state for the next call.

        Raises
        ------
        ValueError
            As for `sample`, and for a state with too few or too many entries.
        """
        states = self.start() if state is None else state
        chain = self._in_state(states, "step")
        arguments = self._run_arguments(history, generated)
        looks = tuple(
            at if step.looks_before else len(self.steps)
            for at, step in enumerate(self.steps)
            if step.has_state
        )
        token, seen = chain.sample(logits, axis=axis, rng=rng, looks=looks, workers=workers, **arguments)
        learnt = [Seen(_plain(seen[..., i, 0]), _plain(seen[..., i, 1])) for i in range(len(looks))]
        each = zip(self._stateful, states, learnt, strict=True)
        return token, tuple(step.after(state, seen) for step, state, seen in each)

    @overload
    def probs(  # type: ignore[overload-overlap]  # as for softargmax
        self,
        logits: NDArray[np.float16],
        *,
        axis: SupportsIndex | None = -1,
        history: History = None,
        generated: ArrayLike | None = None,
        state: Sequence[Any] | None = None,
        workers: SupportsIndex | None = None,
    ) -> NDArray[np.float16]: ...
    @overload
    def probs(  # type: ignore[overload-overlap]  # as for softargmax
        self,
        logits: NDArray[np.float32],
        *,
        axis: SupportsIndex | None = -1,
        history: History = None,
        generated: ArrayLike | None = None,
        state: Sequence[Any] | None = None,
        workers: SupportsIndex | None = None,
    ) -> NDArray[np.float32]: ...
    @overload
    def probs(
        self,
        logits: NDArray[np.float64] | Whole | Rows,
        *,
        axis: SupportsIndex | None = -1,
        history: History = None,
        generated: ArrayLike | None = None,
        state: Sequence[Any] | None = None,
        workers: SupportsIndex | None = None,
    ) -> NDArray[np.float64]: ...
    @overload
    def probs(
        self,
        logits: ArrayLike,
        *,
        axis: SupportsIndex | None = -1,
        history: History = None,
        generated: ArrayLike | None = None,
        state: Sequence[Any] | None = None,
        workers: SupportsIndex | None = None,
    ) -> NDArray[Any]: ...
    @answered(of_the_sampler)
    def probs(
        self,
        logits: ArrayLike,
        *,
        axis: SupportsIndex | None = -1,
        history: History = None,
        generated: ArrayLike | None = None,
        state: Sequence[Any] | None = None,
        workers: SupportsIndex | None = None,
    ) -> NDArray[Any]:
        """Return the distribution that `sample` draws from: softargmax of the remaining tokens, 0 elsewhere.

        With XTC it is the mixture over its random choice; with steps that have a state, the distribution in the state
        given.

        Parameters
        ----------
        logits, axis, history, generated, workers
            As for `sample`.
        state : tuple, optional
            Needed with steps that have one: `start()`, or what `step` gave.

        Returns
        -------
        ndarray
            Of the logits' dtype and shape, broadcast against the parameters.

        Raises
        ------
        ValueError
            As for `sample`, and without a state that is needed.
        """
        chain = self._in_state(state, "probs")
        arguments = self._run_arguments(history, generated)
        parts = [
            (weight, chain.probs(logits, axis=axis, coins=coins, workers=workers, **arguments))
            for weight, coins in self._coins()
        ]
        return in_place(mixture(parts), logits, axis)

    def _coins(self) -> Iterator[tuple[Any, list[float]]]:
        """Return all outcomes of the XTC draws with their probabilities; 0.0 makes XTC apply, 1.0 does not."""
        chances = [step.probability for step in self.steps if step.coins]  # type: ignore[attr-defined]
        for falls in itertools.product((True, False), repeat=len(chances)):
            weight = np.ones(())
            for fall, chance in zip(falls, chances, strict=True):
                weight = weight * (chance if fall else 1 - np.asarray(chance))
            if np.any(weight > 0):
                yield weight, [0.0 if fall else 1.0 for fall in falls]

    @answered(of_the_sampler)
    def trace(
        self,
        logits: ArrayLike,
        *,
        axis: SupportsIndex | None = -1,
        history: History = None,
        generated: ArrayLike | None = None,
        coins: Sequence[float] | None = None,
        state: Sequence[Any] | None = None,
        tokens: Any = None,
        workers: SupportsIndex | None = None,
    ) -> Trace:
        """Say what each step does to each row.

        Parameters
        ----------
        logits, axis, history, generated, workers
            As for `sample`.
        coins : sequence of float, optional
            The doubles that the XTC steps draw; 0.0 each if not given, so that they apply.
        state : tuple, optional
            Needed with steps that have one: `start()`, or what `step` gave.
        tokens : model, sequence of str or mapping, optional
            What a token id stands for, in tables and sentences: a model with `detokenize`, the texts in the order of
            the ids, or a dict of id to text or of text to id. A pandas Series counts as a dict, by its index.

        Returns
        -------
        Trace

        Raises
        ------
        ValueError
            As for `probs`, and for tokens that do not name each id once.
        """
        chain = self._in_state(state, "trace")
        arguments = self._run_arguments(history, generated)
        records, removed, margin, before, after = chain.trace(
            logits, axis=axis, coins=coins, workers=workers, **arguments
        )
        return Trace(self, records, removed, margin, before, after, tokens)

    def __repr__(self) -> str:
        engine = "" if self.engine == "ollama" else f", engine={self.engine!r}"
        return f"Sampler([{', '.join(map(repr, self.steps))}]{engine})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sampler) and (self.steps, self.engine) == (other.steps, other.engine)

    def __hash__(self) -> int:
        return hash((self.steps, self.engine))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"Sampler is immutable; use sampler.replace(...) instead of setting {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"Sampler is immutable; cannot delete {name}")

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.steps, self.engine)

    def to_json(self) -> str:
        """Return the sampler as JSON; `Sampler.from_json` takes it back.

        Examples
        --------
        >>> from logitlab import Sampler
        >>> Sampler(top_k=50).to_json()
        '{"engine": "ollama", "steps": [{"step": "top_k", "k": 50, "ties": "index", "min_keep": 1}]}'
        """
        return json.dumps(
            {"engine": self.engine, "steps": [step.to_dict() for step in self.steps]}, allow_nan=False
        )

    @staticmethod
    def from_json(text: str) -> "Sampler":
        """Make a sampler of what `to_json` gave."""
        plain = json.loads(text)
        if not isinstance(plain, Mapping) or not isinstance(plain.get("steps"), list):
            raise ValueError(f"needed a JSON object with steps, got {shown(text)}")
        return Sampler(
            [Step.from_dict(step) for step in plain["steps"]], engine=plain.get("engine", "ollama")
        )


def _checked(steps: Any) -> tuple[Step, ...]:
    if isinstance(steps, str | Step) or not isinstance(steps, Iterable):
        raise TypeError(
            f"steps must be a sequence of steps, got {shown(steps)}; options go by name, as in "
            "Sampler(temperature=0.8, top_k=50)"
        )
    made = tuple(steps)
    for step in made:
        if not isinstance(step, Step):
            raise TypeError(f"steps must be steps such as TopK(50), got {shown(step)}")
    return made


def _restore(steps: tuple[Step, ...], engine: str) -> Sampler:
    return Sampler(steps, engine=engine)


def _plain(column: NDArray[np.float64]) -> Any:
    return column if column.ndim else float(column)


__all__ = ["Sampler"]
