"""Dress jobs for benchmarks: some people in all of some garments, arrays shared as the pipeline shares them."""

from __future__ import annotations

import cv2
import numpy as np

from tryon.core.ports import Body, DressJob, Pixels
from tryon.core.words import Category


def make_jobs(persons: int, garments: int, width: int, height: int) -> list[DressJob]:
    """One job a pair, a person's together, each with a seed of its own. The photos fill the canvas."""
    cloths = [_garment(n) for n in range(garments)]
    body = Body(np.zeros((1, 1), np.uint8), np.zeros((19, 3), np.float32))
    jobs: list[DressJob] = []
    for number in range(persons):
        person, region = _smooth(width, height, 100 + number), np.zeros((height, width), np.uint8)
        cv2.ellipse(region, (width // 2, height // 2), (width // 4, height // 4), 0, 0, 360, 255, -1)
        for cloth in cloths:
            jobs.append(DressJob(person, region, cloth, Category.TOPS, body, seed=len(jobs)))
    return jobs


def _smooth(width: int, height: int, seed: int) -> Pixels:
    rough = np.random.default_rng(seed).integers(0, 255, (9, 7, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def _garment(seed: int) -> Pixels:
    alpha = np.zeros((800, 600, 1), np.uint8)
    alpha[80:720, 60:540] = 255
    return np.concatenate([_smooth(600, 800, seed), alpha], axis=2)
