"""The widget's Python side: the state that the page shows, live both ways, and what can be made of it.

The page computes with the same kernels as this process; what crosses the wire is the row of logits once, the texts of
its best tokens, and small numbers. Python only answers what the page cannot know: another row, other texts.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from logitlab import argtop_k
from logitlab.explorer.controls import CONTROLS
from logitlab.explorer.export import export
from logitlab.explorer.pack import loader, packed_row, page_files
from logitlab.explorer.picture import figure, table
from logitlab.explorer.screen import Row, Screen
from logitlab.explorer.source import Known, search, source_of
from logitlab.explorer.traits import Flag, Number, Slider, Word
from logitlab.extras import need
from logitlab.habits import answered
from logitlab.messages import shown
from logitlab.messages import shown as came  # in the constructor `shown` is a number
from logitlab.ranges import Range
from logitlab.sampling import ENGINES, Sampler

if TYPE_CHECKING:
    import anywidget
    import traitlets
else:
    anywidget = need("anywidget", "explorer")
    traitlets = need("traitlets", "explorer")

TEXTS = 1000  # tokens whose texts travel with the row
FOUND = 20  # of one search
SAVED = 100_000  # longer rows are saved in the notebook only when that is asked for


def programs() -> dict[str, list[list[Any]]]:
    """Each engine's order of the controls' steps, as the kernels take them: the name, the integers of the edge rules,
    and whether 0 turns it off."""
    names = {control.kind: name for name, control in CONTROLS.items()}

    def rows(engine: str, **options: Any) -> list[Any]:
        return [step.row() for step in Sampler(None, engine=engine, **options).steps]

    def off_at_zero(engine: str, name: str) -> int:
        [(_, [(_, value), *_], *_)] = rows(engine, **{name: type(CONTROLS[name].asking())(0)})
        return int(value != 0.0)

    def program(engine: str) -> list[list[Any]]:
        order = ENGINES[engine].order
        given = {name: control.asking() for name, control in CONTROLS.items() if control.kind in order}
        return [
            [names[kind], [int(value) for _, value in values[1:]], off_at_zero(engine, names[kind])]
            for kind, values, *_ in rows(engine, **given)
        ]

    return {engine: program(engine) for engine in ENGINES}


def spelt(engines: dict[str, list[list[Any]]]) -> str:
    """Return programs in the fewest letters: `engine=step.off.edge.edge,...;...` without zeros at the end. In JSON they
    would be three times as long, as every quotation mark is saved escaped; scene.js reads it."""
    controls = list(CONTROLS)

    def step(name: str, edges: list[int], off: int) -> str:
        numbers = [controls.index(name), off, *edges]
        while len(numbers) > 1 and numbers[-1] == 0:
            numbers.pop()
        return ".".join(map(str, numbers))

    return ";".join(f"{name}=" + ",".join(step(*row) for row in rows) for name, rows in engines.items())


class Explorer(anywidget.AnyWidget):
    """Temperature, top_k, top_p and min_p on a real distribution, moving at once.

    Every number on the screen comes from the C kernels that `Sampler` calls, compiled to WebAssembly: the same bits.

    Parameters
    ----------
    what : array_like or model
        One row of logits; or a model: one with `next_logits` (`BuiltIn`) shows its whole vocabulary, an `Ollama` model
        the 20 best tokens that the server tells.
    text : str, optional
        With a model: what the next token follows, as it is.
    tokens : sequence of str, mapping or model, optional
        With logits: the text of each token, in the order of the ids; or a dict of id to text or of text to id; or a
        model with `detokenize`. A pandas Series counts as a dict, by its index.
    chat : bool, optional
        Put the text into the model's chat template first.
    temperature, top_k, top_p, min_p : number, optional
        Where the sliders stand; None is off, also when it is assigned later. A temperature is 0 or in [1e-6, 1e6].
    engine : str, optional
        Whose order and edge rules: "ollama", "llama.cpp", "ollama-mlx", "transformers", "vllm", "mlx-lm". Not given, it
        is "ollama", or for a model of a server the engine that has the order of that model.
    seed : int, optional
        Of the draws, in [0, 2**53).
    shown : int, optional
        How many tokens have a row of their own; all others share one.
    save : bool, optional
        Whether the row is saved in the notebook; not given, it is up to 100 000 tokens.

    Attributes
    ----------
    temperature, top_k, top_p, min_p, engine, seed, draws, selected, shown, predict
        Live both ways. top_k is 0, top_p 1 and min_p 0 when off; `selected` is a token id or None.

    Raises
    ------
    TypeError
        For logits that are not real numbers; a model without a text, or a text without a model.
    ValueError
        For several rows, a row with a NaN or of nothing but -inf, tokens that do not name each logit, a slider out of
        its range.
    ModuleNotFoundError
        At first use, where anywidget is missing; it says what to install.

    Examples
    --------
    >>> from logitlab import Explorer
    >>> explorer = Explorer([0.2, 0.3, 0.1, 0.4], tokens=["cat", "dog", "emu", "fox"], temperature=0.1)
    >>> explorer.probs.round(3)
    array([0.087, 0.237, 0.032, 0.644])
    >>> explorer.top_k = 2
    >>> explorer.sampler
    Sampler([TopK(2), Temperature(0.1)])
    """

    _esm = loader()

    temperature = Slider("temperature")
    top_k = Slider("top_k")
    top_p = Slider("top_p")
    min_p = Slider("min_p")
    engine = Word(list(ENGINES), "ollama").tag(sync=True)
    seed = Number(Range(0, 2**53 - 1, whole=True, words="in [0, 2**53)"), 0).tag(sync=True)
    draws = Number(Range(0, 10_000, whole=True), 0).tag(sync=True)
    selected = Number(Range(0, whole=True), None, allow_none=True).tag(sync=True)
    shown = Number(Range(1, 200, whole=True), 12).tag(sync=True)
    predict = Flag(False).tag(sync=True)

    _pack = traitlets.Unicode().tag(sync=True, files=True)
    _row = traitlets.Bytes().tag(sync=True)
    _double = traitlets.Bool().tag(sync=True)
    _found: Any = traitlets.List().tag(sync=True)
    _source = traitlets.Dict().tag(sync=True)
    _engines = traitlets.Unicode().tag(sync=True)  # as a dictionary it is saved with a line per number
    _error = traitlets.Unicode().tag(sync=True)
    _save = traitlets.Bool(True).tag(sync=True)
    _still = traitlets.Unicode("[]").tag(sync=True)  # JSON: what the page shows where the row was not saved

    @answered()
    def __init__(
        self,
        what: ArrayLike | Any,
        text: str | None = None,
        *,
        tokens: Any = None,
        chat: bool = False,
        temperature: float | None = None,
        top_k: int | None = None,
        top_p: float | None = None,
        min_p: float | None = None,
        engine: str | None = None,
        seed: int = 0,
        shown: int = 12,
        save: bool | None = None,
    ) -> None:
        for name, flag in (("chat", chat), ("save", False if save is None else save)):
            if not isinstance(flag, bool | np.bool_):
                raise TypeError(f"{name} must be True or False, got {came(flag)}")
        source = source_of(what, text, tokens, bool(chat))
        given = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "min_p": min_p}
        state: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        engine = getattr(source, "engine", "ollama") if engine is None else engine
        state |= {"engine": engine, "seed": seed, "shown": shown}
        try:
            super().__init__(_engines=spelt(programs()), **state)
        except traitlets.TraitError as error:
            raise ValueError(str(error)) from None
        self._what = source
        self._asked = None if save is None else bool(save)
        self._logits: Row | None = None
        self._take_row()
        self.on_msg(self._answer)

    # ---- the row

    def _take_row(self) -> None:
        """Sends the source's row, and what belongs to it, in one message."""
        row = self._what.row()
        self._check_row(row)
        best = [int(token) for token in argtop_k(row, min(TEXTS, len(row)))[::-1]]
        texts = [self._what.text(token) for token in best]
        double = row.dtype == np.float64
        with self.hold_sync():
            self._logits = row
            self._double, self._pack = double, page_files(double)
            self._found = []
            self._packed = packed_row(row, [] if None in texts else texts)
            self._save = len(row) <= SAVED if self._asked is None else self._asked
            self._row = self._packed if self._save else b""
            self._source = self._describe()
            self.selected = None
        if not self._save:
            self._tell_row()

    def _tell_row(self) -> None:
        """A row that is not to be saved is no part of the state: it comes as a message, also when the page asks."""
        self.send({"kind": "row"}, [self._packed])

    def _check_row(self, row: Row) -> None:
        if not np.isfinite(row.max()) and not np.isposinf(row.max()):
            raise ValueError("Explorer needs logits without NaN, one of them above -inf")

    def _describe(self) -> dict[str, Any]:
        """Where the logits come from; of an array the lines alone, for what it has not would be saved too."""
        what = self._what
        if what.prompt is None:
            return {"lines": what.lines()}
        return {
            "prompt": what.prompt,
            "model": what.model,
            "note": what.note,
            "follow": what.follow,
            "lines": what.lines(),
        }

    @traitlets.validate("selected")
    def _check_selected(self, proposal: Any) -> int | None:
        token: int | None = proposal["value"]
        if token is not None and self._logits is not None and not 0 <= token < len(self._logits):
            raise traitlets.TraitError(f"selected must be a token id below {len(self._logits)}, got {token}")
        return token

    # ---- what the page asks for

    def _answer(self, _: Any, content: dict[str, Any], buffers: Any) -> None:
        """Continues the text, or finds tokens; what goes wrong is shown in the widget, where it can be seen."""
        try:
            if content.get("kind") == "continue":
                self.follow(content["token"])
            elif content.get("kind") == "find":
                self._find(content["text"])
            elif content.get("kind") == "row":
                self._tell_row()
            self._error = ""
        except Exception as error:  # whatever it is, a callback would swallow it
            self._error = f"{type(error).__name__}: {error}"

    def _find(self, wanted: Any) -> None:
        if isinstance(wanted, str) and wanted:
            texts = ((token, self._what.text(token)) for token in range(len(self.logits)))
            self._found = [
                list(pair) for pair in search((p for p in texts if p[1] is not None), wanted, FOUND)
            ]

    def follow(self, token: int) -> None:
        """Continue the text with a token: the row becomes that of the next one.

        Parameters
        ----------
        token : int
            A token id.

        Raises
        ------
        ValueError
            Where no model continues, and for what is no token id.
        """
        if not isinstance(self._what, Known):
            raise ValueError(
                "the text continues only with a model whose logits are known: Explorer(BuiltIn(), text)"
            )
        if isinstance(token, bool) or token not in range(len(self.logits)):
            raise ValueError(f"a token id is an integer in [0, {len(self.logits)}), got {shown(token)}")
        self._what.add(int(token))
        self._take_row()

    # ---- what a script takes from it

    @property
    def logits(self) -> Row:
        """The row, as the kernels see it (read-only)."""
        assert self._logits is not None
        view = self._logits.view()
        view.flags.writeable = False
        return view

    @property
    def sampler(self) -> Sampler:
        """The `Sampler` that the screen shows."""
        values = {name: getattr(self, name) for name in CONTROLS}
        given = {name: value for name, value in values.items() if value != CONTROLS[name].off}
        return Sampler(engine=self.engine, **given)

    @property
    def probs(self) -> NDArray[Any]:
        """The distribution on the screen, over the whole row."""
        return self.sampler.probs(self.logits)

    @property
    def text(self) -> str | None:
        """The text that the next token follows, with a model."""
        prompt: str | None = self._what.prompt
        return prompt

    def text_of(self, token: int) -> str | None:
        """The text of a token id; None where texts are not known."""
        if token not in range(len(self.logits)):
            raise ValueError(f"a token id is an integer in [0, {len(self.logits)}), got {shown(token)}")
        name: str | None = self._what.text(int(token))
        return name

    def export(self, path: str | Path, *, title: str | None = None) -> Path:
        """Write one HTML file that still moves: no Python, no network.

        Parameters
        ----------
        path : path
            Where to.
        title : str, optional
            The page's title.

        Returns
        -------
        Path
            The file.
        """
        return export(self._screen(), self._state(), Path(path), title)

    def _screen(self) -> Screen:
        note: str = self._what.note
        return Screen(
            self.logits, self.sampler, self.shown, self.text_of, self.text, note, self.draws, self.seed
        )

    def _state(self) -> dict[str, Any]:
        """The values that the page needs, the row included: our own synced traits, not those of every widget."""
        own = {name: getattr(self, name) for name in Explorer.class_own_traits(sync=True)}
        return own | {"_row": self._packed, "_save": True}

    def figure(self) -> Any:
        """Draw what is on the screen with matplotlib, for a paper.

        Returns
        -------
        matplotlib.figure.Figure
        """
        return figure(self._screen())

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and a picture for where no widget can be."""
        bundle: Any = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return data | {"text/plain": repr(self), "text/html": table(self._screen())}, metadata

    def __repr__(self) -> str:
        return f"<Explorer of {len(self.logits)} tokens: {self.sampler!r}>"
