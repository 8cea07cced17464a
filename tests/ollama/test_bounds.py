"""`.low` and `.high` hold the truth between them, and `exact` means that they meet: for every order of steps.

The oracle (wire/chains.py) knows the whole vocabulary; what a server would tell of it is all that is looked at.
"""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire.chains import NEUTRAL, oracle, told

from logitlab.llms.chain import ORDER
from logitlab.llms.distribution import TokenDistribution, distributions


def check(result: TokenDistribution, truth: dict[int, float]) -> None:
    """The numbers of float32 are good to 1e-6, which a low temperature magnifies."""
    of = [truth.get(int(token.strip(" ;")), 0.0) for token in result.tokens]
    assert (result.low <= result.probs + 1e-12).all()
    assert (result.probs <= result.high + 1e-12).all()
    for low, prob, high in zip(result.low, of, result.high, strict=True):
        assert low - 1e-4 <= prob <= high + 1e-4
    if result.exact:
        assert np.array_equal(result.low, result.high)
        assert math.isclose(sum(of), 1.0, rel_tol=1e-9)


chosen = st.fixed_dictionaries(
    {
        "temperature": st.sampled_from([0.0, 0.3, 0.8, 1.0, 1.5, 3.0]),
        "top_k": st.sampled_from([0, 1, 5, 19, 20, 21, 40, 100]),
        "top_p": st.sampled_from([0.0, 0.3, 0.6, 0.9, 0.99, 1.0]),
        "min_p": st.sampled_from([0.0, 0.01, 0.1, 0.5, 1.0]),
        "xtc_probability": st.sampled_from([0.0, 0.5, 1.0]),
        "xtc_threshold": st.sampled_from([0.02, 0.1, 0.3, 0.6]),
    }
)
sequences = st.permutations([kind for kind in ORDER if kind not in ("penalties", "typical_p")]).flatmap(
    lambda kinds: st.sampled_from(range(1, len(kinds) + 1)).map(lambda n: kinds[:n])
)
rows = st.tuples(
    st.integers(0, 10_000), st.sampled_from([0.3, 1.0, 2.0, 4.0, 8.0]), st.sampled_from([60, 1000])
)


def row_of(row: tuple[int, float, int]) -> "tuple[Any, Any]":
    seed, spread, n = row
    rng = np.random.default_rng(seed)
    return rng, rng.normal(0, spread, n)


@settings(max_examples=120, deadline=None)
@given(rows, chosen, st.none() | sequences, st.sampled_from([5, 20]))
def test_the_truth_lies_between(
    row: tuple[int, float, int], options: dict[str, Any], kinds: list[str] | None, best: int
) -> None:
    """Any order of any of the steps, as a model's file can name it; without one, that of llama.cpp."""
    rng, logits = row_of(row)
    given_ = NEUTRAL | options | ({} if kinds is None else {"sequence": ";".join(kinds)})
    truth = oracle(dict(enumerate(logits)), kinds or ORDER[1:], given_)
    drawn = int(rng.choice(list(truth), p=list(truth.values())))
    (result,) = distributions([told(logits, drawn, best)], given_)
    assert "other options were effective" not in result.why
    check(result, truth)


@settings(max_examples=40, deadline=None)
@given(
    rows,
    chosen,
    st.sampled_from([0.0, 0.4, 1.5, -0.7]),
    st.sampled_from([0.0, 0.3, -0.2]),
    st.sampled_from([0, 2, 64, -1]),
    st.booleans(),
    st.sampled_from(["known", "text", "nothing"]),
)
def test_penalties_with_the_prompt_as_history(
    row: tuple[int, float, int],
    options: dict[str, Any],
    presence: float,
    frequency: float,
    last_n: int,
    first_hot: bool,
    prompt_is: str,
) -> None:
    """The window holds the end of the prompt and what has been said; the answer's own tokens are always known."""
    rng, logits = row_of(row)
    likely = [int(i) for i in np.argsort(-logits)[:8]]
    prompt = [int(i) for i in rng.choice(likely, size=int(rng.integers(0, 6)))]
    kinds = ["penalties", "temperature", "top_k", "top_p", "min_p"] if first_hot else list(ORDER)
    given_ = (
        NEUTRAL | options | {"xtc_probability": 0.0} | ({"sequence": ";".join(kinds)} if first_hot else {})
    )
    given_ |= {"presence_penalty": presence, "frequency_penalty": frequency, "repeat_last_n": last_n}
    said: list[int] = []
    truths = []
    for _ in range(4):
        before = prompt + said
        window = before if last_n < 0 else before[len(before) - last_n :] if last_n < len(before) else before
        truths.append(oracle(dict(enumerate(logits)), [k for k in kinds if k != "typical_p"], given_, window))
        said.append(int(rng.choice(list(truths[-1]), p=list(truths[-1].values()))))
    options_in_force = WithPrompt(given_)
    options_in_force.raw_prompt = "".join(f" {i};" for i in prompt) if prompt_is == "text" else None
    results = distributions(
        [told(logits, drawn, 20) for drawn in said],
        options_in_force,
        said={"eval_count": 4, "done_reason": "length"},
        prompt_tokens=[f" {i};" for i in prompt] if prompt_is == "known" else None,
    )
    for result, truth in zip(results, truths, strict=True):
        assert "other options were effective" not in result.why
        check(result, truth)
        if prompt_is == "known":
            assert "prompt_tokens" not in result.why


