"""The text goes on by the seed, and back: the i-th token that is added takes the i-th double of the seed's stream."""

import numpy as np
import pytest

from logitlab import Explorer, Sampler
from logitlab.llms import BuiltIn


class Model:
    """A model whose logits depend on the whole text; token 0 ends an answer."""

    model = "tiny"
    words = ("<end>", " a", " b", " c", "é", "\n")
    ends = frozenset([0])

    def tokenize(self, text, *, chat=False):
        return [len(text)]

    def detokenize(self, tokens):
        return "".join(self.words[token] for token in tokens)

    def next_logits(self, tokens, *, chat=False):
        logits = np.random.default_rng([*tokens]).normal(size=6).astype(np.float32)
        logits[0] -= 4
        return logits


def written(text, seed, n, **options):
    """The same, token by token, with a plain loop."""
    model, sampler = Model(), Sampler(**options)
    rng, ids, added = np.random.default_rng(seed), model.tokenize(text), []
    for _ in range(n):
        token = int(sampler.sample(model.next_logits([*ids, *added]), rng=rng))
        if token == 0:
            break
        added.append(token)
    return added


@pytest.mark.parametrize("seed", range(12))
def test_the_i_th_token_takes_the_i_th_double(seed):
    at_once, stepwise = (Explorer(Model(), "xy", seed=seed, temperature=1.3, top_k=5) for _ in range(2))
    expected = written("xy", seed, 15, temperature=1.3, top_k=5)
    assert at_once.write(15) == Model().detokenize(expected)
    for _ in range(15):
        stepwise.write()
    assert stepwise._source["added"] == at_once._source["added"] == [[t, Model.words[t]] for t in expected]
    np.testing.assert_array_equal(stepwise.logits, at_once.logits)


def test_draws_begin_at_the_place_of_the_text():
    explorer = Explorer(Model(), "xy", seed=3)
    explorer.write(2)
    assert len(explorer._what.added) == 2
    explorer.draws = 9
    rng = np.random.default_rng(3)
    rng.random(2)
    np.testing.assert_array_equal(
        explorer._screen().drawn(), explorer.sampler.sample(explorer.logits, size=9, rng=rng)
    )


def test_back_to_an_earlier_place_another_text_and_reset():
    explorer = Explorer(Model(), "xy", seed=1, temperature=0.5)
    first = explorer.logits.copy()
    for token in (1, 2, 3):
        explorer.follow(token)
    row_after_one = np.array(Model().next_logits([2, 1]))
    explorer._answer(explorer, {"kind": "text", "start": "xy", "added": [1]}, [])
    assert explorer.text == "xy a"
    np.testing.assert_array_equal(explorer.logits, row_after_one)
    explorer.begin("abc")
    assert (explorer.text, explorer._source["added"]) == ("abc", [])
    explorer.temperature, explorer.top_k, explorer.seed, explorer.draws = 2.0, 3, 9, 100
    explorer.reset()
    assert (explorer.temperature, explorer.top_k, explorer.seed, explorer.draws) == (0.5, 0, 1, 0)
    assert explorer.text == "xy"
    np.testing.assert_array_equal(explorer.logits, first)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"start": "xy", "added": [6]}, "a token id"),
        ({"start": "xy", "added": [True]}, "a token id"),
        ({"start": "", "added": []}, "at least one character"),
        ({"start": 5, "added": []}, "must be a str"),
    ],
)
def test_a_wrong_text_is_refused_and_the_old_one_stays(content, says):
    explorer = Explorer(Model(), "xy")
    explorer.follow(1)
    explorer._answer(explorer, {"kind": "text"} | content, [])
    assert says in explorer._error
    assert explorer.text == "xy a"


def test_what_has_no_model_does_not_go_on():
    for work in (lambda e: e.write(), lambda e: e.begin("x"), lambda e: e.follow(0)):
        with pytest.raises(ValueError, match="continues only with a model"):
            work(Explorer([1.0, 2.0]))
    with pytest.raises(ValueError, match=r"n must be an integer >= 1, got 0"):
        Explorer(Model(), "xy").write(0)


TEXTS = ["My favourite colour is", "What is Singapore?", "Once upon a time", "2 + 2 =", "Der Hund"]


@pytest.mark.model
def test_fifty_texts_of_twenty_tokens_are_those_of_complete():
    """The text that the explorer writes with a seed is the built-in model's answer with that seed."""
    llm = BuiltIn()
    rng = np.random.default_rng(8)
    explorers = {text: Explorer(llm, text) for text in TEXTS}
    for i in range(50):
        text, explorer = TEXTS[i % 5], explorers[TEXTS[i % 5]]
        options = {
            "temperature": float(rng.choice([0.3, 0.8, 1.0, 1.6])),
            "top_k": int(rng.choice([0, 5, 40])),
            "top_p": float(rng.choice([0.5, 0.9, 1.0])),
            "min_p": float(rng.choice([0.0, 0.05])),
        }
        explorer.reset()
        for name, value in {**options, "seed": i}.items():
            setattr(explorer, name, value)
        answer = llm.complete(text, raw=True, seed=i, num_predict=20, **options)
        assert explorer.write(20) == answer.text, (text, i, options)
