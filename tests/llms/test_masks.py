"""Masked token ids and options are errors for the built-in model as well."""

import numpy as np
import pytest


@pytest.mark.parametrize("mask", [np.ma.nomask, False, True, [False, True]])
@pytest.mark.parametrize("method", ["next_logits", "detokenize"])
def test_token_ids(llm, method, mask):
    with pytest.raises(TypeError, match="without a mask, got a masked array"):
        getattr(llm, method)(np.ma.array([40, 41], mask=mask))
    with pytest.raises(TypeError, match="without a mask, got a masked array"):
        getattr(llm, method)([40, np.ma.array(41)])


@pytest.mark.parametrize("mask", [False, True])
@pytest.mark.parametrize(
    ("name", "value"),
    [("temperature", 0.5), ("top_k", 2), ("typical_p", 0.5), ("repeat_penalty", 1.1), ("ban_tokens", [1]), ("seed", 1),
     ("num_predict", 1), ("xtc_probability", 0.5), ("logit_bias", [1, 2])],
)  # fmt: skip
def test_options(llm, name, value, mask):
    with pytest.raises(TypeError):
        llm.complete("a", **{"num_predict": 1, name: np.ma.array(value, mask=mask)})
    with pytest.raises(TypeError):
        type(llm)(llm.path, **{name: np.ma.array(value, mask=mask)})


def test_numpy_numbers_are_numbers(llm):
    options = {
        "temperature": np.float16(0.5),
        "top_k": np.int8(3),
        "top_p": np.float32(0.5),
        "seed": np.uint32(1),
    }
    options |= {"num_predict": np.int64(3), "raw": np.True_, "typical_p": np.float32(0.5)}
    plain = {name: value.item() for name, value in options.items()}
    assert llm.complete("a", **options).text == llm.complete("a", **plain).text
