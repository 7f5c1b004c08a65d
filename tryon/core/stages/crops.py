"""Product photo -> one crop a garment: analyze, detect, cut, judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tryon.core.depot import Made
from tryon.core.encoding import encode_png
from tryon.core.licences import licence_facts
from tryon.core.materials import Materials
from tryon.core.ports import Analysis, Analyzer, Detected, DetectJob, Detector, Pixels, ProductPhoto, load_now
from tryon.core.quality import judge_crop
from tryon.core.recipes import Method, Stage, method_of
from tryon.core.stages.stage import Task
from tryon.core.uploads import UploadKind, UploadRef
from tryon.core.words import Category, Refused

VERSION = 1


@dataclass
class CropStage:
    materials: Materials
    analyzer: Analyzer
    detector: Detector
    batch_size: int = 8

    def method(self) -> Method:
        return method_of(Stage.CROP, VERSION, self.analyzer.card, self.detector.card)

    def warm(self) -> None:
        load_now(self.analyzer, self.detector)

    def load(self, task: Task) -> ProductPhoto:
        item = task[0].item
        assert item is not None, "a crop belongs to an item"
        upload = UploadRef(UploadKind.ITEM, item.id, item.ordinal)
        return ProductPhoto(self.materials.photo(item).pixels, item.categories, upload)

    def work(self, jobs: Sequence[ProductPhoto]) -> list[tuple[Made | Refused, ...]]:
        """Only declared categories come back, each from the one detection that was asked for it."""
        answers = self.analyzer.analyze(jobs)
        asked = [_declared(job, answer) for job, answer in zip(jobs, answers, strict=True)]
        found = self._detect(jobs, asked)
        licences = licence_facts(self.analyzer.card, self.detector.card)
        return [_verdicts(*row, licences) for row in zip(jobs, asked, found, strict=True)]

    def _detect(
        self, jobs: Sequence[ProductPhoto], asked: Sequence[Analysis | Refused]
    ) -> list[tuple[Detected | Refused, ...]]:
        wanted = {
            i: DetectJob(jobs[i].image, seen.garments, seen.others)
            for i, seen in enumerate(asked)
            if isinstance(seen, Analysis) and seen.garments
        }
        found: list[tuple[Detected | Refused, ...]] = [()] * len(jobs)
        for i, answer in zip(wanted, self.detector.detect([*wanted.values()]) if wanted else [], strict=True):
            found[i] = answer
        return found


def _declared(job: ProductPhoto, seen: Analysis | Refused) -> Analysis | Refused:
    """What was not declared is one of the others: a detector has to know it all the same."""
    if isinstance(seen, Refused):
        return seen
    asked = tuple(garment for garment in seen.garments if garment.category in job.declared)
    return Analysis(
        asked, (*seen.others, *(garment.phrase for garment in seen.garments if garment not in asked))
    )


def _verdicts(
    job: ProductPhoto,
    asked: Analysis | Refused,
    found: tuple[Detected | Refused, ...],
    licences: Mapping[str, object],
) -> tuple[Made | Refused, ...]:
    if isinstance(asked, Refused):
        return (asked,) * len(job.declared)
    by_category = {garment.category: answer for garment, answer in zip(asked.garments, found, strict=True)}
    return tuple(
        _verdict(job.image, category, by_category.get(category), licences) for category in job.declared
    )


def _verdict(
    image: Pixels, category: Category, found: Detected | Refused | None, licences: Mapping[str, object]
) -> Made | Refused:
    if found is None:
        return Refused("garment_not_seen", f"the photo shows no {category}; check the declared categories")
    if isinstance(found, Refused):
        return found
    crop = judged(image, found)
    facts = {"box": list(found.box), "score": round(found.score, 4), **licences}
    return crop if isinstance(crop, Refused) else Made(encode_png(crop), facts)


def judged(image: Pixels, found: Detected) -> Pixels | Refused:
    """The crop, RGBA [h, w, 4], unless it shows no garment."""
    crop = cut(image, found)
    height, width = image.shape[:2]
    return judge_crop(crop, (width, height)) or crop


def cut(image: Pixels, found: Detected) -> Pixels:
    """The box as RGBA [h, w, 4]; opaque where the detector gave no cut-out."""
    left, top, right, bottom = found.box
    pixels = image[top:bottom, left:right]
    alpha = (
        found.alpha[top:bottom, left:right]
        if found.alpha is not None
        else np.full(pixels.shape[:2], 255, np.uint8)
    )
    return np.dstack([pixels, alpha])
