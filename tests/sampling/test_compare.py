"""compare says which tokens engines keep, where they part, and why they agree."""

import html
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import Sampler, compare
from logitlab.sampling import ENGINES, DynamicTemperature, PresencePenalty, Temperature, TopK, TopP

ROW = np.array([3.0, 2.0, 1.0])


def test_the_order_decides():
    found = compare(ROW, ["ollama", "transformers"], top_p=0.8, temperature=0.5)
    assert {name: kept.tolist() for name, kept in found.kept.items()} == {
        "ollama": [0, 1],
        "transformers": [0],
    }
    assert found.groups == [["ollama"], ["transformers"]]
    assert not found.same_tokens
    assert found.first_difference("ollama", "transformers") == (0, 1)
    assert "part at top_p" in str(found)


def test_kept_and_probs_are_the_samplers():
    row = np.random.default_rng(0).standard_normal(2000) * 3
    options = {"temperature": 1.4, "top_k": 60, "top_p": 0.9, "min_p": 0.02}
    found = compare(row, **options)
    assert list(found.traces) == list(ENGINES)
    for engine in ENGINES:
        assert np.array_equal(found.probs[engine], Sampler(engine=engine, **options).probs(row))
        assert np.array_equal(found.kept[engine], np.flatnonzero(found.probs[engine]))
    assert len(found.groups) > 1


def test_why_they_agree():
    row = np.random.default_rng(0).standard_normal(100)
    always = compare(row, top_k=5, temperature=0.7)
    assert always.same_tokens
    assert always.same_probs
    assert "on every row" in always.reason
    others = compare(row, ["ollama", "mlx-lm"], top_k=5, top_p=0.9, temperature=1.0).reason
    assert "on this row, not on every one" in others
    assert "mlx-lm applies TopP(0.9, ties='keep'), TopK(5), Temperature(1.0)" in others
    one = compare(row, ["ollama", "ollama-mlx"], top_k=5, top_p=0.9, temperature=1.0).reason
    assert one == "They agree on every row: it makes no difference when a temperature of 1 is applied."
    equal = compare(row, ["ollama", "llama.cpp"], top_p=0.5).reason
    assert "on every row: the steps, their order and their edge rules are the same" in equal
    assert "no step is asked for" in compare(row).reason
    coldest = compare(row, ["ollama", "vllm"], top_p=0.5, min_p=0.1, temperature=0).reason
    assert "at temperature 0 the likeliest token is left" in coldest
    chance = compare(np.array([9.0, 0.0]), top_p=0.5, temperature=0.9)
    assert (
        "on this row, not on every one: ollama applies TopP(0.5), Temperature(0.9); ollama-mlx"
        in chance.reason
    )


@given(
    seed=st.integers(0, 10**6),
    grid=st.booleans(),
    options=st.fixed_dictionaries(
        {},
        optional={
            "temperature": st.sampled_from([0.0, 0.5, 1.0, 1.7]),
            "top_k": st.integers(1, 12),
            "top_p": st.floats(0.05, 1),
            "min_p": st.floats(0, 1),
        },
    ),
    others=st.integers(0, 10**6),
)
def test_agreement_on_every_row_holds_on_another(seed, grid, options, others):
    """What is said to hold on every row holds on another one; but for the ties that the sentence names."""

    def row_of(seed):
        row = np.random.default_rng(seed).standard_normal(30) * 2
        return np.round(row) if grid else row

    engines = [name for name in ENGINES if options.get("temperature") != 0 or name != "transformers"]
    found = compare(row_of(seed), engines, **options)
    if "on every row" in found.reason and not (grid and "equal logits" in found.reason):
        another = compare(row_of(others), engines, **options)
        assert another.same_tokens
        assert another.same_probs


def test_not_renormalised_makes_no_difference_before_any_filter():
    """So long as nothing was removed, what is left is the whole."""
    found = compare(ROW, ["ollama", "ollama-mlx"], top_p=0.8, temperature=1.0)
    assert (
        found.reason == "They agree on every row: it makes no difference when a temperature of 1 is applied."
    )
    mine = {
        str(renormalise): Sampler([TopK(2), TopP(0.5, renormalise=renormalise)])
        for renormalise in (True, False)
    }
    assert "not on every one" in compare(ROW, mine).reason
    assert "False applies TopK(2), TopP(0.5, renormalise=False)" in compare(ROW, mine).reason


