"""Crops of a photo that is nobody's upload: the stage's own verdicts, for the asked categories alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bench.null_engines import NullDetector, card
from tests.core.workshop import Workshop
from tryon.core.depot import Made
from tryon.core.direct.crops import crop
from tryon.core.images import decode_rgba
from tryon.core.ports import Analysis, Detected, DetectJob, Pixels, ProductPhoto, SeenGarment
from tryon.core.stages.crops import CropStage
from tryon.core.words import Category, Refused

SWEATER, SKIRT = SeenGarment(Category.TOPS, "striped sweater"), SeenGarment(Category.BOTTOMS, "plaid skirt")

SEEN = Analysis((SWEATER, SKIRT), ("white shirt",))


@dataclass
class Seeing:
    """An analyzer that sees a sweater, the sliver of a shirt under it, and a skirt, whatever it is asked."""

    seen: Analysis | Refused = SEEN
    card = card("analyzer")
    asked: list[ProductPhoto] = field(default_factory=list)

    def analyze(self, batch: Sequence[ProductPhoto]) -> list[Analysis | Refused]:
        self.asked += batch
        return [self.seen] * len(batch)


class Finding(NullDetector):
    def __init__(self, *lost: str) -> None:
        self.jobs: list[DetectJob] = []
        self._lost = lost

    def detect(self, batch: Sequence[DetectJob]) -> list[tuple[Detected | Refused, ...]]:
        self.jobs += batch
        found = super().detect(batch)
        return [tuple(self._or_lost(one, box) for one, box in zip(job.seen, boxes, strict=True))
                for job, boxes in zip(batch, found, strict=True)]  # fmt: skip

    def _or_lost(self, seen: SeenGarment, found: Detected | Refused) -> Detected | Refused:
        return Refused("not_found", f"no {seen.phrase}") if seen.phrase in self._lost else found


def photo() -> Pixels:
    return np.random.default_rng(7).integers(0, 255, (160, 120, 3), np.uint8)


def stage(analyzer: Seeing, detector: NullDetector) -> CropStage:
    return CropStage(Workshop().stages.crop.materials, analyzer, detector)


def test_only_asked_categories_come_back() -> None:
    """What else is in the photo is told to the detector, so that it is not taken for the sweater."""
    detector = Finding()
    ((category, made),) = crop(stage(Seeing(), detector), photo(), [Category.TOPS])
    assert category is Category.TOPS
    assert isinstance(made, Made)
    (job,) = detector.jobs
    assert (job.seen, job.others) == ((SWEATER,), ("white shirt", "plaid skirt"))


def test_crops_are_in_the_order_of_the_question_and_each_comes_once() -> None:
    asked = [Category.BOTTOMS, Category.TOPS, Category.BOTTOMS]
    found = crop(stage(Seeing(), Finding()), photo(), asked)
    assert [category for category, _ in found] == [Category.BOTTOMS, Category.TOPS]


def test_a_crop_is_the_stages_own() -> None:
    """Straight alpha, nothing of the background; the box and the engines' licences with it."""
    ((_, made),) = crop(stage(Seeing(), Finding()), photo(), [Category.TOPS])
    assert isinstance(made, Made)
    pixels = decode_rgba(made.encoded.data)
    assert pixels.shape == (120, 90, 4)
    assert (pixels[0, 0].tolist(), pixels[60, 45, 3]) == ([255, 255, 255, 0], 255)
    assert made.facts["box"] == [15, 20, 105, 140]
    assert made.facts["commercial_use"] is True


def test_what_is_not_there_is_refused_and_does_not_take_the_others_down() -> None:
    asked = [Category.SHOES, Category.TOPS, Category.BOTTOMS]
    shoes, tops, bottoms = [made for _, made in crop(stage(Seeing(), Finding("plaid skirt")), photo(), asked)]
    assert isinstance(tops, Made)
    assert shoes == Refused("garment_not_seen", "the photo shows no shoes; check the declared categories")
    assert bottoms == Refused("not_found", "no plaid skirt")


def test_a_photo_without_clothes_is_refused_for_every_category() -> None:
    refused = Refused("no_fashion", "the photo shows no clothes")
    detector, analyzer = Finding(), Seeing(refused)
    asked = [Category.TOPS, Category.DRESS]
    assert crop(stage(analyzer, detector), photo(), asked) == [(category, refused) for category in asked]
    assert detector.jobs == []


def test_nobody_is_named_to_the_analyzer() -> None:
    analyzer = Seeing()
    crop(stage(analyzer, Finding()), photo(), [Category.TOPS])
    assert [(one.upload, one.declared) for one in analyzer.asked] == [(None, (Category.TOPS,))]
