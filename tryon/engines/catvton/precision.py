"""The precision that a setting of "auto" stands for."""

from __future__ import annotations

from typing import Literal

from tryon.engines.torch_runtime import Device, Precision, choose_device


def resolve_precision(asked: Literal["auto"] | Precision, device: Device) -> Precision:
    """auto: fp16 on a GPU, as the published service, and float32 on a CPU, where 16 bits are slower. It is part of
    the recipe, so it is decided before any picture is. Needs torch only for auto on auto; see choose_device."""
    if asked != "auto":
        return asked
    if device == "cpu":
        return "no"
    return "fp16" if device == "cuda" or choose_device(device).type == "cuda" else "no"
