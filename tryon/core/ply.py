"""3D Gaussian splats as binary PLY files: vertex-only, or with the extra elements of Apple's ml-sharp.

Vertex columns, float32: x y z, f_dc_0..2 (degree-0 spherical harmonics of the colour), opacity (logit),
scale_0..2 (natural log of metres), rot_0..3 (quaternion wxyz). This is the order of ml-sharp's writer. The
nx ny nz of the original 3DGS writer carry nothing and no viewer needs them; they are ignored when read.

Vertex-only is the default because some readers refuse a file with unknown elements. Such files say
`comment color_space sRGB` in the header: without it ml-sharp's rule "absent means linear" would read our
own colours wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tryon.core.errors import BadInput, InvalidSetting
from tryon.core.splats import Gaussians

SH_C0 = 0.28209479177387814
"""sqrt(1 / (4 pi)), the degree-0 spherical harmonic: colour = 0.5 + SH_C0 * f_dc."""

Layout = Literal["vertex", "sharp"]

_POSITION = ("x", "y", "z")
_COLOR = ("f_dc_0", "f_dc_1", "f_dc_2")
_SCALE = ("scale_0", "scale_1", "scale_2")
_ROTATION = ("rot_0", "rot_1", "rot_2", "rot_3")
_COLUMNS = (*_POSITION, *_COLOR, "opacity", *_SCALE, *_ROTATION)
_VERTEX = np.dtype([(name, "<f4") for name in _COLUMNS])

_TYPES = {
    "char": "i1", "uchar": "u1", "short": "<i2", "ushort": "<u2", "int": "<i4", "uint": "<u4",
    "float": "<f4", "double": "<f8", "int8": "i1", "uint8": "u1", "int16": "<i2", "uint16": "<u2",
    "int32": "<i4", "uint32": "<u4", "float32": "<f4", "float64": "<f8",
}  # fmt: skip
_NAMES = {"<f4": "float", "<u4": "uint", "<i4": "int", "|u1": "uchar"}
_SRGB_COMMENT = "comment color_space sRGB"
_MAX_HEADER = 65_536
_TINY = float(np.finfo(np.float32).tiny)
_ALMOST_ONE = 1 - 2.0**-24

Floats = NDArray[np.float32]


class SplatRejected(BadInput):
    """Gaussians that cannot be written, or bytes that cannot be read as them. `code` is stable:
    bad_shape, not_finite, out_of_range, not_ply, unsupported_format, malformed_header, truncated,
    trailing_bytes, empty, missing_property, wrong_type, bad_metadata."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def srgb_from_linear(linear: ArrayLike) -> Floats:
    """Linear RGB to sRGB, both 0..1, any shape, float32 out (IEC 61966-2-1)."""
    value = np.clip(np.asarray(linear, np.float64), 0, 1)
    srgb = np.where(value <= 0.0031308, value * 12.92, 1.055 * value ** (1 / 2.4) - 0.055)
    return srgb.astype(np.float32)


def linear_from_srgb(srgb: ArrayLike) -> Floats:
    """sRGB to linear RGB, both 0..1, any shape, float32 out (IEC 61966-2-1)."""
    value = np.clip(np.asarray(srgb, np.float64), 0, 1)
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return linear.astype(np.float32)


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
        lines.append(_SRGB_COMMENT)
    elif layout == "sharp":
        elements += _camera_elements(gaussians, f_px, image_size)
    else:
        raise InvalidSetting(f"PLY layout {layout!r} is unknown; use 'vertex' or 'sharp'")
    for name, rows in elements:
        lines.append(f"element {name} {len(rows)}")
        columns = [(column, rows.dtype[column].str) for column in rows.dtype.names or ()]
        lines += [f"property {_NAMES[kind]} {column}" for column, kind in columns]
    header = "\n".join([*lines, "end_header\n"]).encode("ascii")
    return b"".join([header, *(rows.tobytes() for _, rows in elements)])


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
    header, elements = _parse(data)
    vertices = elements.get("vertex")
    if vertices is None or len(vertices) == 0:
        raise SplatRejected("empty", "the PLY has no vertex element, or no rows in it")
    stored = _stored_color_space(header, elements)
    with np.errstate(over="ignore"):
        scales = np.exp(_columns(vertices, _SCALE).astype(np.float64)).astype(np.float32)
        opacities = 1 / (1 + np.exp(-_columns(vertices, ("opacity",))[:, 0].astype(np.float64)))
    dc = _columns(vertices, _COLOR)
    rotations = _columns(vertices, _ROTATION)
    positions = _columns(vertices, _POSITION)
    for name, values in [("position", positions), ("scale", scales), ("colour", dc), ("rotation", rotations)]:
        _check_finite(name, values)
    _check_finite("opacity", opacities)
    colors = np.clip(dc * np.float32(SH_C0) + np.float32(0.5), 0, 1)
    return Gaussians(
        positions=positions,
        scales=scales,
        rotations=_normalised(rotations) if unit_rotations else rotations,
        opacities=opacities.astype(np.float32),
        colors=colors if stored == "srgb" else srgb_from_linear(colors),
        facts={**_camera_facts(elements), "color_space": stored},
    )


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
        _check_finite(name, values)
        parts[name] = values.astype(np.float64)
    opacity, scale = parts["opacities"], parts["scales"]
    if opacity.min() < 0 or opacity.max() > 1 or scale.min() < 0:
        raise SplatRejected("out_of_range", "opacities must be in 0..1 and scales at least 0 metres")
    clamped = np.clip(opacity, _TINY, _ALMOST_ONE)
    parts["colors"] = (parts["colors"] - 0.5) / SH_C0
    parts["opacities"] = np.log(clamped / (1 - clamped))[:, None]
    parts["scales"] = np.log(np.maximum(scale, _TINY))
    table = np.concatenate([parts[name] for name in shapes], axis=1).astype("<f4")
    return table.view(_VERTEX)[:, 0]


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


