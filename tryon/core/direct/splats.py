"""One picture -> 3D Gaussians, as numbers and as files. HTTP services and the functions on Modal answer with these."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tryon.core.camera import Focal, focal_length
from tryon.core.errors import InvalidSetting
from tryon.core.images import Photo
from tryon.core.ports import Scenic, SplatJob, Splatter, release_now
from tryon.core.quality import judge_splat
from tryon.core.splats import Gaussians
from tryon.core.words import Refused

MOST_LISTED = 50_000
"""Gaussians that are answered as lists of numbers. All 1.2 million would be 200 MB of text; a PLY has them all."""

BYTES_LISTED = 170
"""Of one Gaussian in JSON: 14 numbers of up to 7 digits."""

DIGITS = 7
"""Of a listed number: a float32 has no more."""

ROWS_AT_ONCE = 1000
"""In one piece of JSON: 3 to 5 ms, in which no other thread of Python gets its turn."""


@dataclass(frozen=True, slots=True)
class Scene:
    """size: (width, height) of the picture. facts: what the engine and its card say, as plain JSON values."""

    gaussians: Gaussians
    focal: Focal
    size: tuple[int, int]
    facts: Mapping[str, object]


def splat(splatter: Splatter, photo: Photo, f_px: float | None = None) -> Scene | Refused:
    """f_px: pixels of this picture; else the photo's EXIF, else 1.2 times its longer side. What the engine took of the
    GPU for this one picture is given back.

    Only a splatter of people is judged as the pipeline's looks are: a scene may be deeper and wider than a person.
    Raises InvalidSetting for an f_px that no lens has, OutOfMemory and other EngineErrors.
    """
    height, width = photo.pixels.shape[:2]
    focal = focal_length(photo.camera, width, height, f_px)
    try:
        (found,) = splatter.splat([SplatJob(photo.pixels, focal.f_px, focal.source)])
    finally:
        release_now(splatter)
    if isinstance(found, Refused):
        return found
    refused = None if isinstance(splatter, Scenic) else judge_splat(found, photo.pixels, focal.f_px)
    facts = {"generator": splatter.card.id, "licence": splatter.card.licence, **found.facts}
    return refused or Scene(found, focal, (width, height), facts)


def check_listed(asked: int) -> int:
    """Raises InvalidSetting with the size that a longer list would have."""
    if 1 <= asked <= MOST_LISTED:
        return asked
    megabytes = asked * BYTES_LISTED / 1e6
    size = f" would be about {megabytes:.0f} MB of JSON" if asked > 0 else ""
    raise InvalidSetting(
        f"max_gaussians {asked}{size}; ask for 1 to {MOST_LISTED}, or for the PLY file, which has all of them"
    )


def thinned(found: Gaussians, most: int) -> Gaussians:
    """At most that many of them, evenly chosen in their order."""
    if len(found) <= most:
        return found
    rows = np.linspace(0, len(found) - 1, most).round().astype(np.intp)
    return Gaussians(
        found.positions[rows],
        found.scales[rows],
        found.rotations[rows],
        found.opacities[rows],
        found.colors[rows],
        found.facts,
    )


@dataclass(frozen=True, slots=True)
class Listing:
    """shown: those that are listed. metadata: what is known of all, as plain JSON values."""

    shown: Gaussians
    metadata: Mapping[str, object]


def listing(scene: Scene, most: int, seconds: float) -> Listing:
    """seconds: that the engine took."""
    shown, positions = thinned(scene.gaussians, most), scene.gaussians.positions
    corners = _rounded(np.stack([positions.min(axis=0), positions.max(axis=0)]))
    known: dict[str, object] = {
        **scene.facts,
        "count": len(shown),
        "total": len(scene.gaussians),
        "sampled": len(shown) < len(scene.gaussians),
        "image_size": [*scene.size],
        "f_px": scene.focal.f_px,
        "f_px_source": scene.focal.source,
        "bounding_box": corners.tolist(),
        "seconds": round(seconds, 3),
    }
    return Listing(shown, known)


def as_lists(found: Listing) -> dict[str, object]:
    """positions [N, 3] metres, scales [N, 3] linear, rotations [N, 4] wxyz, opacities [N, 1] 0..1, colors
    [N, 3] sRGB 0..1, as plain lists of numbers with DIGITS digits, and `metadata`."""
    lists = {name: _rounded(values).tolist() for name, values in _columns(found.shown).items()}
    return {**lists, "metadata": dict(found.metadata)}


def as_json(found: Listing) -> Iterator[bytes]:
    """`as_lists` in pieces: written at once, it would hold up every other thread for a second."""
    for name, values in _columns(found.shown).items():
        yield f'{"," if name != "positions" else "{"}"{name}":['.encode()
        yield from _pieces(values)
        yield b"]"
    yield f',"metadata":{json.dumps(found.metadata)}}}'.encode()


def _columns(found: Gaussians) -> dict[str, NDArray[np.float32]]:
    return {
        "positions": found.positions,
        "scales": found.scales,
        "rotations": found.rotations,
        "opacities": found.opacities[:, None],
        "colors": found.colors,
    }


def _pieces(values: NDArray[np.float32]) -> Iterator[bytes]:
    for start in range(0, len(values), ROWS_AT_ONCE):
        text = json.dumps(_rounded(values[start : start + ROWS_AT_ONCE]).tolist(), separators=(",", ":"))
        yield f"{',' if start else ''}{text[1:-1]}".encode()


def _rounded(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """To DIGITS significant digits, so that text has no more than the number has."""
    exact = values.astype(np.float64)
    size = np.floor(np.log10(np.abs(exact), where=exact != 0, out=np.zeros_like(exact)))
    unit = 10.0 ** (DIGITS - 1 - size)
    return np.asarray(np.round(exact * unit) / unit, np.float64)
