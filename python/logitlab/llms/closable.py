"""What can be closed, in every way that Python has for it. The models and their wrapper for LlamaIndex share it."""

from abc import abstractmethod
from typing import Self


class Closable:
    """`with` and `async with`, which close at their end, and `aclose`, of what has a `close`."""

    @abstractmethod
    def close(self) -> None:
        """Free what it holds. Closing twice is no error."""

    async def aclose(self) -> None:
        """Do what `close` does; `async with` does it at its end."""
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
