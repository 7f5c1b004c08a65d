"""Splats for callers outside the pipeline: bytes in, Gaussians out. The whole scene is kept, as the network sees it.

What is raised is built in: a caller has none of our classes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import numpy as np

from tryon.containers.gpus import naming_larger
from tryon.containers.station import Commit, prepare
from tryon.core.camera import Focal, focal_length
from tryon.core.errors import BadInput
from tryon.core.images import decode
from tryon.core.ply import write_ply
from tryon.core.ports import Pixels, SplatJob, Splatter
from tryon.core.recipes import Stage
from tryon.core.splats import Gaussians
from tryon.core.words import Refused
from tryon.engines.cores import usable_cores
from tryon.engines.sharp import Sharp
from tryon.engines.torch_runtime import resolve_device
from tryon.settings import Settings
from tryon.stores.model_cache import ModelCache

MOST_LISTED = 50_000
"""Gaussians that are answered as lists of numbers. All 1.2 million would be 300 MB of text; a PLY has them all."""

VARIABLE = "FASHION_SPLAT_GPU"


class Splats:
    """One container's engine, made and loaded at the first picture; safe to use from many threads."""

    def __init__(self, commit: Commit) -> None:
        self._commit, self._lock = commit, Lock()
        self._made: Sharp | None = None

    def engine(self) -> Sharp:
        with self._lock:
            if self._made is None:
                self._made = _engine(prepare(Stage.SPLAT, self._commit))
            return self._made


def _engine(settings: Settings) -> Sharp:
    threads, device = settings.threads or usable_cores(), resolve_device(settings.device)
    made = Sharp(ModelCache(settings.models), None, device, settings.sharp_checkpoint, threads=threads)
    with naming_larger(VARIABLE):
        made.load()
    return made


def listed(splatter: Splatter, image_bytes: bytes, f_px: float | None = None) -> dict[str, object]:
    """positions [N, 3] metres, scales [N, 3] linear, rotations [N, 4] wxyz, opacities [N, 1] 0..1, colors
    [N, 3] sRGB 0..1, as plain lists, and `metadata`. Evenly sampled where there are more than MOST_LISTED."""
    begun = time.monotonic()
    found, focal, picture = splat(splatter, image_bytes, f_px)
    rows = np.linspace(0, len(found) - 1, min(len(found), MOST_LISTED)).round().astype(np.intp)
    height, width = picture.shape[:2]
    low, high = found.positions.min(axis=0), found.positions.max(axis=0)
    return {
        "positions": found.positions[rows].tolist(),
        "scales": found.scales[rows].tolist(),
        "rotations": found.rotations[rows].tolist(),
        "opacities": found.opacities[rows, None].tolist(),
        "colors": found.colors[rows].tolist(),
        "metadata": {
            **found.facts,
            "count": len(rows),
            "total": len(found),
            "sampled": len(rows) < len(found),
            "image_size": [width, height],
            "f_px": focal.f_px,
            "f_px_source": focal.source,
            "bounding_box": [low.tolist(), high.tolist()],
            "seconds": round(time.monotonic() - begun, 3),
        },
    }


def as_ply(splatter: Splatter, image_bytes: bytes, f_px: float | None = None) -> bytes:
    """Every Gaussian, as a binary PLY that viewers read."""
    return write_ply(splat(splatter, image_bytes, f_px)[0])


def splat(splatter: Splatter, image_bytes: bytes, f_px: float | None) -> tuple[Gaussians, Focal, Pixels]:
    """Raises ValueError for a picture or a focal length that cannot be used, MemoryError naming a larger GPU."""
    with _plain(), naming_larger(VARIABLE):
        photo = decode(image_bytes)
        height, width = photo.pixels.shape[:2]
        focal = focal_length(photo.camera, width, height, f_px)
        (found,) = splatter.splat([SplatJob(photo.pixels, focal.f_px, focal.source)])
    if isinstance(found, Refused):
        raise ValueError(f"{found.code}: {found.message}")
    return found, focal, photo.pixels


@contextmanager
def _plain() -> Iterator[None]:
    try:
        yield
    except BadInput as error:
        raise ValueError(str(error)) from None
