"""PLY to Gaussians."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tryon.core.errors import SplatRejected
from tryon.core.ply._header import parse
from tryon.core.ply._layout import (
    COLOR,
    POSITION,
    ROTATION,
    SCALE,
    SH_C0,
    SRGB_COMMENT,
    Floats,
    check_finite,
    check_no_nan,
    srgb_from_linear,
)
from tryon.core.splats import Gaussians


def read_ply(data: bytes, *, unit_rotations: bool = True) -> Gaussians:
    """Gaussians from either layout, from ml-sharp's older files, or from a plain 3DGS file.

    Colours: the `color_space` element decides (0 sRGB, 1 linear), then the comment of our own vertex-only
    files; with neither they are linear, as ml-sharp reads them, although plain 3DGS tools mean sRGB.
    Camera: 9-value `intrinsic` with `image_size`, or the older 4-value one (f, f, width, height), else
    ml-sharp's 512 px at 640x480. `facts` has f_px, image_size, camera ("file" or "assumed") and
    color_space (as stored). The file's extrinsic is not applied.
    Colours are clipped to 0..1; `unit_rotations=False` keeps quaternions as stored.
    Raises SplatRejected, never another exception, whatever the bytes are.
    """
    header, elements = parse(data)
    vertices = elements.get("vertex")
    if vertices is None or len(vertices) == 0:
        raise SplatRejected("empty", "the PLY has no vertex element, or no rows in it")
    stored = _stored_color_space(header, elements)
    logits, logs = _columns(vertices, ("opacity",))[:, 0], _columns(vertices, SCALE)
    # Before any arithmetic: even a cast warns about a signalling NaN. Infinite logits and scales of 0 are legal.
    check_no_nan("opacity", logits)
    check_no_nan("scale", logs)
    with np.errstate(over="ignore"):
        scales = np.exp(logs.astype(np.float64)).astype(np.float32)
        opacities = 1 / (1 + np.exp(-logits.astype(np.float64)))
    dc = _columns(vertices, COLOR)
    rotations = _columns(vertices, ROTATION)
    positions = _columns(vertices, POSITION)
    for name, values in [("position", positions), ("scale", scales), ("colour", dc), ("rotation", rotations)]:
        check_finite(name, values)
    colors = np.clip(dc * np.float32(SH_C0) + np.float32(0.5), 0, 1)
    return Gaussians(
        positions=positions,
        scales=scales,
        rotations=_normalised(rotations) if unit_rotations else rotations,
        opacities=opacities.astype(np.float32),
        colors=colors if stored == "srgb" else srgb_from_linear(colors),
        facts={**_camera_facts(elements), "color_space": stored},
    )


def _normalised(rotations: Floats) -> Floats:
    norms = np.linalg.norm(rotations.astype(np.float64), axis=1, keepdims=True)
    if norms.min() == 0:
        raise SplatRejected("out_of_range", f"rotation of Gaussian {int(norms.argmin())} is all zeros")
    unit: Floats = (rotations / norms).astype(np.float32)
    return unit


def _columns(vertices: NDArray[Any], names: Sequence[str]) -> Floats:
    """float32 [N, len(names)], contiguous."""
    for name in names:
        if name not in (vertices.dtype.names or ()):
            raise SplatRejected("missing_property", f"the vertex element has no property {name}")
        if vertices.dtype[name] != np.dtype("<f4"):
            raise SplatRejected("wrong_type", f"vertex property {name} is not float (32 bits)")
    return np.stack([vertices[name] for name in names], axis=1).astype(np.float32, copy=False)


def _supplement(elements: dict[str, NDArray[Any]], name: str) -> list[float] | None:
    """Values of the first non-vertex element with a property `name`: ml-sharp looks at properties too."""
    for element, rows in elements.items():
        if element != "vertex" and name in (rows.dtype.names or ()):
            return [float(value) for value in rows[name][:16]] if len(rows) <= 16 else []
    return None


def _stored_color_space(
    header: Sequence[str], elements: dict[str, NDArray[Any]]
) -> Literal["srgb", "linear"]:
    stored = _supplement(elements, "color_space")
    if stored is None:
        return "srgb" if SRGB_COMMENT in header else "linear"
    if stored not in ([0.0], [1.0]):
        raise SplatRejected("bad_metadata", f"color_space is {stored}; it must be 0 (sRGB) or 1 (linear)")
    return "srgb" if stored == [0.0] else "linear"


def _camera_facts(elements: dict[str, NDArray[Any]]) -> dict[str, object]:
    intrinsic, size = _supplement(elements, "intrinsic"), _supplement(elements, "image_size")
    if intrinsic is None:
        return {"f_px": 512.0, "image_size": [640, 480], "camera": "assumed"}
    if size is None and len(intrinsic) == 4:
        size = intrinsic[2:]
    elif size is None or len(intrinsic) != 9 or len(size) != 2:
        raise SplatRejected("bad_metadata", "intrinsic needs 9 values and image_size 2, or 4 values alone")
    if not (np.isfinite([intrinsic[0], *size]).all() and intrinsic[0] > 0 and min(size) >= 1):
        raise SplatRejected("bad_metadata", f"f_px {intrinsic[0]} and image size {size} must be above 0")
    return {"f_px": intrinsic[0], "image_size": [int(side) for side in size], "camera": "file"}
