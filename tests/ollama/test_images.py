"""Images arrive as their bytes, in whatever form they are given; what is not an image is refused."""

import base64
import io
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from wire.stub import Stub, ndjson
from wire.ways import sent

from logitlab.llms import Ollama
from logitlab.llms.images import pictures

PNG = b"\x89PNG\r\n\x1a\nfirst\nsecond\n" + bytes(range(200))
TEXT = base64.b64encode(PNG).decode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "pictures").write_bytes(PNG)  # a name that is valid base64
    return tmp_path / "pictures"


FORMS: dict[str, Any] = {
    "bytes": lambda path: PNG,
    "bytearray": lambda path: bytearray(PNG),
    "memoryview": lambda path: memoryview(PNG),
    "a slice of a memoryview": lambda path: memoryview(bytes(3) + PNG)[3:],
    "path": lambda path: path,
    "path as str": str,
    "open file": lambda path: path.open("rb"),
    "BytesIO": lambda path: io.BytesIO(PNG),
    "base64": lambda path: TEXT,
    "base64 as bytes": lambda path: TEXT.encode(),
    "base64 with line ends": lambda path: base64.encodebytes(PNG).decode(),
    "base64 with CRLF": lambda path: base64.encodebytes(PNG).decode().replace("\n", "\r\n"),
    "data URL": lambda path: f"data:image/png;base64,{TEXT}",
    "Pillow's": lambda path: SimpleNamespace(_repr_png_=lambda: PNG),
    "ollama.Image": lambda path: SimpleNamespace(value=PNG),
    "ollama.Image of a path": lambda path: SimpleNamespace(value=path),
    "ImageBlock": lambda path: SimpleNamespace(resolve_image=lambda: io.BytesIO(PNG)),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("many", [None, list, tuple, iter])
def test_every_form_arrives(form: str, many: Any, path: Path) -> None:
    with ExitStack() as files, Stub(lambda request: ndjson({"response": "", "done": True})) as stub:

        def given() -> Any:
            image = FORMS[form](path)
            if form == "open file":
                files.enter_context(image)
            return image if many is None else many([image])

        llm = Ollama("m", stub.url)
        llm.complete("What is it?", images=given())
        list(llm.stream_complete("What is it?", images=given()))
        Ollama("m", stub.url, images=given()).complete("What is it?")
        assert sent([{"role": "user", "content": "", "images": given()}])["messages"][0]["images"] == [TEXT]
    assert [request.json["images"] for request in stub.requests] == [[TEXT]] * 3


def test_a_name_is_found_where_the_user_stands(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    assert pictures("pictures") == [TEXT]


BEGINNINGS = [
    b"\x89PNG\r\n",
    b"\xff\xd8\xff\xe0",
    b"GIF89a",
    b"RIFF\x10\0\0\0WEBPVP8 ",
    b"BM\x10\0\0\0\0\0\0\0",
    b"II*\0\x08",
    b"MM\0*\0",
    b"\0\0\0\x1cftypavif",
]


@pytest.mark.parametrize("image", BEGINNINGS)
def test_the_formats_that_base64_is_known_by(image: bytes) -> None:
    text = base64.b64encode(image).decode()
    assert pictures(text) == pictures(image) == [text]


def test_bytes_of_any_format_are_sent() -> None:
    assert pictures(b"a format of tomorrow") == [base64.b64encode(b"a format of tomorrow").decode()]


WRONG: dict[str, tuple[Any, type[Exception], str]] = {
    "a misspelt name": ("pictures", ValueError, "path of a file or the base64 of an image.*'pictures'"),
    "base64 of no image": (base64.b64encode(b"hello").decode(), ValueError, "path of a file"),
    "a data URL of no base64": ("data:image/png;base64,?", ValueError, "path of a file"),
    "a name with a NUL": ("a\0b", ValueError, "path of a file"),
    "a long text": ("x" * 10000, ValueError, r"xxx\.\.\."),
    "an address": ("https://example.com/a.png", ValueError, "its bytes, got an address"),
    "nothing": ("", ValueError, "path of a file"),
    "no bytes": (b"", ValueError, "empty bytes"),
    "dict": ({"a": PNG}, TypeError, "must be bytes, a path, an open binary file.*got dict"),
    "array": (np.zeros((2, 2, 3), np.uint8), TypeError, "got ndarray"),
    "list of arrays": ([np.zeros((2, 2, 3), np.uint8)], TypeError, "got ndarray"),
    "class": (io.BytesIO, TypeError, "got the class BytesIO"),
    "list of classes": ([io.BytesIO], TypeError, "got the class BytesIO"),
    "number": (3, TypeError, "got int"),
    "list of numbers": ([1, 2], TypeError, "got int"),
    "list in a list": ([[PNG]], TypeError, "got list"),
    "text file": (io.StringIO("a"), TypeError, "binary mode"),
    "directory": (Path("/"), OSError, ""),
    "no file": (Path("/nowhere.png"), FileNotFoundError, "nowhere"),
}


@pytest.mark.parametrize("form", WRONG)
def test_what_is_no_image_is_refused_before_anything_is_sent(form: str) -> None:
    given, error, needed = WRONG[form]
    with Stub(lambda request: ndjson({"response": "", "done": True})) as stub:
        with pytest.raises(error, match=f"(?s){needed}"):
            Ollama("m", stub.url).complete("hi", images=given)
        with pytest.raises(error, match=f"(?s){needed}"):
            Ollama("m", stub.url).stream_complete("hi", images=given)
        with pytest.raises(error, match=f"(?s){needed}"):
            Ollama("m", stub.url, images=given)
        with pytest.raises(error, match=f"(?s){needed}"):
            Ollama("m", stub.url).chat([{"role": "user", "content": "hi", "images": given}])
    assert stub.requests == []


def test_a_file_is_read_once_and_its_end_is_said() -> None:
    file = io.BytesIO(b"before" + PNG)
    file.seek(6)
    assert pictures(file) == [TEXT]
    with pytest.raises(ValueError, match="at its end"):
        pictures(file)
