"""Our PLY writer in ml-sharp's layout, against a file that ml-sharp wrote of the same Gaussians.

A case is `X_inputs.npz`: mean_vectors [N, 3], singular_values [N, 3], quaternions [N, 4] wxyz of any length,
colors_linear [N, 3], opacities [N], f_px, image_height, image_width.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tryon.core.ply import srgb_from_linear, write_ply
from tryon.core.splats import Gaussians

END = b"end_header\n"


def measure(inputs: Path, reference: Path) -> dict[str, object]:
    """header_equal: the header, and every element beside the vertices, byte for byte.
    vertex_max_abs: over all vertex values that are finite in the reference.
    saturated: those that are not. ml-sharp writes the logit of an opacity of 0 or 1 as -inf or +inf, and the log of
    a scale of 0 as -inf, which viewers cannot draw; ours are clamped: finite, of the same sign, and beyond anything
    finite in that column of the reference. One that is not counts as an infinite difference.
    """
    theirs, ours = reference.read_bytes(), written(inputs)
    their_rows, our_rows = _elements(theirs), _elements(ours)
    expected, found = their_rows.pop("vertex"), our_rows.pop("vertex")
    names = expected.dtype.names or ()
    return {
        "header_equal": theirs.partition(END)[0] == ours.partition(END)[0]
        and _bytes(their_rows) == _bytes(our_rows),
        "vertex_max_abs": max(_difference(expected[name], _column(found, name)) for name in names),
        "saturated": sum(int(np.isinf(expected[name]).sum()) for name in names),
    }


def written(inputs: Path | BytesIO) -> bytes:
    """The case's Gaussians in our file."""
    with np.load(inputs) as case:
        gaussians = Gaussians(
            case["mean_vectors"],
            case["singular_values"],
            case["quaternions"],
            case["opacities"],
            srgb_from_linear(case["colors_linear"], clip=False),
        )
        size = (int(case["image_width"]), int(case["image_height"]))
        return write_ply(gaussians, "sharp", float(case["f_px"]), size)


def _elements(data: bytes) -> dict[str, NDArray[Any]]:
    from plyfile import PlyData  # type: ignore[import-untyped]

    return {element.name: element.data for element in PlyData.read(BytesIO(data)).elements}


def _bytes(rows: dict[str, NDArray[Any]]) -> dict[str, bytes]:
    return {name: values.tobytes() for name, values in rows.items()}


def _column(rows: NDArray[Any], name: str) -> NDArray[np.float32]:
    return np.asarray(rows[name] if name in (rows.dtype.names or ()) else [], np.float32)


def _difference(expected: NDArray[np.float32], found: NDArray[np.float32]) -> float:
    if len(expected) != len(found) or not np.isfinite(found).all():
        return float("inf")
    saturated = np.isinf(expected)
    finite, clamped = expected[~saturated], found[saturated]
    furthest = float(np.abs(finite).max(initial=0))
    if not ((np.sign(clamped) == np.sign(expected[saturated])) & (np.abs(clamped) > 15)).all():
        return float("inf")
    if (np.abs(clamped) < furthest).any():
        return float("inf")
    return float(np.abs(finite.astype(np.float64) - found[~saturated]).max(initial=0))
