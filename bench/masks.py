"""The body parser on nets of the published shapes with random weights: its time beside that of the bare nets.

The nets' files are written by one process and measured by another, which holds nothing else: its peak is the memory
of the engine. The bare runs are of the very same sessions, one after the other, in turns with the whole engine.
"""

from __future__ import annotations

import json
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from bench.local_models import LocalModels
from tryon.core.masks import make_masks
from tryon.core.ports import Body, Pixels
from tryon.engines.human_parser import HumanParser, dwpose, schp, yolox
from tryon.engines.human_parser.nets import Layout

Written = dict[str, float]
"""GFLOP of one run, by net."""

Writer = Callable[[Path, int, int], Written]

FINISH_SECONDS = 1800


def measure(
    images: int = 5,
    width: int = 1536,
    height: int = 2048,
    lip: bool = True,
    threads: int | None = None,
    write: Writer | None = None,
) -> dict[str, object]:
    """Medians over `images` photos of that size. write: fills a model cache; None: the published shapes."""
    from bench.parser_nets.files import write_nets

    with tempfile.TemporaryDirectory(prefix="bench-masks-") as name:
        root = Path(name)
        _in_child(_write, write or write_nets, root, width, height)
        _in_child(_measure, root, images, width, height, lip, threads)
        written, found = (json.loads((root / f"{part}.json").read_text()) for part in ("written", "found"))
    return {**found, "gflop": written, "images": images, "photo": f"{width}x{height}"}


def _in_child(work: Callable[..., None], *args: object) -> None:
    """A new process, so that nothing of this one counts. Raises AssertionError when it fails."""
    child = multiprocessing.get_context("spawn").Process(target=work, args=args)
    child.start()
    child.join(FINISH_SECONDS)
    assert child.exitcode == 0, f"{work.__name__} ended with {child.exitcode} (None: it did not end)"


def _write(write: Writer, root: Path, width: int, height: int) -> None:
    (root / "written.json").write_text(json.dumps(write(root, width, height)))


def _measure(root: Path, images: int, width: int, height: int, lip: bool, threads: int | None) -> None:
    engine = HumanParser(LocalModels(root), "cpu", threads, lip)
    image = _photo(width, height)
    body = _parsed(engine, image)
    whole, bare, algebra = [], [], []
    for _ in range(images):
        whole.append(_seconds(lambda: _parsed(engine, image)))
        bare.append(_bare_seconds(engine, image, lip))
        algebra.append(_seconds(lambda: make_masks(body)))
    seconds, bare_seconds = statistics.median(whole), statistics.median(bare)
    found = {
        "seconds": round(seconds, 4),
        "bare_seconds": round(bare_seconds, 4),
        "ratio_to_bare": round(seconds / bare_seconds, 3),
        "rss_mb": round(_peak_megabytes()),
        "mask_algebra_seconds": round(statistics.median(algebra), 4),
        "threads": engine.threads,
    }
    (root / "found.json").write_text(json.dumps(found))


def _parsed(engine: HumanParser, image: Pixels) -> Body:
    [body] = engine.parse([image])
    assert isinstance(body, Body), f"the nets describe a person, but the engine says {body}"
    return body


def _bare_seconds(engine: HumanParser, image: Pixels, lip: bool) -> float:
    """The nets alone, on the inputs that the engine gives them."""
    height, width = image.shape[:2]
    crop = dwpose.crop_around((0, 0, width, height))
    inputs: list[tuple[Layout, np.ndarray]] = [
        (yolox.LAYOUT, yolox.prepare(image)),
        (dwpose.LAYOUT, dwpose.prepare(image, crop)),
        *((parser.layout, schp.prepare(image, parser.side)) for parser in (schp.ATR, schp.LIP)[: 1 + lip]),
    ]
    sessions = [(engine.net(layout).session, tensor) for layout, tensor in inputs]
    return sum(_seconds(partial(run.run, None, {run.get_inputs()[0].name: data})) for run, data in sessions)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _photo(width: int, height: int) -> Pixels:
    """Noise of many sizes: the nets' time does not depend on what they see."""
    rough = np.random.default_rng(0).integers(0, 256, (48, 36, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def _peak_megabytes() -> float:
    """The largest resident size of this process so far, in 10^6 bytes."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024 / 1e6
