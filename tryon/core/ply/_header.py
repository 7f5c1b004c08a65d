"""The PLY header and the rows it declares, as views of the file's bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tryon.core.errors import SplatRejected

_TYPES = {
    "char": "i1", "uchar": "u1", "short": "<i2", "ushort": "<u2", "int": "<i4", "uint": "<u4",
    "float": "<f4", "double": "<f8", "int8": "i1", "uint8": "u1", "int16": "<i2", "uint16": "<u2",
    "int32": "<i4", "uint32": "<u4", "float32": "<f4", "float64": "<f8",
}  # fmt: skip
_MAX_HEADER = 65_536


@dataclass(frozen=True, slots=True)
class _Element:
    name: str
    count: int
    columns: list[tuple[str, str]]


def parse(data: bytes) -> tuple[list[str], dict[str, NDArray[Any]]]:
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
