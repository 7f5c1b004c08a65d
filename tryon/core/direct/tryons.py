"""One person's photo and one photo of a garment -> a try-on image, by the stages' own code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tryon.core.encoding import Encoded, encode_png
from tryon.core.masks import make_masks
from tryon.core.phrases import PHRASES
from tryon.core.pipeline import Stages
from tryon.core.ports import (
    Body,
    DetectJob,
    DressJob,
    Pixels,
    SeenGarment,
    load_now,
    release_now,
    sampled,
)
from tryon.core.quality import is_cut_out, judge_crop
from tryon.core.sizing import fit_within, on_white, resize, resize_mask, trim
from tryon.core.stages import crops, masks, tryons
from tryon.core.stages.tryons import TryonStage
from tryon.core.words import Category, MaskKind, Refused

CATEGORIES: Mapping[MaskKind, Category] = {
    MaskKind.UPPER: Category.TOPS,
    MaskKind.LOWER: Category.BOTTOMS,
    MaskKind.OVERALL: Category.DRESS,
}
"""What is worn on each part of the body."""


@dataclass(frozen=True, slots=True)
class Wish:
    """person: uint8 [H, W, 3]. cloth: uint8 [H, W, 4], alpha 255 everywhere where its photo has none.
    kind: upper, lower or overall. steps, guidance: of engines that denoise; seed: of engines that use noise.
    mask: uint8 [h, w] of 0 and 255, of that kind and of `person`'s proportions, where it was made before."""

    person: Pixels
    cloth: Pixels
    kind: MaskKind
    steps: int
    guidance: float
    seed: int
    mask: Pixels | None = None


def warm(stages: Stages) -> None:
    """Load what `try_on` needs. Raises the EngineErrors of loading."""
    load_now(stages.crop.detector, stages.mask.parser, stages.tryon.dresser)


def try_on(stages: Stages, wish: Wish) -> Encoded | Refused:
    """A PNG with the AI mark, at most as large as the stage works; or why there is none. What the engines took of the
    GPU for this one picture is given back. Raises OutOfMemory and other EngineErrors."""
    try:
        job = _job(stages, wish)
        return job if isinstance(job, Refused) else _dressed(stages.tryon, job, wish)
    finally:
        release_now(stages.crop.detector, stages.mask.parser, stages.tryon.dresser)


def _dressed(stage: TryonStage, job: DressJob, wish: Wish) -> Encoded | Refused:
    dresser = sampled(stage.dresser, wish.steps, wish.guidance)
    (answer,) = dresser.dress([job])
    seen = tryons.judged(job, answer)
    if isinstance(seen, Refused):
        return seen
    return encode_png(seen.image, ai_generated=tryons.mark_of(dresser.card))


def _job(stages: Stages, wish: Wish) -> DressJob | Refused:
    """The garment first: it is found faster than a person is parsed."""
    garment = _garment(stages, wish)
    if isinstance(garment, Refused):
        return _about("cloth", garment)
    person = _working(stages.tryon, wish.person)
    (body,) = stages.mask.parser.parse([person])
    if isinstance(body, Refused):
        return _about("person", body)
    region = _region(stages.tryon, body, wish)
    if isinstance(region, Refused):
        return _about("person", region)
    order = stages.tryon.order
    return DressJob(person, region, garment, CATEGORIES[wish.kind], body, wish.seed, order)


def _about(photo: str, refused: Refused) -> Refused:
    """There are two photos."""
    return Refused(refused.code, f"The {photo} photo: {refused.message}")


def _region(stage: TryonStage, body: Body, wish: Wish) -> Pixels | Refused:
    height, width = body.labels.shape
    made = make_masks(body)[wish.kind] if wish.mask is None else resize_mask(wish.mask, (width, height))
    mask = masks.judged(made, wish.kind, body)
    return mask if isinstance(mask, Refused) else tryons.region_of(mask, body, wish.kind, stage.order)


def _garment(stages: Stages, wish: Wish) -> Pixels | Refused:
    """RGBA: what was cut out already, trimmed; else what the crop stage's detector finds."""
    cloth = _working(stages.tryon, wish.cloth)
    if is_cut_out(cloth):
        garment = trim(cloth)
        return judge_crop(garment, (cloth.shape[1], cloth.shape[0])) or garment
    category, photo = CATEGORIES[wish.kind], on_white(cloth)
    ((found,),) = stages.crop.detector.detect([DetectJob(photo, (SeenGarment(category, PHRASES[category]),))])
    return found if isinstance(found, Refused) else crops.judged(photo, found)


def _working(stage: TryonStage, photo: Pixels) -> Pixels:
    return resize(photo, fit_within(photo.shape[1], photo.shape[0], stage.width, stage.height))