def test_the_engines_notes_are_said():
    """Each in text and in HTML, where one of its steps is asked for and its engine takes part."""
    options = {
        "top_k": {"top_k": 2}, "typical_p": {"typical_p": 0.5}, "xtc": {"xtc_probability": 0.5},
        "logit_bias": {"logit_bias": {0: 1.0}}, "ban_tokens": {"ban_tokens": [0]},
    }  # fmt: skip
    for engine in ENGINES.values():
        other = "llama.cpp" if engine.name == "ollama" else "ollama"
        for note in engine.notes:
            for kind in note.steps:
                found = compare(ROW, [engine.name, other], **options[kind])
                (line,) = [line for line in str(found).splitlines() if line.endswith(f": {note.says}.")]
                assert line.startswith("Note on ")
                assert engine.name in line
                assert html.escape(note.says) in found._repr_html_()
    quiet = compare(ROW, ["ollama", "vllm"], temperature=0.5)
    assert "Note" not in str(quiet)
    assert "Note" not in str(compare(ROW, {"a": Sampler(top_k=2), "vllm": Sampler(top_k=1)}))


@pytest.mark.parametrize(
    ("options", "engine", "says"),
    [
        ({"temperature": 1e-300}, "vllm", "raises a temperature below 0.01"),
        ({"temperature": 1e-6}, "vllm", "raises a temperature below 0.01"),
        ({"presence_penalty": 2.5}, "vllm", "outside of [-2, 2]"),
        ({"frequency_penalty": -2.5}, "vllm", "outside of [-2, 2]"),
        ({"repeat_penalty": 1.1, "repeat_last_n": 5}, "vllm", "no repeat_last_n"),
        ({"repeat_penalty": 1.1, "repeat_last_n": 5}, "transformers", "no repeat_last_n"),
        ({"repeat_penalty": 1.1, "repeat_last_n": 0}, "mlx-lm", "repeat_last_n below 1"),
        ({"repeat_penalty": 1.1, "repeat_last_n": -1}, "mlx-lm", "repeat_last_n below 1"),
        ({"logit_bias": {(0, 1): 2.0}}, "vllm", "single tokens only"),
        ({"logit_bias": {2: 1.0, (0, 1): 2.0}}, "mlx-lm", "single tokens only"),
    ],
    ids=str,
)
def test_what_an_engine_refuses_or_changes(options, engine, says):
    assert says in compare(ROW, history=[0], **options).without[engine]
    with pytest.raises(ValueError, match=re.escape(says)):
        compare(ROW, [engine, "ollama"], history=[0], **options)


def test_what_an_engine_takes_is_not_left_out():
    for options in (
        {"temperature": 0.01}, {"presence_penalty": -2.0}, {"frequency_penalty": 2.0}, {"logit_bias": {0: 2.0}},
        {"repeat_penalty": 1.1}, {"logit_bias": {}},
    ):  # fmt: skip
        assert not {"vllm", "mlx-lm"} & set(compare(ROW, history=[0], **options).without)


def test_ties_below_epsilon():
    row, engines = [1.0, 1.0, 1.0, 0.0], ["ollama", "transformers"]
    found = compare(row, engines, epsilon_cutoff=0.5)
    assert {name: kept.tolist() for name, kept in found.kept.items()} == {
        "ollama": [0],
        "transformers": [0, 1, 2],
    }
    assert "the other all that equal it" in found.reason
    assert "on which no equal logits stand as the best" in compare(row, engines, epsilon_cutoff=0.1).reason


def test_a_sampler_without_steps_is_named():
    found = compare([1.0], {"a": Sampler(top_p=0.5), "b": Sampler()})
    assert found.reason.endswith("a applies TopP(0.5); b applies no step.")


def test_ties_where_top_p_ends():
    row, engines = np.array([1.0, 1.0, 1.0, 0.0]), ["transformers", "mlx-lm"]
    found = compare(row, engines, top_p=0.3)
    assert {name: kept.tolist() for name, kept in found.kept.items()} == {
        "transformers": [0, 1],
        "mlx-lm": [0, 1, 2],
    }
    assert "the other all of them" in found.reason
    for options, agree in [
        ({"top_p": 0.3}, "They agree on every row on which no equal logits stand where top_p ends:"),
        (
            {"top_p": 0.3, "temperature": 1.0},
            "They agree on every row on which no equal logits stand where top_p ends: it makes no difference",
        ),
        ({"top_p": 1.0}, "They agree on every row: the steps"),
        ({"top_p": 0.3, "temperature": 0.5}, "They agree on this row, not on every one:"),
    ]:
        assert compare([3.0, 1.0, 1.0], engines, **options).reason.startswith(agree), options
    parted = compare([1.0, 1.0, 0.0], engines, top_p=0.3, temperature=0.1).reason
    assert "the other all of them" not in parted  # the temperature before it differs as well


