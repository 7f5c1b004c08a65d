"""Gaussians to PLY."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tryon.core.errors import InvalidSetting, SplatRejected
from tryon.core.ply._layout import (
    ALMOST_ONE,
    COLUMNS,
    NAMES,
    SH_C0,
    SRGB_COMMENT,
    TINY,
    VERTEX,
    Floats,
    Layout,
    check_finite,
)
from tryon.core.splats import Gaussians

CHUNK = 16_384
"""Rows at a time, so that the float64 values between stay in the processor's cache."""


def write_ply(
    gaussians: Gaussians,
    layout: Layout = "vertex",
    f_px: float | None = None,
    image_size: tuple[int, int] | None = None,
) -> bytes:
    """The file. `sharp` adds ml-sharp's camera elements and needs f_px and image_size (width, height);
    `vertex` has no place for them and ignores both.

    Opacity is clamped to what a float32 logit can hold (0 and 1 would become infinite) and a scale of 0 to
    the smallest float32; rotations are written as they are.
    Raises SplatRejected for arrays that break the promises of `Gaussians`, InvalidSetting for the camera.
    """
    vertices = _vertices(gaussians)
    lines = ["ply", "format binary_little_endian 1.0"]
    elements = [("vertex", vertices)]
    if layout == "vertex":
        lines.append(SRGB_COMMENT)
    elif layout == "sharp":
        elements += _camera_elements(gaussians, f_px, image_size)
    else:
        raise InvalidSetting(f"PLY layout {layout!r} is unknown; use 'vertex' or 'sharp'")
    for name, rows in elements:
        lines.append(f"element {name} {len(rows)}")
        columns = [(column, rows.dtype[column].str) for column in rows.dtype.names or ()]
        lines += [f"property {NAMES[kind]} {column}" for column, kind in columns]
    header = "\n".join([*lines, "end_header\n"]).encode("ascii")
    return b"".join([header, *(rows.data for _, rows in elements)])


def _vertices(gaussians: Gaussians) -> NDArray[Any]:
    """[N] records of 14 float32: one contiguous table seen as records, not a list of tuples, which takes
    seconds at a million splats."""
    parts = _checked(gaussians)
    table = np.empty((len(gaussians), len(COLUMNS)), "<f4")
    for start in range(0, len(table), CHUNK):
        rows = slice(start, start + CHUNK)
        _fill(table[rows], {name: values[rows] for name, values in parts.items()})
    return table.view(VERTEX)[:, 0]


def _checked(gaussians: Gaussians) -> dict[str, NDArray[Any]]:
    """The arrays by name, as they are."""
    count = len(gaussians)
    if count == 0:
        raise SplatRejected("empty", "there are no Gaussians to write")
    shapes = {"positions": (count, 3), "colors": (count, 3), "opacities": (count,), "scales": (count, 3),
              "rotations": (count, 4)}  # fmt: skip
    parts = {name: np.asarray(getattr(gaussians, name)) for name in shapes}
    for name, values in parts.items():
        if values.shape != shapes[name]:
            raise SplatRejected("bad_shape", f"{name} has shape {values.shape}; it must be {shapes[name]}")
        check_finite(name, values)
    opacity, scale = parts["opacities"], parts["scales"]
    if opacity.min() < 0 or opacity.max() > 1 or scale.min() < 0:
        raise SplatRejected("out_of_range", "opacities must be in 0..1 and scales at least 0 metres")
    return parts


def _fill(table: NDArray[Any], parts: dict[str, NDArray[Any]]) -> None:
    """Each column is computed in float64 and rounded once: numpy's float32 log may be 4 units off in the last
    place, 4e-6 for small scales."""
    opacity = np.clip(parts["opacities"].astype(np.float64), TINY, ALMOST_ONE)
    table[:, 0:3] = parts["positions"]
    table[:, 3:6] = (parts["colors"].astype(np.float64) - 0.5) / SH_C0
    table[:, 6] = np.log(opacity / (1 - opacity))
    table[:, 7:10] = np.log(np.maximum(parts["scales"].astype(np.float64), TINY))
    table[:, 10:14] = parts["rotations"]


def _camera_elements(
    gaussians: Gaussians, f_px: float | None, size: tuple[int, int] | None
) -> list[tuple[str, NDArray[Any]]]:
    if f_px is None or size is None or not (np.isfinite(f_px) and f_px > 0 and min(size) > 0):
        raise InvalidSetting(f"the sharp layout needs f_px and image_size above 0, not {f_px} and {size}")
    width, height = size
    intrinsic = [f_px, 0, width * 0.5, 0, f_px, height * 0.5, 0, 0, 1]
    return [
        _element("extrinsic", np.eye(4).ravel(), "<f4"),
        _element("intrinsic", intrinsic, "<f4"),
        _element("image_size", [width, height], "<u4"),
        _element("frame", [1, len(gaussians)], "<i4"),
        _element("disparity", _disparity_range(gaussians.positions[:, 2]), "<f4"),
        _element("color_space", [0], "|u1"),
        _element("version", [1, 5, 0], "|u1"),
    ]


def _element(name: str, values: ArrayLike, kind: str) -> tuple[str, NDArray[Any]]:
    return name, np.asarray(values).astype(kind).view([(name, kind)])


def _disparity_range(depth: Floats) -> Floats:
    """10 % and 90 % quantiles of 1 / depth, with the float32 steps of torch.quantile, to the last bit."""
    if depth.min() <= 0:
        raise SplatRejected("out_of_range", "the sharp layout needs every Gaussian at z > 0")
    ordered = np.sort(np.float32(1) / depth.astype(np.float32))
    rank = np.array([0.1, 0.9], np.float32) * np.float32(len(ordered) - 1)
    low = np.floor(rank)
    weight = rank - low
    start, end = ordered[low.astype(np.int64)], ordered[np.ceil(rank).astype(np.int64)]
    span = end - start
    near_end = end - span * (np.float32(1) - weight)
    result: Floats = np.where(weight < 0.5, start + weight * span, near_end)
    return result
