"""Where a torch model runs, and in which precision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Literal

from tryon.core.errors import DeviceMissing, OutOfMemory, PackageMissing

if TYPE_CHECKING:
    import torch

Device = Literal["auto", "cpu", "cuda"]
"""auto: the GPU where there is one."""

Precision = Literal["no", "fp16", "bf16"]
"""Of weights and arithmetic, as accelerate calls it; no: float32."""


_FULL = (
    "out of memory",
    "can't allocate memory",
    "ALLOC_FAILED",
    "bad_alloc",
    "bad allocation",
    "ailed to allocate",
)
"""In what CUDA, cuDNN, cuBLAS, torch's allocator for the CPU and ONNX Runtime say when memory is full."""


def is_out_of_memory(error: Exception) -> bool:
    """Whether a device or the machine had too little memory: few libraries have a type of error for it."""
    return type(error).__name__ == "OutOfMemoryError" or any(word in str(error) for word in _FULL)


@contextmanager
def named_memory(what: str) -> Iterator[None]:
    """Raises OutOfMemory, which begins with `what` did not fit, for whatever says so inside."""
    try:
        yield
    except OutOfMemory:
        raise
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise OutOfMemory(f"{what} did not fit into memory: {error}") from error


def need(package: str) -> ModuleType:
    """Import an optional package. Raises PackageMissing with what to install."""
    try:
        return import_module(package)
    except ImportError as error:
        raise PackageMissing(
            f"{package} cannot be imported ({error}); install the neural engines' packages with `make install`"
        ) from error


def choose_device(asked: Device, has_gpu: Callable[[], bool] | None = None) -> torch.device:
    """Raises DeviceMissing when a GPU was asked for and there is none: a slow machine is never used instead."""
    backend = need("torch")
    there = (has_gpu or backend.cuda.is_available)()
    if asked == "cuda" and not there:
        raise DeviceMissing("FASHION_DEVICE=cuda, but torch sees no GPU; check the driver, or set it to cpu")
    found: torch.device = backend.device("cuda" if there and asked != "cpu" else "cpu")
    return found


def resolve_device(asked: Device) -> Literal["cpu", "cuda"]:
    """Where it will run, decided before anything is loaded: what an engine declares depends on it. A GPU that was
    asked for may still be missing; that is said when something is loaded."""
    if asked != "auto":
        return asked
    return "cuda" if choose_device("auto").type == "cuda" else "cpu"


def resolve_precision(asked: Literal["auto"] | Precision, device: Literal["cpu", "cuda"]) -> Precision:
    """auto: fp16 on a GPU, as the published services, and float32 on a CPU, where 16 bits are slower. It is part of
    the recipe, so it is decided before any result is."""
    if asked != "auto":
        return asked
    return "fp16" if device == "cuda" else "no"


def dtype_of(precision: Precision) -> torch.dtype:
    backend = need("torch")
    found: torch.dtype = {"no": backend.float32, "fp16": backend.float16, "bf16": backend.bfloat16}[precision]
    return found


def release_memory() -> None:
    """What torch keeps of the GPU's memory for its next work goes back to the device: other programs may use it.

    Without a collection of garbage, which holds up every thread of a process this large."""
    backend = need("torch")
    if backend.cuda.is_available():
        backend.cuda.empty_cache()
