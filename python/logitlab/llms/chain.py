"""Which steps a server's sampler takes, in which order, and what of them cannot be followed from outside.

Ollama runs GGUF models on llama.cpp's chain. Its order is fixed, unless the model's file names another one in
`general.sampling.sequence`; what that leaves out is not applied (llama.cpp, common/common.cpp and common/sampling.cpp,
read at b10434).
"""

from collections.abc import Mapping
from typing import Any

ORDER = ("penalties", "top_k", "typical_p", "top_p", "min_p", "xtc", "temperature")
# what llama.cpp takes as names in a sequence, beside the names above, which may be written with "-" for "_"
_ALSO = {
    "typ_p": "typical_p",
    "typ": "typical_p",
    "typical": "typical_p",
    "nucleus": "top_p",
    "temp": "temperature",
}
# steps that Ollama has no option for: in its servers they do nothing, wherever they stand
_IDLE = ("dry", "top_n_sigma", "adaptive_p")
# the options that each step reads
OPTIONS_OF: Mapping[str, tuple[str, ...]] = {
    "penalties": ("repeat_penalty", "presence_penalty", "frequency_penalty", "repeat_last_n"),
    "top_k": ("top_k",),
    "typical_p": ("typical_p",),
    "top_p": ("top_p",),
    "min_p": ("min_p",),
    "xtc": ("xtc_probability", "xtc_threshold"),
    "temperature": ("temperature",),
}


def order(options: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    """Return the kinds of effective steps, in order, and why they are not all that the server does; "" if they are.

    Examples
    --------
    >>> order({})[0] == ORDER
    True
    >>> order({"sequence": "temp;top-k;infill"})
    (('temperature', 'top_k'), "the model file's sequence has a step 'infill', which is not followed")
    """
    if mirostat := options.get("mirostat"):
        return ("temperature",), (
            f"mirostat {mirostat!r} moves its cut with every token, which is not followed"
        )
    sequence = options.get("sequence")
    if not sequence:
        return ORDER, ""
    kinds, strange = [], ""
    for written in str(sequence).split(";"):
        name = written.strip().replace("-", "_")
        kind = _ALSO.get(name, name)
        if kind in ORDER:
            kinds.append(kind)
        elif name and name not in _IDLE:
            strange = f"the model file's sequence has a step {written.strip()!r}, which is not followed"
    return tuple(kinds), strange


def unused(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the options that no step reads, each with the reason."""
    kinds, _ = order(options)
    why = "mirostat takes its place" if options.get("mirostat") else "the model file's sequence leaves it out"
    return {name: why for kind, names in OPTIONS_OF.items() if kind not in kinds for name in names}
