"""Where a torch model runs, and in which precision."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Literal

from tryon.core.errors import DeviceMissing, PackageMissing

if TYPE_CHECKING:
    import torch

Device = Literal["auto", "cpu", "cuda"]
"""auto: the GPU where there is one."""

Precision = Literal["no", "fp16", "bf16"]
"""Of weights and arithmetic, as accelerate calls it; no: float32."""


def need(package: str, extra: str = "neural") -> ModuleType:
    """Import an optional package. Raises PackageMissing with what to install."""
    try:
        return import_module(package)
    except ImportError as error:
        raise PackageMissing(
            f"{package} cannot be imported ({error}); install it with `pip install 'fashion-assets[{extra}]'`"
        ) from error


def choose_device(asked: Device, has_gpu: Callable[[], bool] | None = None) -> torch.device:
    """Raises DeviceMissing when a GPU was asked for and there is none: a slow machine is never used instead."""
    backend = need("torch")
    there = (has_gpu or backend.cuda.is_available)()
    if asked == "cuda" and not there:
        raise DeviceMissing("FASHION_DEVICE=cuda, but torch sees no GPU; check the driver, or set it to cpu")
    found: torch.device = backend.device("cuda" if there and asked != "cpu" else "cpu")
    return found


def dtype_of(precision: Precision) -> torch.dtype:
    backend = need("torch")
    found: torch.dtype = {"no": backend.float32, "fp16": backend.float16, "bf16": backend.bfloat16}[precision]
    return found
