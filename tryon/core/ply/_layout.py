"""What both directions share: the vertex columns, colour conversion, and the check for numbers."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tryon.core.errors import SplatRejected

SH_C0 = 0.28209479177387814
"""sqrt(1 / (4 pi)), the degree-0 spherical harmonic: colour = 0.5 + SH_C0 * f_dc."""

Layout = Literal["vertex", "sharp"]

POSITION = ("x", "y", "z")
COLOR = ("f_dc_0", "f_dc_1", "f_dc_2")
SCALE = ("scale_0", "scale_1", "scale_2")
ROTATION = ("rot_0", "rot_1", "rot_2", "rot_3")
COLUMNS = (*POSITION, *COLOR, "opacity", *SCALE, *ROTATION)
VERTEX = np.dtype([(name, "<f4") for name in COLUMNS])

NAMES = {"<f4": "float", "<u4": "uint", "<i4": "int", "|u1": "uchar"}
SRGB_COMMENT = "comment color_space sRGB"
TINY = 2.0**-149
"""The smallest float32 above 0."""
ALMOST_ONE = 1 - 2.0**-24

Floats = NDArray[np.float32]


def srgb_from_linear(linear: ArrayLike, clip: bool = True) -> Floats:
    """Linear RGB to sRGB, both 0..1, any shape, float32 out (IEC 61966-2-1).

    clip=False goes on with the curve above 1 and with its straight part below 0.
    """
    value = np.asarray(linear, np.float64)
    value = np.clip(value, 0, 1) if clip else value
    srgb = np.where(value <= 0.0031308, value * 12.92, 1.055 * np.maximum(value, 0) ** (1 / 2.4) - 0.055)
    return srgb.astype(np.float32)


def linear_from_srgb(srgb: ArrayLike) -> Floats:
    """sRGB to linear RGB, both 0..1, any shape, float32 out (IEC 61966-2-1)."""
    value = np.clip(np.asarray(srgb, np.float64), 0, 1)
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return linear.astype(np.float32)


def check_finite(name: str, values: NDArray[Any]) -> None:
    _check(name, np.isfinite(values), "NaN or infinite")


def check_no_nan(name: str, values: NDArray[Any]) -> None:
    _check(name, ~np.isnan(values), "NaN")


def _check(name: str, good: NDArray[np.bool_], fault: str) -> None:
    """good: [N, ...]."""
    if not good.all():
        raise SplatRejected("not_finite", f"{name} of Gaussian {int(np.argwhere(~good)[0][0])} is {fault}")
