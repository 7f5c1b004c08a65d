"""Gaussians to PLY."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tryon.core.errors import InvalidSetting, SplatRejected
from tryon.core.ply._layout import (
    ALMOST_ONE,
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


def write_ply(
    gaussians: Gaussians,
    layout: Layout = "vertex",
    f_px: float | None = None,
    image_size: tuple[int, int] | None = None,
) -> bytes:
    """The file. `sharp` adds ml-sharp's camera elements and needs f_px and image_size (width, height);
    `vertex` has no place for them and ignores both.

    Opacity is clamped to what a float32 logit can hold (0 and 1 would become infinite) and a scale of 0 to
    the smallest normal float32; rotations are written as they are.
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
    return b"".join([header, *(rows.tobytes() for _, rows in elements)])


def _vertices(gaussians: Gaussians) -> NDArray[Any]:
    """[N] records of 14 float32: one contiguous table seen as records, not a list of tuples, which takes
    seconds at a million splats."""
    count = len(gaussians)
    if count == 0:
        raise SplatRejected("empty", "there are no Gaussians to write")
    shapes = {"positions": (count, 3), "colors": (count, 3), "opacities": (count,), "scales": (count, 3),
              "rotations": (count, 4)}  # fmt: skip
    parts: dict[str, NDArray[np.float64]] = {}
    for name, shape in shapes.items():
        values = np.asarray(getattr(gaussians, name))
        if values.shape != shape:
            raise SplatRejected("bad_shape", f"{name} has shape {values.shape}; it must be {shape}")
        check_finite(name, values)
        parts[name] = values.astype(np.float64)
    opacity, scale = parts["opacities"], parts["scales"]
    if opacity.min() < 0 or opacity.max() > 1 or scale.min() < 0:
        raise SplatRejected("out_of_range", "opacities must be in 0..1 and scales at least 0 metres")
    clamped = np.clip(opacity, TINY, ALMOST_ONE)
    parts["colors"] = (parts["colors"] - 0.5) / SH_C0
    parts["opacities"] = np.log(clamped / (1 - clamped))[:, None]
    parts["scales"] = np.log(np.maximum(scale, TINY))
    table = np.concatenate([parts[name] for name in shapes], axis=1).astype("<f4")
    return table.view(VERTEX)[:, 0]


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