def test_ties_at_k():
    found = compare(np.array([1.0, 1.0, 1.0]), ["ollama", "vllm"], top_k=2)
    assert {name: len(kept) for name, kept in found.kept.items()} == {"ollama": 2, "vllm": 3}
    assert "part at top_k" in found.reason
    assert "One keeps exactly k, the lowest tokens among equal logits" in found.reason
    assert (
        "on which no equal logits stand at the k-th place"
        in compare(np.array([2.0, 1.0, 0.0]), top_k=2).reason
    )


def test_every_group_says_where_it_parts():
    row = (np.random.default_rng(0).standard_normal(3000) * 3).astype(np.float32)
    found = compare(row, temperature=1.5, top_k=40, top_p=0.9, min_p=0.05)
    counts, first, second, *_ = str(found).splitlines()
    assert (
        counts == "ollama, llama.cpp: 29 of 3000 tokens kept; ollama-mlx, transformers, vllm: 33; mlx-lm: 40."
    )
    assert first.startswith(
        "ollama and ollama-mlx part at top_p: in ollama, at temperature 1, TopP(0.9) leaves 29 of"
    )
    assert second.startswith(
        "ollama and mlx-lm part at top_k and top_p: in ollama, at temperature 1, TopK(40) leaves 40"
    )
    colder = str(compare(row, ["ollama", "vllm"], temperature=0.7, top_k=40, top_p=0.9, min_p=0.05))
    assert "in vllm, at temperature 0.7, MinP(0.05) leaves 22 of 3000 tokens" in colder
    assert "all that equal" not in colder


def test_a_penalty_before_the_parting_is_named():
    row = np.array([3.0, 2.9, 2.0, 1.0])
    found = compare(row, ["ollama", "vllm"], presence_penalty=1.5, top_k=1, history=[0, 1], generated=1)
    assert {name: kept.tolist() for name, kept in found.kept.items()} == {"ollama": [2], "vllm": [0]}
    counts, reason, *_ = str(found).splitlines()
    assert counts == "ollama: 1 of 4 tokens kept; vllm: 1 other."
    assert "part at top_k" in reason
    assert reason.endswith(
        "Before it ollama applies PresencePenalty(1.5, last_n=64), vllm PresencePenalty(1.5, scope='generated')."
    )


def test_one_removes_and_the_other_does_not():
    found = compare(ROW, {"none": Sampler(), "two": Sampler(top_k=2)})
    assert found.first_difference("none", "two") == (None, 0)
    assert (
        "part at top_k: none removes nothing more; in two, at temperature 1, TopK(2) leaves 2 of 3"
        in found.reason
    )


@pytest.mark.parametrize(
    ("options", "engine", "why"),
    [
        ({"temperature": 0}, "transformers", "refuses temperature = 0: do_sample=False is its greedy choice"),
        ({"top_p": 0.0}, "vllm", "refuses top_p = 0"),
        ({"temperature": 2.5}, "vllm", "refuses a temperature above 2"),
        ({"temperature": 0.001}, "vllm", "raises a temperature below 0.01 to 0.01"),
        ({"xtc_probability": 0.5, "xtc_threshold": 0.6}, "mlx-lm", "refuses an xtc_threshold above 0.5"),
    ],
    ids=str,
)
def test_an_engine_that_does_something_else_is_left_out(options, engine, why):
    found = compare(ROW, **options)
    assert engine not in found.traces
    assert found.without[engine] == why
    assert f"Left out: {engine} {why}." in str(found)
    with pytest.raises(ValueError, match=f"the engine {engine!r} {why}"):
        compare(ROW, ["ollama", engine], **options)


@pytest.mark.parametrize(
    "options", [{"temperature": 2}, {"temperature": 0.01}, {"temperature": 0}, {"top_p": 1.0}]
)
def test_bounds_are_the_engines(options):
    assert "vllm" in compare(ROW, **options).traces


def test_engines_that_take_0_for_off_keep_all():
    found = compare(ROW, ["ollama", "mlx-lm", "ollama-mlx"], top_p=0.0)
    assert found.groups == [["ollama"], ["mlx-lm", "ollama-mlx"]]
    assert "in mlx-lm, at temperature 1, TopP(0.0, zero='off') leaves 3 of 3 tokens" in found.reason


