"""The engines' presets keep what the engines' own code keeps, with the same probabilities: transformers, mlx-lm, vLLM.

On 1200 random rows each, with and without equal logits, with histories and any of the options that the engine has. A
token that the engine does not specify, of equal ones at a cut, is counted apart. Its sums are in float32, so that the
numbers asked are none of the few at which a rounding decides.
"""

from collections import Counter

import numpy as np
import pytest
from peers.rows import any_row, ours, sampler_of, theirs, verdict
from peers.vectors import ASKED, VECTORS, contents, library

from logitlab.sampling import ENGINES

ROWS = 1200
WRONG = ("kept", "shares")


@pytest.mark.parametrize("name", ASKED)
def test_the_file_is_what_the_library_says(name):
    asked = library(name)
    assert (VECTORS / f"{asked.engine}.json").read_text(encoding="utf-8") == contents(asked)


@pytest.mark.parametrize("name", ASKED)
def test_random_rows(name, say):
    asked, rng = library(name), np.random.default_rng(20)
    found, bare, options, wrong = Counter(), Counter(), Counter(), []
    for _ in range(ROWS):
        context = any_row(rng)
        request = asked.any_request(rng, len(context[0]), context[1])
        options.update(list(request))
        answer = theirs(asked, *context, request)
        said = verdict(ours(sampler_of(asked.engine, request), *context), answer)
        found[said] += 1
        bare[verdict(ours(sampler_of(asked.engine, request, without_edges=True), *context), answer)] += 1
        if said in WRONG:
            wrong.append((said, *context, request))
    versions = ", ".join(f"{library} {version}" for library, version in asked.versions.items())
    say(
        f"{asked.engine} ({versions}): {ROWS} rows, {len(wrong)} differences,"
        f" {found['unspecified']} unspecified ties; {sum(bare[kind] for kind in WRONG)} differences"
        " without the preset's edge rules"
    )
    first = next(iter(asked.versions.items()))
    if " ".join(first) != ENGINES[asked.engine].ran:
        say(f"{' '.join(first)} ran here; the preset was held to {ENGINES[asked.engine].ran} before.")
    assert not wrong, wrong[:3]
    assert set(options) >= set(asked.options)
    assert sum(bare[kind] for kind in WRONG) > ROWS / 100


@pytest.mark.parametrize("name", ASKED)
def test_the_options_asked_are_all_that_the_engine_has(name):
    asked = library(name)
    engine = ENGINES[asked.engine]
    request = {option: draw(np.random.default_rng(0), 50, [1, 2]) for option, draw in asked.options.items()}
    request |= {"eos_token_id": 0} if "min_new_tokens" in request else {}
    assert {step.kind for step in sampler_of(asked.engine, request).steps} == {*engine.order}


def test_what_an_engine_refuses_is_refused():
    """`Engine.unlike`, of the engines that check their numbers."""
    from peers.ask_mlx_lm import scores as mlx_lm
    from peers.ask_transformers import scores as transformers
    from peers.ask_vllm import params_of
    from vllm.exceptions import VLLMValidationError

    row = np.zeros(3, np.float32)
    for request in (
        {"top_p": 0.0}, {"temperature": 2.1}, {"presence_penalty": 2.1}, {"frequency_penalty": -2.1},
    ):  # fmt: skip
        with pytest.raises(VLLMValidationError, match=next(iter(request))):
            params_of(request)
    for T, applied in [(1e-9, 0.01), (0.009, 0.01), (0.01, 0.01), (0.0, 0.0)]:
        assert params_of({"temperature": T}).temperature == applied
    with pytest.raises(ValueError, match="temperature"):
        transformers(row, [], 0, {"temperature": 0.0})
    with pytest.raises(ValueError, match="threshold"):
        mlx_lm(row, [], 0, {"xtc_probability": 1.0, "xtc_threshold": 0.6})
    with pytest.raises(ValueError, match="top_k"):
        mlx_lm(row, [], 0, {"top_k": 3})
