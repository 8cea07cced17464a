"""A token's name is the one that the user gave it, whatever form it came in; what leaves it open is an error."""

import copy
import pickle
from collections import UserDict, deque
from types import MappingProxyType

import numpy as np
import pytest

from logitlab import Explorer, Sampler, compare
from logitlab.sampling.names import names_of

ROW = [4.5, 0.9, -1.9, 2.0]
NAMES = ["closer", "every", "effort", "you"]
IDS = dict(enumerate(NAMES))
VOCABULARY = {name: i for i, name in IDS.items()}


def backwards(mapping):
    return dict(reversed(mapping.items()))


class Model:
    def detokenize(self, tokens):
        return "".join(NAMES[token] for token in tokens)


def series(values, index):
    return pytest.importorskip("pandas").Series(values, index)


FORMS = {
    "list": lambda: NAMES,
    "tuple": lambda: tuple(NAMES),
    "deque": lambda: deque(NAMES),
    "array": lambda: np.array(NAMES),
    "object array": lambda: np.array(NAMES, object),
    "string array": lambda: np.array(NAMES, np.dtypes.StringDType()),
    "strided array": lambda: np.array(NAMES[::-1])[::-1],
    "bytes": lambda: [name.encode() for name in NAMES],
    "array of bytes": lambda: np.array(NAMES, "S"),
    "dict by id": lambda: IDS,
    "dict by id, backwards": lambda: backwards(IDS),
    "dict by NumPy's ids": lambda: {np.int64(i): np.str_(name) for i, name in IDS.items()},
    "dict of bytes": lambda: {i: name.encode() for i, name in IDS.items()},
    "proxy": lambda: MappingProxyType(IDS),
    "UserDict": lambda: UserDict(IDS),
    "vocabulary": lambda: VOCABULARY,
    "vocabulary, backwards": lambda: backwards(VOCABULARY),
    "vocabulary of bytes": lambda: {name.encode(): np.int32(i) for name, i in VOCABULARY.items()},
    "index": lambda: pytest.importorskip("pandas").Index(NAMES),
    "series": lambda: series(NAMES, None),
    "series by id": lambda: series(NAMES[::-1], [3, 2, 1, 0]),
    "series by text": lambda: series([3, 2, 1, 0], NAMES[::-1]),
    "model": Model,
}
PLACES = {
    "trace": lambda tokens: [
        Sampler(top_k=2).trace(ROW, tokens=tokens).text(i).split("'")[1] for i in range(len(ROW))
    ],
    "a row of a batch": lambda tokens: [
        Sampler(top_k=2).trace([ROW, ROW], tokens=tokens)[1].text(i).split("'")[1] for i in range(len(ROW))
    ],
    "the trace's frame": lambda tokens: [
        Sampler(top_k=2).trace(ROW, tokens=tokens).frame()["text"][i] for i in range(len(ROW))
    ],
    "compare": lambda tokens: [
        line["text"]
        for line in sorted(compare(ROW, top_k=4, tokens=tokens).table(), key=lambda x: x["token"])
    ],
    "Explorer": lambda tokens: [Explorer(ROW, tokens=tokens).text_of(i) for i in range(len(ROW))],
}


NEEDS = {"the trace's frame": "pandas", "Explorer": "anywidget"}


@pytest.fixture(autouse=True)
def _what_the_place_needs(request):
    place = getattr(request.node, "callspec", None) and request.node.callspec.params.get("place")
    if place in NEEDS:
        pytest.importorskip(NEEDS[place])


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("form", FORMS)
def test_names(form, place):
    assert PLACES[place](FORMS[form]()) == NAMES


