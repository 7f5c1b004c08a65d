"""The training set of the body net: random renders in shards, made in any number of sittings."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from studio.render import shot
from studio.variety import random_backdrop, random_camera, random_subject

log = logging.getLogger(__name__)

# Width and height of the net's input.
SIZE = (192, 256)
SHARD = 40


def make_dataset(folder: Path, count: int, seed: int) -> None:
    """Write shards of SHARD renders into `folder` until there are `count`; keep those that are there.

    Each shard has its own random stream (seed, index), so interruptions do not change the set.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(-(-count // SHARD)):
        path = folder / f"shard-{seed}-{index:03d}.npz"
        if path.exists():
            continue
        _write_shard(path, np.random.default_rng([seed, index]))
        log.info("shard %s", path.name)


def _write_shard(path: Path, rng: np.random.Generator) -> None:
    """rgb uint8 [n, h, w, 3], labels uint8 [n, h, w], keypoints float32 [n, 19, 3]; all or nothing."""
    shots = []
    for _ in range(SHARD):
        subject = random_subject(rng)
        camera = random_camera(rng, SIZE, subject.body.shape.height)
        shots.append(shot(subject, camera, random_backdrop(rng, SIZE), antialias=2))
    draft = path.with_suffix(".tmp")
    with draft.open("wb") as file:
        np.savez_compressed(
            file,
            rgb=np.stack([s.rgb for s in shots]),
            labels=np.stack([s.labels for s in shots]),
            keypoints=np.stack([s.keypoints for s in shots]),
        )
    draft.rename(path)
