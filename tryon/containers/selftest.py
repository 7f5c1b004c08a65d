"""One inference of each engine, for `modal run`: what it ran on, how long it took, what came out.

No store is used: what fails here is about the image, the GPU or the models.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np

from tryon.containers import gpus
from tryon.containers.station import Commit, prepare
from tryon.core.images import decode
from tryon.core.ports import Body, DetectJob, Dressed, DressJob, Pixels, SeenGarment, load_now
from tryon.core.recipes import Stage
from tryon.core.words import Category, Refused
from tryon.profiles.engines import Engines
from tryon.settings import Settings
from tryon.stores.sqlite.answers import SqliteAnswers
from tryon.stores.sqlite.database import Database

Facts = dict[str, object]
T = TypeVar("T")


def find(photo: bytes, commit: Commit) -> Facts:
    """The detector looks for a top in a product photo."""
    with TemporaryDirectory() as folder:
        engine = engines(Stage.CROP, commit, Path(folder)).detector
        job = DetectJob(decode(photo).pixels, (SeenGarment(Category.TOPS, "t-shirt"),))
        ((found,),), facts = timed(engine, lambda: engine.detect([job]))
    return facts | ({"refused": found.message} if isinstance(found, Refused) else {"box": [*found.box]})


def parse(photo: bytes, commit: Commit) -> Facts:
    """The body parser labels a photo of a person."""
    with TemporaryDirectory() as folder:
        engine = engines(Stage.MASK, commit, Path(folder)).body_parser
        pixels = decode(photo).pixels
        (found,), facts = timed(engine, lambda: engine.parse([pixels]))
    if isinstance(found, Refused):
        return facts | {"refused": found.message}
    return facts | {
        "labels": np.unique(found.labels).tolist(),
        "person": round(float((found.labels > 0).mean()), 3),
    }


def dress(photo: bytes, garment: bytes, commit: Commit) -> Facts:
    """The dresser paints a garment into the middle of a photo of a person."""
    with TemporaryDirectory() as folder:
        engine = engines(Stage.TRYON, commit, Path(folder)).dresser
        job = _dress_job(decode(photo).pixels, decode(garment).pixels)
        (found,), facts = timed(engine, lambda: engine.dress([job]))
    if isinstance(found, Dressed):
        changed = (found.image != job.person).any(axis=2).mean()
        return facts | {"size": [*found.image.shape[1::-1]], "changed": round(float(changed), 3)}
    return facts | {"refused": found.message}


def _dress_job(person: Pixels, garment: Pixels) -> DressJob:
    """No body parser runs here, so the region is a plain box."""
    height, width = person.shape[:2]
    region = np.zeros((height, width), np.uint8)
    region[height // 4 : height // 2, width // 3 : 2 * width // 3] = 255
    opaque = np.full((*garment.shape[:2], 1), 255, np.uint8)
    body = Body(np.zeros((height, width), np.uint8), np.zeros((19, 3), np.float32))
    return DressJob(person, region, np.concatenate([garment, opaque], axis=2), Category.TOPS, body, seed=42)


def engines(stage: Stage, commit: Commit, folder: Path) -> Engines:
    """folder: for the answers of paid services, of which none is asked."""
    settings: Settings = prepare(stage, commit)
    return Engines(settings, SqliteAnswers(Database(folder / "answers.sqlite")))


def timed(engine: object, work: Callable[[], T]) -> tuple[T, Facts]:
    """Loading apart: a warm container has done it."""
    begun = time.monotonic()
    load_now(engine)
    loaded = time.monotonic()
    found = work()
    facts: Facts = {"load_seconds": round(loaded - begun, 2), "seconds": round(time.monotonic() - loaded, 2)}
    return found, facts


def on_gpu(facts: Facts) -> Facts:
    return {"gpu": gpus.name(), "gigabytes": round(gpus.gigabytes(), 1)} | facts