WRONG = {
    "a set": (set(NAMES), TypeError, "sequence of texts, a dict of id to text or of text to id"),
    "a frozenset": (frozenset(NAMES), TypeError, "sequence of texts"),
    "the keys of a vocabulary": (VOCABULARY.keys(), TypeError, "sequence of texts"),
    "the values of a dict": (IDS.values(), TypeError, "sequence of texts"),
    "the items of a dict": (IDS.items(), TypeError, "sequence of texts"),
    "a str": ("word", TypeError, "sequence of texts"),
    "bytes": (b"word", TypeError, "sequence of texts"),
    "a number": (4, TypeError, "sequence of texts"),
    "a class": (Model, TypeError, "sequence of texts"),
    "two dimensions": (np.array([NAMES]), TypeError, "sequence of texts"),
    "no dimension": (np.array("word"), TypeError, "sequence of texts"),
    "numbers": ([1, 2, 3, 4], TypeError, "tokens must be texts, got 1 for id 0"),
    "a range": (range(4), TypeError, "tokens must be texts"),
    "None among them": ([*NAMES[:3], None], TypeError, "got None for id 3"),
    "too few": (NAMES[:3], ValueError, "each of the 4 logits, got 3"),
    "too many": ([*NAMES, "more"], ValueError, "each of the 4 logits, got 5"),
    "nothing": ([], ValueError, "each of the 4 logits, got 0"),
    "no entry": ({}, ValueError, r"each of the 4 logits, got none for \[0, 1, 2, 3\]"),
    "an id missing": ({0: "a", 1: "b", 3: "d"}, ValueError, r"each of the 4 logits, got none for \[2\]"),
    "an id above": ({**IDS, 4: "more"}, ValueError, r"ids in \[0, 4\), got 4 for 'more'"),
    "an id below": ({**IDS, -1: "more"}, ValueError, r"ids in \[0, 4\), got -1"),
    "a text missing": ({"a": 0, "b": 1, "d": 3}, ValueError, r"got none for \[2\]"),
    "an id above in a vocabulary": (
        {**VOCABULARY, "more": 4},
        ValueError,
        r"ids in \[0, 4\), got 4 for 'more'",
    ),
    "an id twice": ({**VOCABULARY, "more": 2}, ValueError, "id 2 one text, got 'effort' and 'more'"),
    "mixed keys": ({0: "a", "b": 1, 2: "c", 3: "d"}, TypeError, "got the entry 'b': 1"),
    "text to text": ({"0": "a", "1": "b", "2": "c", "3": "d"}, TypeError, "got the entry '0': 'a'"),
    "id to id": ({0: 1, 1: 2, 2: 3, 3: 0}, TypeError, "got the entry 0: 1"),
    "bool": ({False: "a", True: "b"}, TypeError, "got the entry False: 'a'"),
    "float keys": ({0.0: "a", 1.0: "b", 2.0: "c", 3.0: "d"}, TypeError, "the entry 0.0: 'a'"),
    "None as a text": ({0: None, 1: "b", 2: "c", 3: "d"}, TypeError, "got None for id 0"),
}


@pytest.mark.parametrize("place", [place for place in PLACES if "frame" not in place])
@pytest.mark.parametrize("form", WRONG)
def test_what_leaves_it_open(form, place):
    tokens, error, says = WRONG[form]
    with pytest.raises(error, match=says):
        PLACES[place](tokens)


@pytest.mark.parametrize("place", [place for place in PLACES if "frame" not in place])
@pytest.mark.parametrize(
    "iterator",
    [iter, lambda names: (name for name in names), lambda names: map(str, names)],
    ids=["iter", "generator", "map"],
)
def test_iterators(iterator, place):
    with pytest.raises(TypeError, match="sequence of texts"):
        PLACES[place](iterator(NAMES))


def test_pandas():
    pandas = pytest.importorskip("pandas")
    for tokens, says in [
        (pandas.DataFrame({"text": NAMES}), "sequence of texts"),
        (pandas.Series(NAMES, list("abcd")), "the entry 'a': 'closer'"),
    ]:
        with pytest.raises(TypeError, match=says):
            names_of(tokens, 4)
    with pytest.raises(ValueError, match="id 0 one text, got 'closer' and 'every'"):
        names_of(pandas.Series(NAMES, [0, 0, 1, 2]), 4)


def test_bytes_that_are_no_text():
    assert names_of([b"\xf0\x9f", b"a"], 2)(0) == "\ufffd"


@pytest.mark.parametrize("token", [-1, 4, 10**30])
def test_no_id_has_the_name_of_another(token):
    pytest.importorskip("anywidget")
    trace, explorer = Sampler(top_k=2).trace(ROW, tokens=NAMES), Explorer(ROW, tokens=NAMES)
    for text in (trace.text, trace.why, explorer.text_of):
        with pytest.raises(ValueError, match=r"in \[0, 4\), got"):
            text(token)


@pytest.mark.parametrize("form", FORMS)
def test_traces_with_names_go_to_other_processes(form):
    trace = Sampler(top_k=2).trace(ROW, tokens=FORMS[form]())
    for other in (copy.deepcopy(trace), pickle.loads(pickle.dumps(trace))):
        assert other.why(1) == trace.why(1)


def test_later_changes_of_the_list_change_no_name():
    names = list(NAMES)
    trace = Sampler(top_k=2).trace(ROW, tokens=names)
    names[0] = "other"
    assert "closer" in trace.why(0)
