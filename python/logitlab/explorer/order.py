"""Which engine's order a server's model is sampled in, and what of it the sliders do not show.

Ollama samples GGUF models in llama.cpp's order, unless the model's file names another one, and other models in the
order of its MLX runner.
"""

from collections.abc import Mapping
from typing import Any

from logitlab.explorer.controls import CONTROLS
from logitlab.llms import chain
from logitlab.llms.ollama.effective import of_the_file
from logitlab.sampling.engines import ENGINES

_KINDS = {control.kind for control in CONTROLS.values()}
# A file that lacks one of these has an order of its own; one that lacks another step may still have an engine's order.
_EVERYWHERE = _KINDS.intersection(*(engine.order for engine in ENGINES.values()))


def order_of(shown: Mapping[str, Any]) -> tuple[str, str]:
    """Return the engine that has the order of a model, by what /api/show says of it, and what to tell the user.

    Examples
    --------
    >>> order_of({"model_info": {"general.sampling.sequence": "temperature;min_p;top_k;top_p"}})
    ('vllm', "the model's file orders its steps as vllm does")
    """
    if shown.get("details", {}).get("format", "gguf") != "gguf":
        return "ollama-mlx", ""
    rows = {name: value for name, (value, _) in of_the_file(shown).items()}
    if rows.get("mirostat"):
        return "ollama", f"the model's file sets mirostat {rows['mirostat']}, which the sliders do not show"
    said = []
    engine = "ollama"
    if "sequence" in rows:
        kinds = [kind for kind in chain.order(rows)[0] if kind in _KINDS]
        compared = _EVERYWHERE | set(kinds)
        engines = [
            name for name, other in ENGINES.items() if kinds == [k for k in other.order if k in compared]
        ]
        engine = engines[0] if engines else "ollama"
        if not engines:
            said.append(
                f"the model's file has its own steps, {', '.join(kinds)}: the sliders have llama.cpp's"
            )
        elif engine != "ollama":
            said.append(f"the model's file orders its steps as {engine} does")
    if rows.get("xtc_probability"):
        said.append(
            f"the model's file sets xtc_probability {rows['xtc_probability']}, which the sliders do not show"
        )
    return engine, "; ".join(said)
