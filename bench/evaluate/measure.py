"""`python -m bench evaluate`: render, run the engines, compare."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from bench.evaluate import renders
from bench.evaluate.cast import Cast
from bench.evaluate.chain import Cutout, Wearer
from bench.evaluate.hopeless import examples
from bench.evaluate.items import packshots, score_item
from bench.evaluate.looks import asked
from bench.evaluate.people import photos, score_photo, sittings
from bench.evaluate.scenes import Scene
from bench.evaluate.scores import BodyScore, HopelessScore, ItemScore, LookScore
from bench.evaluate.seconds import of_engines
from bench.evaluate.work import (
    Cutouts,
    all_cutouts,
    engines,
    looks_of_person,
    shared,
    try_hopeless,
    wearer_of,
)
from tryon.core.words import Category, Refused

log = logging.getLogger(__name__)

PARTS = {
    "people": ("mask_iou_upper", "mask_iou_lower", "keypoint_px"),
    "items": ("garment_alpha_iou",),
    "looks": (
        "garment_mask_iou", "region_ssim", "region_ssim_unchanged", "region_ssim_paste", "depth_correlation",
    ),
    "hopeless": ("accepted_wrongly",),
    "seconds": ("tryon_seconds", "splat_seconds", "net_ms"),
}  # fmt: skip
"""Which part of the work gives which figures; refused_wrongly is counted over the first three."""


@dataclass
class Results:
    people: list[BodyScore] = field(default_factory=list)
    items: list[ItemScore] = field(default_factory=list)
    looks: list[LookScore] = field(default_factory=list)
    hopeless: list[HopelessScore] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def parts_of(metrics: Collection[str]) -> set[str]:
    """The parts that some figures need. Raises KeyError for a name that is no figure."""
    if "refused_wrongly" in metrics:
        metrics = {*metrics, "keypoint_px", "garment_alpha_iou", "garment_mask_iou"} - {"refused_wrongly"}
    wanted = {part for part, names in PARTS.items() if set(names) & set(metrics)}
    unknown = set(metrics) - {name for names in PARTS.values() for name in names}
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
    return wanted


def run(cast: Cast, parts: Collection[str] = tuple(PARTS), workers: int | None = None) -> Results:
    """Everything that was asked for, in two steps: all renders first, then the engines."""
    processes = workers or min(2, len(os.sched_getaffinity(0)))
    renders.make(_scenes(cast, parts), processes)
    results = Results()
    if "people" in parts:
        named = {**photos(cast), **sittings(cast)}
        results.people = shared("photos of people", _score_photo, named.items(), processes)
    if "items" in parts:
        results.items = [
            score_item(engines(), cast.by_id[name], scene) for name, scene in packshots(cast).items()
        ]
    if not {"looks", "hopeless", "seconds"} & set(parts):
        return results
    cutouts = all_cutouts(cast)
    if "looks" in parts:
        people = groupby(asked(cast), key=lambda look: look.person)
        jobs = [(list(looks), cutouts) for _, looks in people]
        results.looks = [
            score for part in shared("people dressed", looks_of_person, jobs, processes) for score in part
        ]
    good = _good(cast, cutouts)
    if "hopeless" in parts:
        jobs_ = [(example, *good) for example in examples(cast)]
        results.hopeless = shared("hopeless pictures", try_hopeless, jobs_, processes)
    if "seconds" in parts:
        shot = packshots(cast)[cast.of(Category.TOPS)[0].id]
        results.seconds = of_engines(engines(), *good, renders.load(shot).rgb)
    return results


def _score_photo(named: tuple[str, Scene]) -> BodyScore:
    return score_photo(engines(), *named)


def _good(cast: Cast, cutouts: Cutouts) -> tuple[Wearer, Cutout, Cutout]:
    """A person, a top and a bottom that pass every door, for what is tried with them."""
    for scene in photos(cast).values():
        wearer = wearer_of(scene)
        for top in (cutouts[piece.id] for piece in cast.of(Category.TOPS)):
            for bottom in (cutouts[piece.id] for piece in cast.of(Category.BOTTOMS)):
                if isinstance(wearer, Refused) or isinstance(top, Refused) or isinstance(bottom, Refused):
                    continue
                if not isinstance(engines().look(wearer, [top, bottom]), Refused):
                    return wearer, top, bottom
    raise ValueError(f"nobody of the cast {cast.name!r} can be dressed in anything")


def _scenes(cast: Cast, parts: Collection[str]) -> Iterator[Scene]:
    """What the parts look at."""
    yield from photos(cast).values()
    yield from packshots(cast).values()
    if "people" in parts:
        yield from sittings(cast).values()
    if "looks" in parts:
        yield from (look.true for look in asked(cast))
    if "hopeless" in parts:
        yield from (scene for example in examples(cast) for scene in example.scenes)
