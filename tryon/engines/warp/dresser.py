"""The warp dresser: classical CPU try-on by part-wise warping, after Han et al. 2018 (VITON) without the networks.

0.2 to 0.4 s of one core a try-on at 768 x 1024; a new garment takes 0.15 s more, a new person 0.15 s.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from tryon.core.licences import APACHE
from tryon.core.ports import Body, Dressed, DressJob, Pixels
from tryon.core.words import Category, EngineCard, Refused
from tryon.engines.warp import backdrop
from tryon.engines.warp.arrays import Floats
from tryon.engines.warp.bottoms_on import needs_ankles
from tryon.engines.warp.compose import compose
from tryon.engines.warp.figure import Figure, missing, moved, read_figure
from tryon.engines.warp.find_marks import find_marks
from tryon.engines.warp.joints import settle
from tryon.engines.warp.marks import TopMarks, TrouserMarks
from tryon.engines.warp.memory import Memory, fingerprint
from tryon.engines.warp.pieces import Cut, cut
from tryon.engines.warp.proportions import fitted
from tryon.engines.warp.scene import Scene, limbs
from tryon.engines.warp.skin import Skin, read_skin

_WEARABLE = (Category.TOPS, Category.BOTTOMS, Category.DRESS)
# Work reaches this many pixels beyond the region, so that blurs and edges see what surrounds it.
_MARGIN = 24
# How many are remembered. A garment takes 10 MB; of people no more than a batch needs, since what is known of an
# erased one stays until others push it out.
_GARMENTS, _PEOPLE = 16, 8


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What one photo shows beside the body: skin, and the backdrop at an eighth of its size [h, w, 3]."""

    skin: Skin
    backdrop: Floats


class WarpDresser:
    """Implements tryon.core.ports.Dresser. threads: jobs at the same time; None: two, if there are two cores.

    garments, figures, surroundings: what was worked out for the garments and people of earlier jobs.
    """

    card = EngineCard("warp", "4", "Apache-2.0", True, True, APACHE, typical_seconds=0.6)

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads if threads is not None else min(2, len(os.sched_getaffinity(0)))
        self.garments: Memory[Cut | Refused] = Memory(_GARMENTS)
        self.figures: Memory[Figure | Refused] = Memory(_PEOPLE)
        self.surroundings: Memory[Surroundings | Refused] = Memory(_PEOPLE)

    def dress(self, batch: Sequence[DressJob]) -> list[Dressed | Refused]:
        refused = [_check(job) for job in batch]
        jobs = [job for job, verdict in zip(batch, refused, strict=True) if verdict is None]
        with ThreadPoolExecutor(self.threads) as pool:
            done = iter(self._dress_all(jobs, pool))
        return [verdict if verdict is not None else next(done) for verdict in refused]

    def _dress_all(self, jobs: Sequence[DressJob], pool: ThreadPoolExecutor) -> list[Dressed | Refused]:
        """Each garment, body and photo is read once, however many jobs it is in."""
        keys = list(pool.map(_keys, jobs))
        garments = self.garments.recall(
            [key.garment for key in keys], lambda at: _cut(jobs[at].garment, jobs[at].category), pool
        )
        figures = self.figures.recall([key.body for key in keys], lambda at: _figure(jobs[at].body), pool)
        surroundings = self.surroundings.recall(
            [key.photo for key in keys], lambda at: _surroundings(jobs[at]), pool
        )
        return list(
            pool.map(
                lambda job, key: _dress(
                    job, garments[key.garment], figures[key.body], surroundings[key.photo]
                ),
                jobs,
                keys,
            )
        )


@dataclass(frozen=True, slots=True)
class _Keys:
    """Fingerprints of what a job is made of."""

    garment: bytes
    body: bytes
    photo: bytes


def _keys(job: DressJob) -> _Keys:
    labels = job.body.labels
    return _Keys(
        fingerprint(job.garment, job.category.value),
        fingerprint(labels, job.body.keypoints),
        fingerprint(job.person, labels, job.category.value),
    )


def _check(job: DressJob) -> Refused | None:
    if job.category not in _WEARABLE:
        return Refused(
            "category_not_dressable",
            f"a garment of category {job.category.value!r} is not tried on; use tops, bottoms or dress",
        )
    if not job.region.any():
        return Refused(
            "region_empty", "no part of the photo may change for this garment; check the person's masks"
        )
    return None


def _cut(garment: Pixels, category: Category) -> Cut | Refused:
    marks = find_marks(garment, category)
    return marks if isinstance(marks, Refused) else cut(garment, marks)


def _figure(body: Body) -> Figure | Refused:
    figure = read_figure(body.keypoints)
    return figure if isinstance(figure, Refused) else fitted(settle(figure, body.labels), body.labels)


def _surroundings(job: DressJob) -> Surroundings | Refused:
    skin = read_skin(job.person, job.body.labels, limbs(job.category))
    if isinstance(skin, Refused):
        return skin
    return Surroundings(skin, backdrop.estimate(job.person, job.body.labels))


def _dress(
    job: DressJob, garment: Cut | Refused, figure: Figure | Refused, around: Surroundings | Refused
) -> Dressed | Refused:
    if isinstance(garment, Refused):
        return garment
    if isinstance(figure, Refused):
        return figure
    if isinstance(around, Refused):
        return around
    lost = _lost_joints(figure, garment)
    if lost is not None:
        return lost
    crop, corner = _around(job.region)
    scene = Scene(
        job.person[crop].astype(np.float32),
        job.body.labels[crop],
        backdrop.at_size(around.backdrop, job.region.shape)[crop],
        moved(figure, corner),
        around.skin,
    )
    worn = np.clip(compose(scene, garment, job.category, job.order) + 0.5, 0, 255).astype(np.uint8)
    image = job.person.copy()
    image[crop] = np.where(job.region[crop][..., None] == 255, worn, job.person[crop])
    return Dressed(image)


def _lost_joints(figure: Figure, garment: Cut) -> Refused | None:
    """Refusal when the garment covers joints that were not seen."""
    marks = garment.marks
    sleeves = isinstance(marks, TopMarks) and marks.sleeves is not None
    ankles = isinstance(marks, TrouserMarks) and needs_ankles(marks)
    return missing(figure, elbows=sleeves, knees=isinstance(marks, TrouserMarks), ankles=ankles)


def _around(region: Pixels) -> tuple[tuple[slice, slice], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Slices (rows, columns) around the region with a margin, and their corner (x, y)."""
    rows, columns = np.flatnonzero(region.any(1)), np.flatnonzero(region.any(0))
    top, left = max(0, int(rows[0]) - _MARGIN), max(0, int(columns[0]) - _MARGIN)
    crop = slice(top, int(rows[-1]) + 1 + _MARGIN), slice(left, int(columns[-1]) + 1 + _MARGIN)
    return crop, np.array([left, top], np.float64)
