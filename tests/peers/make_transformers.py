"""Writes tests/vectors/transformers.json: rows, options, and what the real library keeps of them, with its version.

    python tests/peers/make_transformers.py

It needs torch and transformers, and `make test-peers` runs it first; `make test` reads what it wrote, and needs
neither. The processors and their order are the library's own choice: `generate` makes its list in the same call. The
same versions write the same bytes.
"""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
import transformers
from transformers import GenerationConfig
from transformers.generation.utils import GenerationMixin

TO = Path(__file__).parents[1] / "vectors" / "transformers.json"
N, GENERATED = 200, 4

REQUESTS: list[dict[str, Any]] = [
    {"temperature": 0.7, "top_k": 20, "top_p": 0.9},
    {"temperature": 1.5, "top_k": 50, "top_p": 0.8, "min_p": 0.05},
    {"top_k": 7},
    {"top_p": 0.5},
    {"min_p": 0.1},
    {"typical_p": 0.6},
    {"typical_p": 0.9, "temperature": 0.5},
    {"epsilon_cutoff": 0.01},
    {"eta_cutoff": 0.02},
    {"top_h": 0.5},
    {"top_h": 0.6, "top_k": 12, "temperature": 2.5},
    {"repeat_penalty": 1.3, "temperature": 0.8, "top_p": 0.9},
    {"no_repeat_ngram_size": 2, "top_k": 10},
    {"logit_bias": [[[3], 6.0], [[5], -4.0]], "repeat_penalty": 1.5, "top_k": 9},
    {"ban_tokens": [[3], [4, 5]], "top_k": 9},
    {"min_new_tokens": 6, "eos_token_id": 3, "top_p": 0.7},
    {
        "temperature": 2.0,
        "top_k": 60,
        "top_p": 0.97,
        "min_p": 0.01,
        "typical_p": 0.9,
        "epsilon_cutoff": 0.004,
    },
    {"temperature": 2.0, "top_k": 60, "typical_p": 0.8, "eta_cutoff": 0.02},
]
# where equal logits at the cut are kept or not; which of them a top_p keeps is not said there
REQUESTS_WITH_TIES: list[dict[str, Any]] = [
    {"top_k": 7},
    {"temperature": 0.7, "top_k": 20},
    {"top_k": 15, "min_p": 0.2},
    {"typical_p": 0.6},
    {"epsilon_cutoff": 0.01},
]
NAMES = {"repeat_penalty": "repetition_penalty", "logit_bias": "sequence_bias", "ban_tokens": "bad_words_ids"}


def row_of(seed: int, step: float = 2.0**-20) -> np.ndarray:
    """Give logits from a recipe of exact operations, on a grid: the coarser, the more are equal."""
    words = np.random.PCG64(seed).random_raw(2 * N)
    unit = (words >> np.uint64(44)).astype(np.float64) * 2.0**-20
    spread = (unit[:N] + unit[N:] - 1) * (2 + seed % 5) * 4
    return (np.rint(spread / step) * step).astype(np.float32)


def history_of(logits: np.ndarray, seed: int) -> list[int]:
    """Give the tokens so far: few different ones, the best among them."""
    best = np.argsort(-logits, kind="stable")[:6]
    picks = np.random.PCG64(seed + 1000).random_raw(14) % np.uint64(6)
    return [int(best[int(i)]) for i in picks]


class Decoder(GenerationMixin):
    """As much of a model as `generate` asks when it makes its list of processors."""

    config = SimpleNamespace(is_encoder_decoder=False)

    def processors(self, request: dict[str, Any], prompt: int) -> Any:
        """Give transformers' own list for a request."""
        settings = {NAMES.get(name, name): value for name, value in request.items()}
        config = GenerationConfig(do_sample=True, **settings)
        config._eos_token_tensor = torch.tensor([request.get("eos_token_id", N - 1)])
        return self._get_logits_processor(config, input_ids_seq_length=prompt, device="cpu")


def kept(logits: np.ndarray, history: list[int], request: dict[str, Any]) -> list[int]:
    """Give the tokens that transformers leaves above -inf."""
    processors = Decoder().processors(request, len(history) - GENERATED)
    scores = processors(torch.tensor([history]), torch.from_numpy(logits)[None])
    return torch.nonzero(scores[0] > -torch.inf).flatten().tolist()


def of_row(logits: np.ndarray, seed: int, requests: list[dict[str, Any]]) -> dict[str, Any]:
    """Give a row with what is kept of it for each request."""
    history = history_of(logits, seed)
    cases = [{"options": request, "kept": kept(logits, history, request)} for request in requests]
    return {"logits": logits.tolist(), "history": history, "generated": GENERATED, "cases": cases}


def contents() -> str:
    """Give the file's text."""
    rows = [of_row(row_of(seed), seed, REQUESTS) for seed in range(12)]
    rows += [of_row(row_of(seed, step=0.5), seed, REQUESTS_WITH_TIES) for seed in range(12, 18)]
    versions = {"transformers": transformers.__version__, "torch": torch.__version__.partition("+")[0]}
    defaults = {
        name: GenerationConfig._get_default_generation_params()[name]
        for name in (
            "temperature",
            "top_k",
            "top_p",
            "typical_p",
            "repetition_penalty",
            "no_repeat_ngram_size",
        )
    }
    head = json.dumps({"versions": versions, "defaults": defaults})
    lines = ",\n".join(json.dumps(row).replace('{"options"', '\n  {"options"') for row in rows)
    return f'{head[:-1]}, "rows": [\n{lines}\n]}}\n'


def main() -> None:
    """Write the file."""
    TO.write_text(contents(), encoding="utf-8")
    print(f"tests/vectors/transformers.json: transformers {transformers.__version__}")


if __name__ == "__main__":
    main()
