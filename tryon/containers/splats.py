"""Splats for callers outside the pipeline: bytes in, Gaussians out. The whole scene is kept, as the network sees it.

What is raised is built in: a caller has none of our classes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from tryon.containers.gpus import naming_larger
from tryon.containers.images import CACHE
from tryon.containers.station import Commit, prepare
from tryon.core.direct import splats as direct
from tryon.core.errors import BadInput, InvalidSetting
from tryon.core.images import decode
from tryon.core.ply import write_ply
from tryon.core.ports import Splatter
from tryon.core.recipes import Stage
from tryon.core.words import Refused
from tryon.engines.cores import usable_cores
from tryon.engines.sharp import Sharp
from tryon.engines.torch_runtime import resolve_device
from tryon.profiles.engines import own_sharp
from tryon.settings import Settings
from tryon.settings.types import pinned
from tryon.stores.model_cache import ModelCache

VARIABLE = "FASHION_SPLAT_GPU"


def weights(asked: str | None) -> dict[str, str]:
    """Variables of a container: a file on its volume, or an address with its sha256. Raises InvalidSetting."""
    if asked is None:
        return {}
    try:
        pinned(asked)
    except ValueError as error:
        raise InvalidSetting(f"FASHION_SPLAT_CHECKPOINT={asked!r}: {error}") from None
    return {"SHARP_CHECKPOINT": asked if "://" in asked else f"{CACHE}/{asked}"}


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
    made = Sharp(ModelCache(settings.models), None, device, own_sharp(settings), threads=threads)
    with naming_larger(VARIABLE):
        made.load()
    return made


def listed(splatter: Splatter, image_bytes: bytes, f_px: float | None = None) -> dict[str, object]:
    """As plain lists, with what is known about them; evenly sampled where there are more than MOST_LISTED."""
    begun = time.monotonic()
    found = splat(splatter, image_bytes, f_px)
    seconds = time.monotonic() - begun
    return direct.as_lists(direct.listing(found, direct.MOST_LISTED, seconds))


def as_ply(splatter: Splatter, image_bytes: bytes, f_px: float | None = None) -> bytes:
    """Every Gaussian, as a binary PLY that viewers read."""
    return write_ply(splat(splatter, image_bytes, f_px).gaussians)


def splat(splatter: Splatter, image_bytes: bytes, f_px: float | None) -> direct.Scene:
    """Raises ValueError for a picture or a focal length that cannot be used, MemoryError naming a larger GPU."""
    with _plain(), naming_larger(VARIABLE):
        found = direct.splat(splatter, decode(image_bytes), f_px)
    if isinstance(found, Refused):
        raise ValueError(f"{found.code}: {found.message}")
    return found


@contextmanager
def _plain() -> Iterator[None]:
    try:
        yield
    except BadInput as error:
        raise ValueError(str(error)) from None
