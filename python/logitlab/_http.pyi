from collections.abc import Callable, Iterable
from types import TracebackType
from typing import final

class TransportError(Exception):
    kind: str
    code: int

@final
class Stream:
    @property
    def status(self) -> int: ...
    @property
    def content_type(self) -> str: ...
    def wait(self, seconds: float = -1.0, /) -> bool: ...
    def read(self) -> bytes: ...
    def finish(self, seconds: float, /) -> None: ...
    def close(self) -> None: ...
    def __iter__(self) -> Stream: ...
    def __next__(self) -> str: ...
    def __enter__(self) -> Stream: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

@final
class Connection:
    def __new__(
        cls,
        base: str,
        *,
        headers: Iterable[str] = (),
        connect_timeout: float = 3.0,
        silence: float = 0.0,
        ca_file: str | None = None,
        cert_file: str | None = None,
        key_file: str | None = None,
        key_password: str | None = None,
        verify: bool = True,
        direct: bool = False,
    ) -> Connection: ...
    def stream(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Iterable[str] = (),
        *,
        cancelled: Callable[[], bool] = ...,
    ) -> Stream: ...
    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Iterable[str] = ()
    ) -> tuple[int, str, bytes]: ...
    def drain(self) -> None: ...
    def close(self) -> None: ...
    def __enter__(self) -> Connection: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

def libcurl_version() -> str: ...
