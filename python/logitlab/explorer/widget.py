"""The widget's Python side: the state that the page shows, live both ways, and what can be made of it.

The page computes with the same kernels as this process; what crosses the wire is the row of logits once, the texts of
its best tokens, and small numbers. Python only answers what the page cannot know: another row, other texts.
"""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from logitlab import argtop_k
from logitlab.explorer.controls import CONTROLS
from logitlab.explorer.engines import programs, refused, spelt
from logitlab.explorer.export import export
from logitlab.explorer.pack import loader, packed_row, page_files
from logitlab.explorer.picture import figure, table
from logitlab.explorer.screen import Row, Screen
from logitlab.explorer.source import Known, search, source_of
from logitlab.explorer.state import PANELS, apply_state, state_of
from logitlab.explorer.traits import Flag, Number, Pins, Slider, Word
from logitlab.explorer.twice import show_both
from logitlab.extras import need
from logitlab.habits import answered
from logitlab.messages import shown
from logitlab.messages import shown as came  # in the constructor `shown` is a number
from logitlab.ranges import Range
from logitlab.sampling import ENGINES, Sampler, compare

if TYPE_CHECKING:
    import anywidget
    import traitlets
else:
    anywidget = need("anywidget", "explorer")
    traitlets = need("traitlets", "explorer")

TEXTS = 1000  # tokens whose texts travel with the row
FOUND = 20  # of one search
LAYOUT = {
    "flex": "1 1 0%",
    "min_width": "0",
}  # beside another one each takes half: it has no width of its own
SAVED = 100_000  # longer rows are saved in the notebook only when that is asked for


