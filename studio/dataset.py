"""The training set of the body net: random renders in shards, made in any number of sittings, on all cores."""

from __future__ import annotations

import logging
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.backdrop import busy_backdrop
from studio.render import Shot, shot
from studio.variety import random_backdrop, random_camera, random_subject

log = logging.getLogger(__name__)

# Width and height of a render: finer than the net's input, which is cut out of it around the person.
SIZE = (336, 448)
SHARD = 20
# Share of backdrops that nobody should photograph clothes in front of.
_BUSY = 0.06


def make_dataset(folder: Path, count: int, seed: int, workers: int = 1) -> None:
    """Write shards of SHARD renders into `folder` until there are `count`; keep those that are there.

    Each shard has its own random stream (seed, index), so neither interruptions nor the number of worker
    processes change the set.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for draft in folder.glob("*.tmp"):
        draft.unlink()
    missing = [index for index in range(-(-count // SHARD)) if not shard_path(folder, seed, index).exists()]
    if workers == 1:
        for index in missing:
            write_shard(folder, seed, index)
            log.info("shard %d", index)
        return
    _warm(seed)
    # A fresh interpreter each: numba and threads do not outlive a fork.
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        tasks = {pool.submit(write_shard, folder, seed, index): index for index in missing}
        for task in as_completed(tasks):
            task.result()
            log.info("shard %d", tasks[task])


def shard_path(folder: Path, seed: int, index: int) -> Path:
    """Where the shard lies; sorted by name they are in the order of their index."""
    return folder / f"shard-{seed}-{index:03d}.npz"


def write_shard(folder: Path, seed: int, index: int) -> None:
    """rgb uint8 [n, h, w, 3], labels uint8 [n, h, w], keypoints float32 [n, 19, 3], depth float16 [n, h, w]; all or
    nothing.
    """
    rng = np.random.default_rng([seed, index])
    shots, depths = zip(*(_random_shot(rng) for _ in range(SHARD)), strict=True)
    path = shard_path(folder, seed, index)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    with draft.open("wb") as file:
        np.savez_compressed(
            file,
            rgb=np.stack([s.rgb for s in shots]),
            labels=np.stack([s.labels for s in shots]),
            keypoints=np.stack([s.keypoints for s in shots]),
            depth=np.stack(depths),
        )
    draft.rename(path)


def _random_shot(rng: np.random.Generator) -> tuple[Shot, NDArray[np.float16]]:
    """The picture and its relative depth."""
    subject = random_subject(rng)
    camera = random_camera(rng, SIZE, subject.body.shape.height)
    # Busy rooms are refused; a net that never saw one would not find the person to say so.
    backdrop = busy_backdrop if rng.random() < _BUSY else random_backdrop
    taken = shot(subject, camera, backdrop(rng, SIZE), antialias=2)
    return taken, relative_depth(taken.depth, camera.focal)


def relative_depth(depth: NDArray[np.float32], focal: float) -> NDArray[np.float16]:
    """How much further than the person's mean each pixel is, in pixels of the picture at that mean; 0 beside it.

    depth: metres, 0 beside the person; focal: pixels. Pixels, because a net cannot see metres.
    """
    person = depth > 0
    mean = float(depth[person].mean()) if person.any() else 1.0
    return np.where(person, (depth - mean) * (focal / mean), 0.0).astype(np.float16)


def _warm(seed: int) -> None:
    """Compile the kernels into numba's cache once, rather than in every worker at the same time."""
    rng = np.random.default_rng(seed)
    shot(random_subject(rng), random_camera(rng, (12, 16), 1.7), random_backdrop(rng, (12, 16)), antialias=0)
