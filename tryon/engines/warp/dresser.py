"""The warp dresser: classical CPU try-on by part-wise warping, after Han et al. 2018 (VITON) without the networks.

0.16 s of one core a garment at 768 x 1024, at most 0.5 s.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from tryon.core.licences import APACHE
from tryon.core.ports import Body, Dressed, DressJob, Pixels
from tryon.core.words import Category, EngineCard, Refused
from tryon.engines.warp import backdrop
from tryon.engines.warp.arrays import Floats
from tryon.engines.warp.bottoms_on import needs_ankles
from tryon.engines.warp.compose import compose
from tryon.engines.warp.figure import Figure, missing, moved, read_figure
from tryon.engines.warp.landmarks import find_marks
from tryon.engines.warp.marks import TopMarks, TrouserMarks
from tryon.engines.warp.measure import fitted
from tryon.engines.warp.pieces import Cut, cut
from tryon.engines.warp.scene import Scene, limbs
from tryon.engines.warp.settled import settle
from tryon.engines.warp.skin import Skin, read_skin

T = TypeVar("T")
U = TypeVar("U")

_WEARABLE = (Category.TOPS, Category.BOTTOMS, Category.DRESS)
# Work reaches this many pixels beyond the region, so that blurs and edges see what surrounds it.
_MARGIN = 24


@dataclass(frozen=True, slots=True)
class Wearer:
    """What is known of one person before any garment: computed once in a batch."""

    figure: Figure
    skin: Skin
    backdrop: Floats


class WarpDresser:
    """Implements tryon.core.ports.Dresser. threads: jobs at the same time; None: two, if there are two cores."""

    card = EngineCard("warp", "1", "Apache-2.0", True, True, APACHE, typical_seconds=0.6)

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads if threads is not None else min(2, len(os.sched_getaffinity(0)))

    def dress(self, batch: Sequence[DressJob]) -> list[Dressed | Refused]:
        refused = [_check(job) for job in batch]
        open_jobs = [job for job, verdict in zip(batch, refused, strict=True) if verdict is None]
        with ThreadPoolExecutor(self.threads) as pool:
            garments = _once(pool, open_jobs, _garment_key, lambda job: _cut(job.garment, job.category))
            wearers = _once(
                pool, open_jobs, _wearer_key, lambda job: _wearer(job.person, job.body, job.category)
            )
            done = iter(
                list(
                    pool.map(
                        lambda job: _dress(job, garments[_garment_key(job)], wearers[_wearer_key(job)]),
                        open_jobs,
                    )
                )
            )
        return [verdict if verdict is not None else next(done) for verdict in refused]


def _garment_key(job: DressJob) -> Hashable:
    return id(job.garment), job.category


def _wearer_key(job: DressJob) -> Hashable:
    return id(job.person), id(job.body.labels), id(job.body.keypoints), job.category


def _once(
    pool: ThreadPoolExecutor,
    jobs: Sequence[DressJob],
    key: Callable[[DressJob], Hashable],
    make: Callable[[DressJob], U],
) -> dict[Hashable, U]:
    """`make` of one job per distinct key. Keys are identities: the batch keeps its arrays alive meanwhile."""
    firsts = {key(job): job for job in reversed(jobs)}
    return dict(zip(firsts, pool.map(make, firsts.values()), strict=True))


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


def _wearer(person: Pixels, body: Body, category: Category) -> Wearer | Refused:
    figure = read_figure(body.keypoints)
    if isinstance(figure, Refused):
        return figure
    skin = read_skin(person, body.labels, limbs(category))
    return (
        skin
        if isinstance(skin, Refused)
        else Wearer(
            fitted(settle(figure, body.labels), body.labels), skin, backdrop.estimate(person, body.labels)
        )
    )


def _dress(job: DressJob, garment: Cut | Refused, wearer: Wearer | Refused) -> Dressed | Refused:
    for part in (garment, wearer):
        if isinstance(part, Refused):
            return part
    assert isinstance(garment, Cut)
    assert isinstance(wearer, Wearer)
    lost = _lost_joints(wearer.figure, garment)
    if lost is not None:
        return lost
    crop, corner = _around(job.region)
    scene = Scene(
        job.person[crop].astype(np.float32),
        job.body.labels[crop],
        wearer.backdrop[crop],
        moved(wearer.figure, corner),
        wearer.skin,
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