def test_a_tie_at_the_cut_of_top_p():
    found = compare(np.zeros(4), ["ollama", "transformers"], top_p=0.5, temperature=0.7)
    assert found.kept["ollama"].tolist() == found.kept["transformers"].tolist() == [0, 1]


def test_engines_without_a_step_are_named():
    found = compare(ROW, typical_p=0.5, temperature=0.5)
    assert set(found.without) == {"ollama-mlx", "vllm", "mlx-lm"}
    assert "Left out: vllm has no typical_p." in str(found)
    with pytest.raises(ValueError, match="has no typical_p"):
        compare(ROW, ["ollama", "vllm"], typical_p=0.5)


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ([Temperature(np.inf)], "inf"),
        ([Temperature(0.5), Temperature(0.5)], "0.25"),
        ([Temperature(2.0), PresencePenalty(1.0)], "2"),  # a penalty leaves no temperature to be applied
        ([DynamicTemperature(2.0), Temperature(1e70)], "2e+70"),
    ],
    ids=str,
)
def test_the_temperature_said_is_that_of_the_steps_before(first, said):
    samplers = {"all": Sampler(first), "half": Sampler([*first, TopP(0.3)])}
    reason = compare(ROW, samplers, history=[2]).reason
    assert f"in half, at temperature {said}, TopP(0.3) leaves" in reason


def test_samplers_of_ones_own():
    found = compare(ROW, {"cold": Sampler(temperature=0.1), "warm": Sampler(temperature=2.0)})
    assert found.same_tokens
    assert found.reason.endswith("other probabilities: cold applies Temperature(0.1), warm Temperature(2.0).")


def test_the_window_of_a_penalty_changes_shares():
    found = compare(ROW, ["ollama", "vllm"], presence_penalty=1.0, history=[0, 1, 2], generated=1)
    assert found.same_tokens
    assert not found.same_probs
    assert (
        "ollama applies PresencePenalty(1.0, last_n=64), vllm PresencePenalty(1.0, scope='generated')"
        in str(found)
    )


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((ROW, ["ollama"]), {"top_k": 1}, ValueError, "at least two engines, got ollama"),
        ((ROW, ["ollama", "gpt"]), {"top_k": 1}, ValueError, "engine must be one of"),
        ((np.zeros((2, 3)),), {"top_k": 1}, ValueError, "one row of logits"),
        ((ROW,), {"top_q": 1}, TypeError, "did you mean"),
        ((ROW, ["vllm", "ollama"]), {"temperature": "x"}, TypeError, "temperature must be a real number"),
        ((ROW,), {"top_k": [1, 2]}, ValueError, "one number for each option"),
        ((ROW,), {"tfs_z": 0.5}, ValueError, "got ollama; llama.cpp has no tail_free"),
        (([np.nan, 1.0],), {"top_k": 1}, ValueError, "NaN"),
        (([],), {"top_k": 1}, ValueError, "at least one logit"),
        ((ROW, {"a": Sampler(), "b": Sampler()}), {"top_k": 1}, TypeError, "samplers or options"),
    ],
    ids=str,
)
def test_errors(arguments, options, error, message):
    with pytest.raises(error, match=message):
        compare(*arguments, **options)


def test_tables_and_plot():
    found = compare(ROW, top_p=0.8, temperature=0.5, tokens=["<a>", "b", " c"])
    frame = found.frame()
    assert frame.loc[0, "text"] == "<a>"
    assert frame.loc[1, "transformers"] == 0
    html = found._repr_html_()
    assert "&lt;a&gt;" in html
    assert "<a>" not in html
    assert found.alike == [["ollama", "llama.cpp", "mlx-lm"], ["ollama-mlx", "transformers", "vllm"]]
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    assert [axes.get_title() for axes in found.plot().axes] == [
        "ollama\nllama.cpp\nmlx-lm\n2 tokens",
        "ollama-mlx\ntransformers\nvllm\n1 tokens",
    ]


def test_what_is_shown_has_tokens_on_which_engines_differ():
    row = (np.random.default_rng(0).standard_normal(3000) * 3).astype(np.float32)
    found = compare(row, ["ollama", "vllm"], temperature=1.5, top_k=40, top_p=0.9, min_p=0.05)
    ranked = np.argsort(-row)
    assert found.shown(10).tolist() == [*ranked[:6], *ranked[29:33]]
    assert found.shown(4).tolist() == [*ranked[:2], *ranked[29:31]]
    assert [line["ollama"] > 0 for line in found.table(10)] == [True] * 6 + [False] * 4
