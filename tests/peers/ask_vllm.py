"""vLLM's own sampler, its functions for PyTorch, out of its wheel: see vllm_wheel.py."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from peers import draws, vllm_wheel
from peers.rows import Library, Request

VERSION = vllm_wheel.load()  # what follows can be imported then

from vllm import SamplingParams  # noqa: E402
from vllm.v1.sample.logits_processor import BUILTIN_LOGITS_PROCESSORS, BatchUpdate, LogitsProcessors  # noqa: E402
from vllm.v1.sample.metadata import SamplingMetadata  # noqa: E402
from vllm.v1.sample.sampler import Sampler  # noqa: E402

REQUESTS: list[Request] = [
    {"temperature": 0.7, "top_k": 20, "top_p": 0.9},
    {"temperature": 1.5, "top_k": 50, "top_p": 0.8, "min_p": 0.05},
    {"top_k": 7},
    {"top_p": 0.5},
    {"min_p": 0.1},
    {"repeat_penalty": 1.3, "temperature": 0.8, "top_p": 0.9},
    {"presence_penalty": 1.5, "frequency_penalty": 0.5, "top_p": 0.9},
    {"logit_bias": [[[3], 6.0], [[5], -4.0]], "repeat_penalty": 1.5, "top_k": 9},
    {"ban_tokens": [[3], [4, 5]], "top_k": 9},
    {"min_new_tokens": 6, "eos_token_id": 3, "top_p": 0.7},
    {"temperature": 0.0, "top_p": 0.9},
]
# which of equal logits a top_p keeps is not said there
REQUESTS_WITH_TIES: list[Request] = [
    {"top_k": 7},
    {"temperature": 0.7, "top_k": 20},
    {"top_k": 15, "min_p": 0.2},
    {"presence_penalty": 1.5, "frequency_penalty": 0.5, "top_k": 9},
]
NAMES = {
    "repeat_penalty": "repetition_penalty",
    "min_new_tokens": "min_tokens",
}


def params_of(request: Request) -> Any:
    """Return vLLM's own parameters, checked and changed as it does."""
    own = {
        NAMES.get(name, name): value
        for name, value in request.items()
        if name not in ("ban_tokens", "logit_bias", "eos_token_id")
    }
    biases = {tokens[0]: bias for tokens, bias in request.get("logit_bias", [])}
    stop = [request["eos_token_id"]] if "eos_token_id" in request else []
    return SamplingParams(**own, logit_bias=biases or None, stop_token_ids=stop)


def processors_of(params: Any, output: list[int]) -> Any:
    """Return its processors, which have seen the request."""
    config = SimpleNamespace(scheduler_config=SimpleNamespace(max_num_seqs=1))
    made = [kind(config, torch.device("cpu"), False) for kind in BUILTIN_LOGITS_PROCESSORS]
    for processor in made:
        processor.update_state(BatchUpdate(1, [], [(0, params, [], output)], []))
    return LogitsProcessors(made)


def metadata_of(params: Any, n: int, prompt: list[int], output: list[int], bans: list[list[int]]) -> Any:
    """Return what its engine tells its sampler of one request."""

    def one(number: float, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        return torch.tensor([number], dtype=dtype)

    greedy = params.temperature < 1e-5
    return SamplingMetadata(
        temperature=one(params.temperature),
        all_greedy=greedy,
        all_random=not greedy,
        top_p=one(params.top_p) if params.top_p < 1 else None,
        top_k=one(params.top_k, torch.int32) if 0 < params.top_k < n else None,
        generators={},
        max_num_logprobs=-1,
        no_penalties=False,
        prompt_token_ids=torch.tensor([prompt], dtype=torch.int64),
        frequency_penalties=one(params.frequency_penalty),
        presence_penalties=one(params.presence_penalty),
        repetition_penalties=one(params.repetition_penalty),
        output_token_ids=[output],
        allowed_token_ids_mask=None,
        bad_words_token_ids={0: bans} if bans else {},
        logitsprocs=processors_of(params, output),
    )


def scores(logits: np.ndarray, history: list[int], generated: int, request: Request) -> np.ndarray:
    """Return the log-probabilities that its sampler draws from."""
    at, params = len(history) - generated, params_of(request)
    metadata = metadata_of(params, len(logits), history[:at], history[at:], request.get("ban_tokens", []))
    found = Sampler("processed_logprobs")(torch.from_numpy(logits)[None], metadata)
    if not metadata.all_greedy:
        return found.logprobs_tensors.logprobs[0].numpy()
    greedy = np.full(len(logits), -np.inf)
    greedy[int(found.sampled_token_ids)] = 0
    return greedy


LIBRARY = Library(
    engine="vllm",
    versions={"vllm": VERSION, "torch": torch.__version__.partition("+")[0]},
    requests=REQUESTS,
    requests_with_ties=REQUESTS_WITH_TIES,
    options={
        "temperature": draws.one_of(0.0, draws.between(0.1, 2), draws.between(0.1, 2)),
        "top_k": draws.whole(0, 40),
        "top_p": draws.between(0.001, 1),
        "min_p": draws.between(0, 0.5),
        "logit_bias": draws.biases(longest=1),
        "ban_tokens": draws.bans(longest=3),
        "min_new_tokens": draws.whole(0, 12),
        "repeat_penalty": draws.between(0.5, 2),
        "presence_penalty": draws.between(-2, 2),
        "frequency_penalty": draws.between(-2, 2),
    },
    scores=scores,
    defaults={"temperature": SamplingParams().temperature},
)
