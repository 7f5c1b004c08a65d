"""Seconds of each engine on one thread: of the processor, so that other work on the machine changes nothing."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from bench.evaluate.chain import Cutout, Engines, Wearer
from tryon.core.camera import focal_length
from tryon.core.ports import DetectJob, DressJob, Pixels, SeenGarment, SplatJob
from tryon.core.words import Refused
from tryon.engines.studio_parser.body_net import WEIGHTS, start_session

RUNS = 5


def of_engines(
    engines: Engines, wearer: Wearer, top: Cutout, bottom: Cutout, packshot: Pixels
) -> dict[str, float]:
    """Medians of RUNS after a first one. packshot: a product photo, uint8 [H, W, 3]."""
    jobs = [engines.job(wearer, wearer.photo, cutout) for cutout in (top, bottom)]
    dressed = [job for job in jobs if isinstance(job, DressJob)]
    look = engines.look(wearer, [top, bottom])
    assert not isinstance(look, Refused), "the pair was chosen because it can be dressed"
    focal = focal_length(None, look.shape[1], look.shape[0])
    splat, seen = SplatJob(look, focal.f_px, focal.source), (SeenGarment(top.category, "top"),)
    return {
        "detect_seconds": _median(lambda: engines.detector.detect([DetectJob(packshot, seen)])),
        "parse_seconds": _median(lambda: engines.parser.parse([wearer.photo])),
        "tryon_seconds": max(_median(partial(engines.dresser.dress, [job])) for job in dressed),
        "splat_seconds": _median(lambda: engines.splatter.splat([splat])),
        "net_ms": 1000.0 * sum(_net(path) for path in sorted(WEIGHTS.parent.glob("*.onnx"))),
    }


def _median(work: Callable[[], object]) -> float:
    work()
    taken = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def _net(weights: Path) -> float:
    """One run of a net on noise, since its time does not depend on what it sees."""
    session = start_session(weights, 1)
    noise = np.random.default_rng(0)
    feed = {entry.name: noise.random(_shape(entry.shape), np.float32) for entry in session.get_inputs()}
    return _median(lambda: session.run(None, feed))


def _shape(declared: Sequence[object]) -> tuple[int, ...]:
    """A free dimension (a name) is one picture."""
    return tuple(size if isinstance(size, int) else 1 for size in declared)
