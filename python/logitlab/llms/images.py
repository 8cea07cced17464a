"""Images for a model, in every form that people hold them in; they are sent as base64.

A string is the path of an image if such a file exists; otherwise it has to be base64 whose first bytes are
those of an image. Every word is valid base64 ("pictures" is six bytes), so being base64 alone proves
nothing: a misspelt path would reach the model as an image.
"""

import base64
import re
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from logitlab.messages import clipped

# How files of each format begin: PNG, JPEG, GIF, WebP, BMP, TIFF (two byte orders), HEIC and AVIF
_SIGNATURES = re.compile(
    rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP|BM....\0\0\0\0|II\*\0|MM\0\*|....ftyp", re.DOTALL
)
_LONGEST_PATH = 4096
_DATA_URL = re.compile(r"data:image/[^,]*;base64,", re.IGNORECASE)


def pictures(value: Any) -> list[str]:
    """Return one image or several as a list of base64 strings.

    Parameters
    ----------
    value : bytes, str, path, file or iterable of these
        bytes, bytearray or memoryview; a path; an open binary file, which is read once, from where it
        stands; base64, with or without line ends, or a data: URL; anything that a notebook shows as a PNG
        (``_repr_png_``, as the images of Pillow have); an Image of the ollama package or an ImageBlock of
        LlamaIndex; or an iterable of these. A str is a path if that file exists, and base64 only if it
        decodes to the beginning of a PNG, JPEG, GIF, WebP, BMP, TIFF, HEIC or AVIF file.

    Raises
    ------
    TypeError, ValueError
        For anything else: a mapping, an array, a file open in text mode, a file that is at its end.
    OSError
        For a path that cannot be read.

    Examples
    --------
    >>> pictures(b"GIF89a")
    ['R0lGODlh']
    >>> pictures("pictures")
    Traceback (most recent call last):
    ValueError: an image given as a string must be the path of a file or the base64 of an image, got 'pictures'
    """
    if _is_one(value):
        return [_encoded(value)]
    if isinstance(value, Mapping) or hasattr(value, "__array__") or not isinstance(value, Iterable):
        raise _refused(value)
    return [_encoded(image) for image in value]


def _is_one(value: Any) -> bool:
    return isinstance(value, bytes | bytearray | memoryview | str | PathLike) or (
        not isinstance(value, type)
        and any(hasattr(value, name) for name in ("read", "resolve_image", "_repr_png_", "value"))
    )


def _encoded(image: Any) -> str:
    if isinstance(image, type):
        raise _refused(image)
    if isinstance(image, str):
        return _from_string(image)
    if isinstance(image, PathLike):
        data = Path(image).read_bytes()
    elif isinstance(image, bytes | bytearray | memoryview):
        data = bytes(image)
    elif hasattr(image, "read"):
        data = _from_file(image)
    elif hasattr(image, "resolve_image"):  # LlamaIndex's block reads its own bytes, path or address
        data = _from_file(image.resolve_image())
    elif isinstance(shown := _shown(image), bytes):
        data = shown
    elif isinstance(held := getattr(image, "value", None), bytes | str | PathLike):
        return _encoded(held)  # the ollama package's Image
    else:
        raise _refused(image)
    if not data:
        raise ValueError(f"an image must have bytes, got an empty {type(image).__name__}")
    if plain := _plain_base64(data):  # what base64.b64encode returns is bytes as well
        return plain
    return base64.b64encode(data).decode()


def _from_string(text: str) -> str:
    if url := _DATA_URL.match(text):
        plain = _without_line_ends(text[url.end() :].encode())
        if _decoded(plain):
            return plain.decode()
    elif _is_file(text):
        return _encoded(Path(text))
    elif plain_text := _plain_base64(text.encode("utf-8", "replace")):
        return plain_text
    if text.lower().startswith(("http://", "https://")):
        raise ValueError(f"an image must be sent as its bytes, got an address: {_start(text)}")
    raise ValueError(
        f"an image given as a string must be the path of a file or the base64 of an image, got {_start(text)}"
    )


def _from_file(file: Any) -> bytes:
    data = file.read()
    if not isinstance(data, bytes | bytearray):
        raise TypeError(
            f"an image file must be open in binary mode ('rb'), got {type(data).__name__} from it"
        )
    if not data:
        raise ValueError("an image file must stand before its image, got one at its end: was it read before?")
    return bytes(data)


def _shown(image: Any) -> Any:
    show = getattr(image, "_repr_png_", None)
    return show() if callable(show) else None


def _is_file(text: str) -> bool:
    try:
        return 0 < len(text) < _LONGEST_PATH and Path(text).is_file()
    except (OSError, ValueError):  # too long for the file system, or with a NUL
        return False


def _plain_base64(text: bytes) -> str | None:
    """`text` without its line ends if it is the base64 of an image, else None."""
    head = _without_line_ends(text[:100])
    if not _SIGNATURES.match(_decoded(head[: len(head) // 4 * 4])):
        return None
    plain = _without_line_ends(text)
    return plain.decode() if _decoded(plain) else None


def _without_line_ends(text: bytes) -> bytes:
    return b"".join(text.split())


def _decoded(text: bytes) -> bytes:
    """Return what `text` is the base64 of; nothing if it is not base64."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _start(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "...")


def _refused(value: Any) -> TypeError:
    kind = value if isinstance(value, type) else type(value)
    return TypeError(
        "images must be bytes, a path, an open binary file or base64 as a string, or a list of these, "
        f"got {'the class ' if kind is value else ''}{clipped(kind.__name__)}"
    )
