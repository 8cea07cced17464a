"""Writes tests/vectors/transformers.json: rows, options, and what the real library keeps of them, with its version.

    python tests/peers/make_transformers.py

It needs torch and transformers; `make test` reads what it wrote, and needs neither.
"""

import json
from pathlib import Path

import numpy as np
import torch
import transformers
from transformers.generation import logits_process as lp

TO = Path(__file__).parents[1] / "vectors" / "transformers.json"
N = 200

# what transformers' own `_get_logits_processor` makes of a request, in its order
WARPERS = {
    "repeat_penalty": lambda v: lp.RepetitionPenaltyLogitsProcessor(penalty=v),
    "no_repeat_ngram_size": lambda v: lp.NoRepeatNGramLogitsProcessor(v),
    "temperature": lambda v: lp.TemperatureLogitsWarper(v),
    "top_k": lambda v: lp.TopKLogitsWarper(top_k=v),
    "top_h": lambda v: lp.TopHLogitsWarper(top_h=v),
    "top_p": lambda v: lp.TopPLogitsWarper(top_p=v),
    "min_p": lambda v: lp.MinPLogitsWarper(min_p=v),
    "typical_p": lambda v: lp.TypicalLogitsWarper(mass=v),
    "epsilon_cutoff": lambda v: lp.EpsilonLogitsWarper(epsilon=v),
    "eta_cutoff": lambda v: lp.EtaLogitsWarper(epsilon=v, device="cpu"),
}
REQUESTS = [
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
    {"repeat_penalty": 1.3, "temperature": 0.8, "top_p": 0.9},
    {"no_repeat_ngram_size": 2, "top_k": 10},
]


def row_of(seed: int) -> np.ndarray:
    """A row from a recipe of exact operations, so that only the seed needs to be kept."""
    words = np.random.PCG64(seed).random_raw(2 * N)
    unit = (words >> np.uint64(44)).astype(np.float64) * 2.0**-20
    return ((unit[:N] + unit[N:] - 1) * (2 + seed % 5) * 4).astype(np.float32)


def history_of(seed: int) -> list[int]:
    """The tokens so far: few different ones, the best among them."""
    best = np.argsort(-row_of(seed), kind="stable")[:6]
    picks = np.random.PCG64(seed + 1000).random_raw(14) % np.uint64(6)
    return [int(best[int(i)]) for i in picks]


def kept(seed: int, request: dict[str, float]) -> list[int]:
    """The tokens that transformers leaves above -inf."""
    scores = torch.from_numpy(row_of(seed))[None]
    history = torch.tensor([history_of(seed)])
    for option, make in WARPERS.items():
        if option in request:
            scores = make(request[option])(history, scores)
    return torch.nonzero(scores[0] > -torch.inf).flatten().tolist()


def main() -> None:
    """Write the file."""
    rows = [
        {"seed": seed, "options": request, "kept": kept(seed, request)}
        for request in REQUESTS
        for seed in range(12)
    ]
    versions = {"transformers": transformers.__version__, "torch": torch.__version__}
    text = json.dumps({"versions": versions, "n": N, "rows": rows})
    TO.write_text(text.replace('{"seed"', '\n{"seed"') + "\n", encoding="utf-8")
    print(f"{len(rows)} rows of transformers {transformers.__version__}")


if __name__ == "__main__":
    main()