class WithPrompt(dict[str, Any]):
    """Options, and the raw prompt that they were sent with."""

    raw_prompt: str | None = None


@pytest.mark.parametrize("presence", [0.0, 1.5])
@pytest.mark.parametrize("frequency", [0.0, 1.0])
def test_where_the_prompt_matters(presence: float, frequency: float) -> None:
    """Exact with the prompt's tokens; with its text where no token told can be in it; else it says what is missing."""
    logits = np.random.default_rng(1).normal(0, 4, 1000)
    best = [int(i) for i in np.argsort(-logits)[:2]]
    options = WithPrompt(NEUTRAL | {"top_k": 5, "presence_penalty": presence, "frequency_penalty": frequency})
    prompt = [f" {i};" for i in best]
    off = not presence and not frequency

    def ask(**known: Any) -> TokenDistribution:
        return distributions([told(logits, best[0], 20)], options, **known)[0]

    assert ask().exact is off
    assert ("sampling_distribution(prompt_tokens=" in ask().why) is not off
    assert ask(prompt_tokens=prompt).exact
    assert ask(prompt_tokens=[]).exact
    moved = ask(prompt_tokens=prompt).probs[:2] / ask(prompt_tokens=[]).probs[:2]
    assert bool(moved[0] == 1) is off
    options.raw_prompt = "Once upon a time"
    assert ask().exact
    assert np.array_equal(ask().probs, ask(prompt_tokens=[]).probs)
    options.raw_prompt = "".join(prompt)
    assert ask().exact is off


def test_a_repeat_penalty_cannot_be_followed() -> None:
    logits = np.random.default_rng(1).normal(0, 4, 1000)
    drawn = int(logits.argmax())
    options = WithPrompt(NEUTRAL | {"top_k": 5, "repeat_penalty": 1.3})
    (result,) = distributions([told(logits, drawn, 20)], options, prompt_tokens=[f" {drawn};"])
    assert not result.exact
    assert "sign" in result.why
    assert "repeat_penalty=1" in result.why
    (result,) = distributions([told(logits, drawn, 20)], options, prompt_tokens=[" Once"])
    assert result.exact  # it moves no token that can be drawn


@pytest.mark.parametrize("name", ["top_p", "min_p"])
def test_a_cut_within_float32_of_its_bound(name: str) -> None:
    """Probabilities .5, .3, .2: a bound at .8 or at .2/.5 may fall on either side in float32."""
    logits = np.append(np.log([0.5, 0.3, 0.2]), np.full(30, -50.0))
    for shift in (-2e-6, 0.0, 2e-6):
        value = (0.8 if name == "top_p" else 0.4) * (1 + shift)
        for drawn in range(3):
            (result,) = distributions([told(logits, drawn, 20)], NEUTRAL | {name: value, "top_k": 20})
            assert not result.exact
            assert "other options were effective" not in result.why
            assert result.low[2] == 0
            assert math.isclose(result.high[2], 0.2, rel_tol=1e-4)
    for value in (0.79, 0.81) if name == "top_p" else (0.39, 0.41):
        assert distributions([told(logits, 0, 20)], NEUTRAL | {name: value, "top_k": 20})[0].exact


@pytest.mark.parametrize("chosen", [{"top_k": 2}, {"temperature": 0.0, "top_k": 20}], ids=str)
def test_equal_logits_at_a_cut(chosen: dict[str, Any]) -> None:
    """Which of equal logits llama.cpp keeps is not specified."""
    tied = [2.0, 2.0, 1.0] if "temperature" in chosen else [3.0, 2.0, 2.0]
    logits = np.append(tied, np.full(30, -30.0))
    for drawn in range(3):
        (result,) = distributions([told(logits, drawn, 20)], NEUTRAL | chosen)
        assert not result.exact
        assert ("other options were effective" in result.why) is False
    assert sum(result.high > 0) == 3 - ("temperature" in chosen)


def test_unknown_has_room_for_float32() -> None:
    """The probabilities of a whole vocabulary, added in float32, sum to 1.00024 at most."""
    logits = np.append(np.log([0.9, 0.1]), np.full(30, -12.0))
    (result,) = distributions([told(logits, 0, 20)], NEUTRAL | {"top_k": 0})
    assert 3e-4 <= result.unknown < 4e-4
    (result,) = distributions([told(logits, 0, 20)], NEUTRAL | {"top_p": 0.8998})
    assert not result.exact
    (result,) = distributions([told(logits, 0, 20)], NEUTRAL | {"top_p": 0.8988})
    assert result.exact
