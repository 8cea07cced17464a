"""What people type out of habit, and the sentence that helps: one table for every model, method and constructor.

An option that a model does not take is a TypeError with the nearest name that it does take. For the names in
this table the nearest name would lead astray (`stream` is close to `system`), and a better answer is known.
The names are those of the `ollama` package, LlamaIndex, OpenAI, transformers and vLLM.
"""

_CONSTRUCTOR = "it is about the connection to a server and belongs to the constructor: Ollama(m, {name}=...)"
_BY_NAME = "give each option by its own name, as in complete(prompt, temperature=0.8, top_k=40)"
_FORMAT = "use format='json', or format= a JSON Schema or a pydantic class"
_ONE_ANSWER = "each call returns one answer: call it once per answer, with seed=0, 1, 2, ..."
_GONE = "Ollama's servers have ignored it since version 0.30"
_FUNCTIONS = "use tools= a list of Python functions or schemas, in chat()"
_TRUST = "use verify= the path of a file of certificates, in the constructor"
_PROXY = "the variables http_proxy, https_proxy and no_proxy of the environment decide, as for curl"

_WORKERS = "the constructor says how many threads compute a token, as in BuiltIn(workers=2)"

_STREAM = (
    "complete() and chat() return the whole answer; stream_complete(), stream_chat() return it as it comes"
)
_PROMPT = "the prompt is the first argument: complete(prompt)"
_PICTURE = "for a model that draws, ask request('POST', '/api/generate', {{...}})"

HABITS: dict[str, str] = {
    "stream": _STREAM,
    "streaming": _STREAM,
    "text": _PROMPT,
    "input": _PROMPT,
    "question": _PROMPT,
    "keep_alive": "it says how long a server keeps a model loaded; this model stays loaded while the object is there",
    "verbose": "response.timings and response.additional_kwargs tell what happened",
    "callbacks": "read stream_complete() in a loop to see each piece",
    "callback_manager": "logitlab.llms.llama_index.wrap(llm) has LlamaIndex's callbacks",
    "max_retries": "a request is sent once; catch OllamaError to send it again",
    "follow_redirects": "redirects are always followed",
    "grammar": "Ollama takes none; use format= a JSON Schema",
    "response_model": _FORMAT,
    "output_cls": _FORMAT,
    "api_base": "it is about the connection to a server and belongs to the constructor: Ollama(m, host=...)",
    "width": _PICTURE,
    "height": _PICTURE,
    "steps": _PICTURE,
    "options": _BY_NAME,
    "additional_kwargs": _BY_NAME,
    "model_kwargs": _BY_NAME,
    "generation_kwargs": _BY_NAME,
    "extra_body": _BY_NAME,
    "model": "an object answers with one model: ask Ollama('another').complete(...) for another one",
    "model_name": "an object answers with one model: ask Ollama('another').complete(...) for another one",
    "json_mode": _FORMAT,
    "response_format": _FORMAT,
    "json_schema": _FORMAT,
    "output_format": _FORMAT,
    "thinking": "use think=True, False, 'low', 'medium' or 'high'",
    "reasoning_effort": "use think='low', 'medium' or 'high'",
    "host": _CONSTRUCTOR,
    "base_url": _CONSTRUCTOR,
    "timeout": _CONSTRUCTOR,
    "request_timeout": _CONSTRUCTOR,
    "headers": _CONSTRUCTOR,
    "verify": _CONSTRUCTOR,
    "cert": _CONSTRUCTOR,
    "cafile": _TRUST,
    "ca_file": _TRUST,
    "ca_bundle": _TRUST,
    "ssl_context": f"{_TRUST}, verify=False for any, and cert= for the client's own",
    "verify_ssl": "use verify=False, or verify= the path of a file of certificates, in the constructor",
    "auth": "put user:password@ into host=, or use headers={{'Authorization': ...}}, in the constructor",
    "proxy": _PROXY,
    "proxies": _PROXY,
    "trust_env": _PROXY,
    "api_key": "use OLLAMA_API_KEY for ollama.com, or Ollama(model, headers={{'Authorization': 'Bearer ...'}})",
    "client": "Ollama(model, host=...) is the client",
    "async_client": "acomplete(), achat() and their streams are the asynchronous methods of the same object",
    "n": _ONE_ANSWER,
    "best_of": _ONE_ANSWER,
    "num_return_sequences": _ONE_ANSWER,
    "num_beams": "answers are sampled, or greedy with temperature=0; there is no beam search",
    "do_sample": "use temperature=0 for a greedy answer; anything above samples",
    "formatted": "use raw=True for a prompt that is in the model's template already",
    "messages": "chat(messages) takes a conversation",
    "prompt_key": "LlamaIndex does not use it, and neither does logitlab",
    "is_function_calling_model": "tools= may be given to any model; the server refuses them for one that takes none",
    "functions": _FUNCTIONS,
    "function_call": _FUNCTIONS,
    "tool_choice": "the model decides whether it calls one of tools=; leave tools= out to forbid it",
    "echo": "an answer never repeats its prompt: it is prompt + response.text",
    "user": "no server of Ollama's keeps users apart",
    "device": "use num_gpu=0 for the CPU; the server chooses otherwise",
    "mirostat": _GONE,
    "mirostat_tau": _GONE,
    "mirostat_eta": _GONE,
    "tfs_z": _GONE,
    "penalize_newline": _GONE,
    "num_thread": _WORKERS,
    "numa": _GONE,
    "low_vram": _GONE,
    "f16_kv": _GONE,
    "use_mlock": _GONE,
    "logits_all": _GONE,
    "vocab_only": _GONE,
    "logit_bias": "Ollama cannot change single tokens' logits; the built-in model and logitlab.Sampler can",
}  # fmt: skip

# What a habit aims at: a model that cannot do that says so instead.
AIMS = {
    "json_mode": "format", "response_format": "format", "json_schema": "format", "output_format": "format",
    "response_model": "format", "output_cls": "format", "grammar": "format", "thinking": "think",
    "reasoning_effort": "think", "functions": "tools", "function_call": "tools", "tool_choice": "tools",
}  # fmt: skip

# The same thing under another library's name: suggested, not taken.
# the names of arrays and draws are in logitlab.habits
ELSEWHERE = {
    "max_tokens": "num_predict",
    "max_new_tokens": "num_predict", "max_completion_tokens": "num_predict", "max_length": "num_predict",
    "n_predict": "num_predict", "num_output": "num_predict", "stop_sequences": "stop", "stop_strings": "stop",
    "repetition_penalty": "repeat_penalty",
    "penalty_last_n": "repeat_last_n", "context_window": "num_ctx", "n_ctx": "num_ctx",
    "system_prompt": "system", "typical": "typical_p", "n_gpu_layers": "num_gpu",
    "n_threads": "num_thread", "num_threads": "num_thread", "threads": "num_thread", "n_jobs": "num_thread",
    "workers": "num_thread", "max_workers": "num_thread",
    "n_batch": "num_batch", "n_keep": "num_keep", "n_probs": "top_logprobs",
}  # fmt: skip


def sentence(name: str) -> str:
    """Return what helps somebody who typed `name`; empty if that is no habit.

    Examples
    --------
    >>> sentence("stream")[:52]
    'complete() and chat() return the whole answer; strea'
    """
    return HABITS.get(name, "").format(name=name)
