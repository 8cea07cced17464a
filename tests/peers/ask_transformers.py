"""transformers' own processors, in the order that its `generate` gives them."""

import warnings
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
import transformers
from peers import draws
from peers.rows import Library, Request
from transformers import GenerationConfig
from transformers.generation.utils import GenerationMixin

REQUESTS: list[Request] = [
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
# which of equal logits a top_p keeps is not said there
REQUESTS_WITH_TIES: list[Request] = [
    {"top_k": 7},
    {"temperature": 0.7, "top_k": 20},
    {"top_k": 15, "min_p": 0.2},
    {"typical_p": 0.6},
    {"epsilon_cutoff": 0.01},
]
NAMES = {"repeat_penalty": "repetition_penalty", "logit_bias": "sequence_bias", "ban_tokens": "bad_words_ids"}
DEFAULTS = ("temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "no_repeat_ngram_size")


class Decoder(GenerationMixin):
    """As much of a model as `generate` asks when it makes its list of processors."""

    config = SimpleNamespace(is_encoder_decoder=False)

    def processors(self, request: Request, prompt: int, n: int) -> Any:
        """Return transformers' own list for a request."""
        settings = {NAMES.get(name, name): value for name, value in request.items()}
        config = GenerationConfig(do_sample=True, **{"top_k": 0} | settings)
        config._eos_token_tensor = torch.tensor([request.get("eos_token_id", n - 1)])
        return self._get_logits_processor(config, input_ids_seq_length=prompt, device="cpu")


def scores(logits: np.ndarray, history: list[int], generated: int, request: Request) -> np.ndarray:
    """Return what its processors make of a row."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Passing .* with .inputs_embeds")  # an empty prompt looks like it
        processors = Decoder().processors(request, len(history) - generated, len(logits))
    tokens = torch.tensor([history], dtype=torch.long)
    return processors(tokens, torch.from_numpy(logits)[None])[0].numpy()


LIBRARY = Library(
    engine="transformers",
    versions={"transformers": transformers.__version__, "torch": torch.__version__.partition("+")[0]},
    requests=REQUESTS,
    requests_with_ties=REQUESTS_WITH_TIES,
    options={
        "temperature": draws.between(0.1, 3),
        "top_k": draws.whole(1, 40),
        "top_p": draws.between(0, 1),
        "min_p": draws.between(0, 0.5),
        "typical_p": draws.between(0, 1),
        "epsilon_cutoff": draws.between(0, 0.1),
        "eta_cutoff": draws.between(0, 0.1),
        "top_h": draws.between(0, 1),
        "repeat_penalty": draws.between(0.5, 2),
        "no_repeat_ngram_size": draws.whole(1, 4),
        "logit_bias": draws.biases(longest=3),
        "ban_tokens": draws.bans(longest=3),
        "min_new_tokens": draws.whole(0, 12),
    },
    scores=scores,
    defaults={name: GenerationConfig._get_default_generation_params()[name] for name in DEFAULTS},
)
