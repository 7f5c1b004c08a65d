"""`python -m bench crops`: the detector at its full size, with random weights, one photo at a time.

What a random net finds means nothing; that it gives a verdict for every photo, how long it takes and how much memory
it needs are those of the published net, which has the same shape.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, TypeVar

import numpy as np

from bench.local_models import LocalModels
from bench.random_detector import Config, full_config, random_model, write_checkpoint
from tryon.core.errors import FashionError
from tryon.core.ports import DetectJob, Pixels, SeenGarment
from tryon.core.words import Category
from tryon.engines.grounding_dino import GroundingDino
from tryon.engines.grounding_dino.models import GROUNDING_DINO_TINY

SIZES = (
    (600, 800),
    (1024, 1024),
    (1500, 1000),
    (720, 1280),
    (1000, 1400),
    (533, 640),
    (2000, 3000),
    (400, 900),
)
"""Width and height of the photos, in turn: allocators keep the most memory when shapes change."""

THINGS = (
    "white shirt",
    "blue denim jeans",
    "striped sweater",
    "red plaid skirt",
    "pair of black leather shoes",
)
OTHERS = ("wooden hanger", "hat", "brown belt", "green scarf", "white socks")
ResultT = TypeVar("ResultT")


def measure(
    images: int = 64, shortest: int = 480, longest: int = 800, config: Callable[[], Config] = full_config
) -> dict[str, object]:
    """Writing and searching each in a process of its own, so that the memory is that of searching alone."""
    with TemporaryDirectory() as folder:
        _apart(write, Path(folder), config)
        return _apart(search, Path(folder), images, shortest, longest)


def _apart(work: Callable[..., ResultT], *args: Any) -> ResultT:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *args).result()


def write(folder: Path, config: Callable[[], Config]) -> None:
    write_checkpoint(folder / GROUNDING_DINO_TINY.id, random_model(config()))


def search(folder: Path, images: int, shortest: int, longest: int) -> dict[str, object]:
    """A failure is a photo without one answer a garment, for whatever reason; each is named on standard error."""
    detector = GroundingDino(LocalModels(folder), device="cpu", shortest=shortest, longest=longest)
    detector.load()
    start, failures = perf_counter(), 0
    for number in range(images):
        failures += not _answered(detector, job(number))
    return {
        "images": images,
        "failures": failures,
        "seconds_per_image": round((perf_counter() - start) / max(images, 1), 3),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "shortest": shortest,
        "longest": longest,
        "checkpoint_bytes": (folder / GROUNDING_DINO_TINY.id / "model.safetensors").stat().st_size,
    }


def _answered(detector: GroundingDino, one: DetectJob) -> bool:
    try:
        [answers] = detector.detect([one])
    except (FashionError, RuntimeError, ValueError, MemoryError) as error:
        sys.stderr.write(f"{one.image.shape}: {type(error).__name__}: {error}\n")
        return False
    return len(answers) == len(one.seen)


def job(number: int) -> DetectJob:
    """One to three garments and up to five other things, in a photo of coloured noise."""
    random = np.random.default_rng(number)
    count = 1 + number % 3
    categories = (Category.TOPS, Category.BOTTOMS, Category.SHOES)[:count]
    phrases = random.permutation(THINGS)[:count]
    seen = tuple(SeenGarment(c, str(p)) for c, p in zip(categories, phrases, strict=True))
    return DetectJob(_photo(random, SIZES[number % len(SIZES)]), seen, OTHERS[: number % 6])


def _photo(random: np.random.Generator, size: tuple[int, int]) -> Pixels:
    blocks = random.integers(0, 255, (8, 8, 3), dtype=np.uint8)
    rows, columns = np.arange(size[1]) * 8 // size[1], np.arange(size[0]) * 8 // size[0]
    return blocks[rows][:, columns]