def _check_finite(name: str, values: NDArray[Any]) -> None:
    if not np.isfinite(values).all():
        row = int(np.argwhere(~np.isfinite(values))[0][0])
        raise SplatRejected("not_finite", f"{name} of Gaussian {row} is NaN or infinite")


def _normalised(rotations: Floats) -> Floats:
    norms = np.linalg.norm(rotations.astype(np.float64), axis=1, keepdims=True)
    if norms.min() == 0:
        raise SplatRejected("out_of_range", f"rotation of Gaussian {int(norms.argmin())} is all zeros")
    unit: Floats = (rotations / norms).astype(np.float32)
    return unit


@dataclass(frozen=True, slots=True)
class _Element:
    name: str
    count: int
    columns: list[tuple[str, str]]


def _parse(data: bytes) -> tuple[list[str], dict[str, NDArray[Any]]]:
    """Header lines, and each element's rows as a read-only structured view of `data`."""
    if not re.match(rb"ply\r?\n", data):
        raise SplatRejected("not_ply", "the file does not start with 'ply'")
    end = re.search(rb"\nend_header\r?\n", data[:_MAX_HEADER])
    if end is None:
        raise SplatRejected("truncated", f"no end_header in the first {_MAX_HEADER} bytes")
    lines = [line.strip() for line in data[: end.start()].decode("latin-1").splitlines()[1:]]
    rows: dict[str, NDArray[Any]] = {}
    offset = end.end()
    for element in _declared(lines):
        dtype = _dtype(element)
        if element.count * dtype.itemsize > len(data) - offset:
            raise SplatRejected(
                "truncated", f"element {element.name} declares {element.count} rows, more than the file holds"
            )
        rows.setdefault(element.name, np.frombuffer(data, dtype, element.count, offset))
        offset += element.count * dtype.itemsize
    if offset != len(data):
        raise SplatRejected("trailing_bytes", f"{len(data) - offset} bytes follow the last element")
    return lines, rows


def _declared(lines: Sequence[str]) -> list[_Element]:
    if not lines or not lines[0].startswith("format binary_little_endian"):
        raise SplatRejected("unsupported_format", "only 'format binary_little_endian 1.0' can be read")
    elements: list[_Element] = []
    for line in lines[1:]:
        match line.split():
            case ["element", name, count] if re.fullmatch("[0-9]{1,15}", count):
                elements.append(_Element(name, int(count), []))
            case ["property", "list", *_]:
                raise SplatRejected("wrong_type", f"{line!r}: list properties are for meshes, not splats")
            case ["property", kind, name] if elements and kind in _TYPES:
                elements[-1].columns.append((name, _TYPES[kind]))
            case ["comment" | "obj_info", *_] | []:
                pass
            case _:
                raise SplatRejected("malformed_header", f"PLY header line {line!r} is not understood")
    return elements


def _dtype(element: _Element) -> np.dtype[Any]:
    names = [name for name, _ in element.columns]
    if not names or len(set(names)) != len(names):
        raise SplatRejected("malformed_header", f"element {element.name} has no property, or one twice")
    return np.dtype(element.columns)


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
        return "srgb" if _SRGB_COMMENT in header else "linear"
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
