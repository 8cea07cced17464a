"""vLLM's sampler out of its wheel: the file is fetched once, checked by its hash, kept, and never installed.

Installed it would bring CUDA builds of 150 packages, another torch among them. What decides about tokens is a dozen
files that need torch alone: those are imported from the wheel as they are. Everything else that they import of vLLM
is an empty stand-in, which fails where it is used for more than a name.
"""

import hashlib
import importlib.abc
import importlib.machinery
import logging
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

LOCK = Path(__file__).parents[2] / "locks" / "vllm.lock"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "logitlab" / "wheels"
# one file for all machines: nothing of it but Python is run
ANY_MACHINE = (
    "--platform manylinux_2_28_x86_64 --python-version 3.12 --implementation cp --abi abi3 --abi none"
)

OWN = re.compile(
    r"vllm\.(v1\.sample(\..*)?|v1\.outputs|sampling_params|exceptions|model_executor\.layers\.utils|_custom_ops"
    r"|utils\.torch_utils)"
)


def pinned() -> tuple[str, set[str]]:
    """Return the version that the lock names and the SHA-256 of its files."""
    text = LOCK.read_text(encoding="utf-8")
    (version,) = re.findall(r"^vllm==(\S+)", text, re.MULTILINE)
    return version, set(re.findall(r"--hash=sha256:(\w{64})", text))


def wheel() -> Path:
    """Return the wheel's place, after fetching it where it is not there yet."""
    version, digests = pinned()
    for path in CACHE.glob(f"vllm-{version}-*.whl"):
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() in digests:
                return path
    print(f"fetching vllm {version} into {CACHE}, once (336 MB)", flush=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    only = [*ANY_MACHINE.split(), "--only-binary", ":all:", "--require-hashes", "--requirement", str(LOCK)]
    subprocess.run([*pip, *only, "--dest", str(CACHE)], check=True)
    return next(CACHE.glob(f"vllm-{version}-*.whl"))


class Anything:
    """What stands for a part of vLLM that sampling does not need: a base class, a decorator, a type."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass


class StandIn(ModuleType):
    """A module of vLLM that is not loaded: every name in it is an empty class."""

    __path__ = ()  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Anything,), {})


# no GPU, no compiled kernel: the paths in PyTorch's own functions
NO_PLATFORM = SimpleNamespace(
    **{f"is_{kind}": lambda: False for kind in ("cuda", "cuda_alike", "cpu", "xpu", "rocm", "tpu")},
    import_kernels=lambda: None,
    simple_compile_backend="eager",
    dispatch_key="CPU",
)
KNOWN: dict[str, dict[str, Any]] = {
    "vllm.platforms": {"current_platform": NO_PLATFORM},
    "vllm.triton_utils": {"HAS_TRITON": False},
    "vllm._aiter_ops": {"rocm_aiter_ops": SimpleNamespace(is_enabled=lambda: False)},
    "vllm.envs": {"VLLM_BATCH_INVARIANT": False, "VLLM_MAX_N_SEQUENCES": 1},
    "vllm.logger": {"init_logger": lambda _: logging.getLogger("vllm")},
    "vllm.utils.platform_utils": {"is_pin_memory_available": lambda: False},
    "vllm.config.model": {"PROCESSED_LOGPROBS_MODES": ("processed_logprobs",)},
}


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads OWN from the wheel, and stand-ins for the rest of vLLM."""

    def __init__(self, path: Path) -> None:
        self.archive = zipfile.ZipFile(path)
        self.names = set(self.archive.namelist())

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        """Every module of vLLM is found here."""
        if name != "vllm" and not name.startswith("vllm."):
            return None
        package = not OWN.fullmatch(name) or self._place(name).endswith("__init__.py")
        return importlib.machinery.ModuleSpec(name, self, origin=self._place(name), is_package=package)

    def _place(self, name: str) -> str:
        folder = name.replace(".", "/")
        return f"{folder}/__init__.py" if f"{folder}/__init__.py" in self.names else f"{folder}.py"

    def create_module(self, spec: Any) -> ModuleType | None:
        """Make a stand-in, or let the import system make the module."""
        return None if OWN.fullmatch(spec.name) else StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Run the file, or set what is known of it."""
        name = module.__name__
        if OWN.fullmatch(name):
            place = self._place(name)
            exec(compile(self.archive.read(place), place, "exec"), vars(module))
        else:
            vars(module).update(KNOWN.get(name, {}))


def load() -> str:
    """Make vLLM's sampler importable and return its version."""
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder(wheel()))
        import vllm
        from vllm.sampling_params import SamplingParams

        vllm.SamplingParams = SamplingParams  # type: ignore[attr-defined]
    return pinned()[0]