def _on(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the controls that do something."""
    return {name: value for name, value in settings.items() if value != CONTROLS[name].off}


class Explorer(anywidget.AnyWidget):
    """Temperature, top_k, top_p and min_p on a real distribution, moving at once.

    Every number on the screen comes from the C kernels that `Sampler` calls, compiled to WebAssembly: the same bits.

    Parameters
    ----------
    what : array_like or model
        One row of logits; or a model: one with `next_logits` (`BuiltIn`) shows its whole vocabulary, an `Ollama` model
        the 20 best tokens that the server reports.
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
    state : dict, optional
        What `explorer.state` of another explorer was, or some entries of it. They come before the other arguments.

    Attributes
    ----------
    temperature, top_k, top_p, min_p, engine, seed, draws, selected, shown, predict
        Live both ways. top_k is 0, top_p 1 and min_p 0 when off; `selected` is a token id or None.
    zoom, slider, pins
        Live both ways: the share at the right end of the bars, in [0.001, 1]; the name of the slider on the stage; up
        to two settings to compare with, dicts of the sliders and the engine.

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
    draws = Number(Range(0, 100_000, whole=True), 0).tag(sync=True)
    selected = Number(Range(0, whole=True), None, allow_none=True).tag(sync=True)
    shown = Number(Range(1, 200, whole=True), 12).tag(sync=True)
    predict = Flag(False).tag(sync=True)
    zoom = Number(Range(0.001, 1), 1.0).tag(sync=True)
    slider = Word(list(CONTROLS), next(iter(CONTROLS))).tag(sync=True)
    pins = Pins().tag(sync=True)
    _stage = Word(list(PANELS), None, allow_none=True).tag(sync=True)

    _pack = traitlets.Unicode().tag(sync=True, files=True)
    _row = traitlets.Bytes().tag(sync=True)
    _double = traitlets.Bool().tag(sync=True)
    _found: Any = traitlets.List().tag(sync=True)
    _source = traitlets.Dict().tag(sync=True)
    _engines = traitlets.Unicode().tag(sync=True)  # as a dictionary it is saved with a line per number
    _refusals = traitlets.Unicode().tag(sync=True)
    _reason: Any = traitlets.List(default_value=[[], ""]).tag(sync=True)  # the sliders, what compare says
    _start = traitlets.Dict().tag(sync=True)  # what Reset goes back to
    _error = traitlets.Unicode().tag(sync=True)
    _save = traitlets.Bool(True).tag(sync=True)
    _picture = traitlets.Unicode().tag(sync=True)  # the name by which the page hides the picture beside it
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
        state: Mapping[str, Any] | None = None,
    ) -> None:
        for name, flag in (("chat", chat), ("save", False if save is None else save)):
            if not isinstance(flag, bool | np.bool_):
                raise TypeError(f"{name} must be True or False, got {came(flag)}")
        source = source_of(what, text, tokens, bool(chat))
        given = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "min_p": min_p}
        values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        engine = getattr(source, "engine", "ollama") if engine is None else engine
        values |= {"engine": engine, "seed": seed, "shown": shown}
        try:
            super().__init__(_engines=spelt(programs()), _refusals=refused(), layout=LAYOUT, **values)
        except traitlets.TraitError as error:
            raise ValueError(str(error)) from None
        self._what = source
        self._asked = None if save is None else bool(save)
        self._logits: Row | None = None
        self._take_row()
        if state is not None:
            apply_state(self, state)
        self._start = {name: getattr(self, name) for name in (*CONTROLS, "engine", "seed", "draws", "pins")}
        if source.prompt is not None:
            self._start |= {"text": source.prompt}
        self.on_msg(self._answer)

    # ---- the row

    def _take_row(self) -> None:
        """Send the source's row, and what belongs to it, in one message."""
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
        """Send the row as a message, because one that is not saved is no part of the state; the page may ask for it."""
        self.send({"kind": "row"}, [self._packed])

    def _check_row(self, row: Row) -> None:
        if not np.isfinite(row.max()) and not np.isposinf(row.max()):
            raise ValueError("Explorer needs logits without NaN, one of them above -inf")

    def _describe(self) -> dict[str, Any]:
        """Where the logits come from; of an array the lines alone, for what it has not would be saved too."""
        what = self._what
        if what.prompt is None:
            return {"lines": what.lines()}
        source = {
            "prompt": what.prompt,
            "model": what.model,
            "note": what.note,
            "follow": what.follow,
            "lines": what.lines(),
        }
        if isinstance(what, Known):
            source |= {"added": [list(piece) for piece in what.pieces()], "ends": what.ends}
        return source

    @traitlets.validate("selected")
    def _check_selected(self, proposal: Any) -> int | None:
        token: int | None = proposal["value"]
        if token is not None and self._logits is not None and not 0 <= token < len(self._logits):
            raise traitlets.TraitError(f"selected must be a token id below {len(self._logits)}, got {token}")
        return token

    # ---- what the page asks for

    def _answer(self, _: Any, content: dict[str, Any], buffers: Any) -> None:
        """Do what the page asks for; what goes wrong is shown in the widget, where it can be seen."""
        self.send({"kind": "here"})  # the page waits for it
        asked = {
            "continue": lambda: self.follow(content["token"]),
            "text": lambda: self._go_to(content["start"], content["added"]),
            "find": lambda: self._find(content["text"]),
            "names": lambda: self._name(content["tokens"]),
            "reason": lambda: self._compare(content["settings"]),
            "row": self._tell_row,
        }
        try:
            if content.get("kind") in asked:
                asked[content["kind"]]()
            self._error = ""
        except Exception as error:  # whatever it is, a callback would swallow it
            self._error = f"{type(error).__name__}: {error}"

    def _compare(self, settings: dict[str, Any]) -> None:
        """Say what `logitlab.compare` says of these sliders: the page has no reasons of its own."""
        says = compare(self.logits, **_on(settings)).reason
        self._reason = [[settings[name] for name in CONTROLS], says]

    def _go_to(self, start: Any, added: list[Any]) -> None:
        """Take another text, or the same one cut after some of the added tokens."""
        what = self._continuing()
        if not isinstance(start, str):
            raise TypeError(f"text must be a str, got {shown(start)}")
        if start == "" and what.start != "":
            raise ValueError(f"text must have at least one character, got {shown(start)}")
        for token in added:
            self._check_token(token)
        before = what.start, what.added
        what.begin(start, [int(token) for token in added])
        try:
            self._take_row()
        except Exception:
            what.begin(*before)
            raise

    def _continuing(self) -> Known:
        if not isinstance(self._what, Known):
            raise ValueError(
                "the text continues only with a model whose logits are known: Explorer(BuiltIn(), text)"
            )
        return self._what

    def _check_token(self, token: Any) -> int:
        if isinstance(token, bool) or token not in range(len(self.logits)):
            raise ValueError(f"a token id is an integer in [0, {len(self.logits)}), got {shown(token)}")
        return int(token)

    def _find(self, wanted: Any) -> None:
        if isinstance(wanted, str) and wanted:
            texts = ((token, self._what.text(token)) for token in range(len(self.logits)))
            self._found = [
                list(pair) for pair in search((p for p in texts if p[1] is not None), wanted, FOUND)
            ]

    def _name(self, tokens: list[Any]) -> None:
        """Send the texts of tokens that are not among the best, as those that a search has found."""
        texts = ((token, self._what.text(token)) for token in map(self._check_token, tokens))
        self._found = [[token, text] for token, text in texts if text is not None]

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
        what = self._continuing()
        what.add(self._check_token(token))
        self._take_row()

    def write(self, n: int = 1) -> str:
        """Continue the text with tokens drawn by the sliders and the seed.

        The i-th token that is added to a text takes the i-th double of the seed's stream. So the text is that of
        `complete(text, raw=True, seed=..., temperature=..., top_k=..., top_p=..., min_p=...)` with the built-in model,
        and stops where that stops: at a token that ends the answer, which is not added.

        Parameters
        ----------
        n : int, optional
            At most how many tokens.

        Returns
        -------
        str
            What was added.

        Raises
        ------
        ValueError
            Where no model continues; for less than one token.

        Examples
        --------
        >>> from logitlab.llms import BuiltIn
        >>> explorer = Explorer(BuiltIn(), "My favourite colour is", top_k=40, seed=7)
        >>> explorer.write(8)
        ' ...'
        """
        what, sampler = self._continuing(), self.sampler
        n = Range(1, whole=True).one("n", n)
        before, row = what.prompt, self.logits
        rng = np.random.Generator(np.random.PCG64(self.seed))
        rng.random(len(what.added))
        for _ in range(n):
            token = int(sampler.sample(row, rng=rng))
            if token in what.ends:
                break
            what.add(token)
            row = what.row()
        self._take_row()
        return what.prompt.removeprefix(before)

    def begin(self, text: str) -> None:
        """Begin another text with the same model; sliders and seed stay.

        Parameters
        ----------
        text : str
            What the next token follows.

        Raises
        ------
        ValueError
            Where no model continues, and for an empty text.
        """
        self._go_to(text, [])

    def reset(self) -> None:
        """Go back to the sliders, the draws and the text that the explorer was made with."""
        state = dict(self._start)
        text = state.pop("text", None)
        with self.hold_sync():
            for name, value in state.items():
                setattr(self, name, value)
        if isinstance(self._what, Known) and (text, []) != (self._what.start, self._what.added):
            self._go_to(str(text), [])

    # ---- the state of the screen

    @property
    def state(self) -> dict[str, Any]:
        """The state of the screen: a dict that `json.dumps` takes, without the row and the text.

        temperature, top_k, top_p, min_p, engine, seed, draws, selected, shown, predict, zoom, pins and slider, as the
        attributes of these names; stage is None, or the name of the panel beside the bars of the stage: "bars" (none),
        "arithmetic", "draws", "plane", "engines", "text" or "sweep".

        A dict that is assigned changes what it names and leaves the rest; a wrong one is a ValueError (a TypeError for
        what is no dict) and changes nothing. In the page *Undo* takes the whole of it back.

        Examples
        --------
        >>> explorer = Explorer([2.0, 1.0, 0.5], temperature=0.5)
        >>> explorer.state = {"top_k": 2, "draws": 100}
        >>> again = Explorer([2.0, 1.0, 0.5], state=explorer.state)
        >>> again.temperature, again.top_k, again.draws
        (0.5, 2, 100)
        """
        return state_of(self)

    @state.setter
    def state(self, state: Mapping[str, Any]) -> None:
        with self.hold_sync():
            apply_state(self, state)
            self.send({"kind": "remember"})  # it arrives before what is held back

    def stage(self, panel: str = PANELS[0]) -> None:
        """Open the stage: the screen of this explorer over the whole window, for a class. Escape leaves it.

        Parameters
        ----------
        panel : str, optional
            What stands beside the bars: "bars" (nothing), "arithmetic", "draws", "plane", "engines", "text" or "sweep".

        Raises
        ------
        ValueError
            For another panel.
        """
        apply_state(self, {"stage": panel})

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
        given = _on({name: getattr(self, name) for name in CONTROLS})
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
        """Return the text of a token id; None where texts are not known."""
        name: str | None = self._what.text(self._check_token(token))
        return name

    def export(self, path: str | Path, *, title: str | None = None, stage: bool = False) -> Path:
        """Write one HTML file that still moves: no Python, no network.

        Parameters
        ----------
        path : path
            Where to.
        title : str, optional
            The page's title.
        stage : bool, optional
            Open on the stage, as it also does where ``#stage`` is added to its address.

        Returns
        -------
        Path
            The file.
        """
        if not isinstance(stage, bool | np.bool_):
            raise TypeError(f"stage must be True or False, got {shown(stage)}")
        opens = {"_stage": (self._stage or PANELS[0]) if stage else None}
        return export(self._screen(), self._state() | opens, Path(path), title)

    def _screen(self) -> Screen:
        note: str = self._what.note
        return Screen(
            self.logits,
            self.sampler,
            self.shown,
            self.text_of,
            self.text,
            note,
            self.draws,
            self.seed,
            len(self._what.added) if isinstance(self._what, Known) else 0,
        )

    def _state(self) -> dict[str, Any]:
        """Return the values that the page needs, the row included: our own synced traits, not those of every widget."""
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
        """Return the widget, and a picture for where no widget can be."""
        bundle: Any = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return data | {"text/plain": repr(self), "text/html": table(self._screen())}, metadata

    def _ipython_display_(self) -> None:
        self._picture = self._picture or secrets.token_hex(4)
        bundle = self._repr_mimebundle_()
        if bundle is None:
            print(repr(self))
        else:
            data, metadata = bundle
            show_both(data, metadata, self._picture)

    def __repr__(self) -> str:
        return f"<Explorer of {len(self.logits)} tokens: {self.sampler!r}>"
