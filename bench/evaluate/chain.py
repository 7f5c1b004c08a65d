"""The real engines end to end, as the stages call them: bytes of photos in, finished pictures or refusals out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np
from PIL import Image

from tryon.core.body import scale_body
from tryon.core.camera import focal_length
from tryon.core.encoding import encode_png, encode_webp
from tryon.core.errors import ImageRejected
from tryon.core.images import decode, decode_rgba
from tryon.core.masks import make_masks
from tryon.core.ports import Body, Detected, DetectJob, Dressed, DressJob, Pixels, ProductPhoto, SplatJob
from tryon.core.quality import judge_splat
from tryon.core.sizing import fit_within, resize, resize_mask
from tryon.core.splats import Gaussians
from tryon.core.stages import crops, masks, tryons
from tryon.core.words import Category, MaskKind, Order, Refused
from tryon.engines.declared import DeclaredAnalyzer
from tryon.engines.packshot import PackshotDetector
from tryon.engines.relief import Relief
from tryon.engines.studio_parser import StudioParser
from tryon.engines.warp import WarpDresser

JPEG_QUALITY, WEBP_QUALITY = 92, 92
"""Of uploads, as the sample catalogue's; of try-ons, as the stage's."""

WORN = (MaskKind.UPPER, MaskKind.LOWER, MaskKind.OVERALL)


@dataclass(frozen=True)
class Wearer:
    """An accepted photo. photo: uint8 [H, W, 3], at the try-on's working size; body: its parse at the photo's own size;
    masks: uint8 [H, W] of upper, lower and overall, as published."""

    photo: Pixels
    body: Body
    masks: dict[MaskKind, Pixels]


@dataclass(frozen=True)
class Cutout:
    """An accepted garment. rgba: the published crop; alpha: uint8 [H, W] over the whole photo."""

    rgba: Pixels
    category: Category
    alpha: Pixels


Finish = Callable[[DressJob, Dressed | Refused], Pixels | Refused]
"""What becomes of a dresser's answer before the next garment is painted over it."""


class Engines:
    """The sample engines on one thread each, loaded once."""

    def __init__(self) -> None:
        self.analyzer, self.detector = DeclaredAnalyzer(), PackshotDetector()
        self.parser, self.dresser = StudioParser(threads=1), WarpDresser(threads=1)
        self.splatter = Relief(self.parser.views)
        self.order = Order.UNTUCKED

    def wearer(self, upload: bytes) -> Wearer | Refused:
        """Decode, parse, make and judge the masks: what the masks stage publishes of a person's photo."""
        pixels = opened(upload)
        if isinstance(pixels, Refused):
            return pixels
        (body,) = self.parser.parse([pixels])
        if isinstance(body, Refused):
            return body
        made = make_masks(body)
        judged = {kind: masks.judged(made[kind], kind, body) for kind in WORN}
        for mask in judged.values():
            if isinstance(mask, Refused):
                return mask
        size = fit_within(pixels.shape[1], pixels.shape[0], 768, 1024)
        kept = {kind: mask for kind, mask in judged.items() if not isinstance(mask, Refused)}
        return Wearer(resize(pixels, size), body, kept)

    def cutout(self, upload: bytes, category: Category) -> Cutout | Refused:
        """Of a product photo of one garment."""
        (answer,) = self.cutouts(upload, (category,))
        return answer

    def cutouts(self, upload: bytes, declared: tuple[Category, ...]) -> list[Cutout | Refused]:
        """Decode, find, cut and judge: what the crops stage publishes of a product photo, for each category."""
        pixels = opened(upload)
        if isinstance(pixels, Refused):
            return [pixels] * len(declared)
        (seen,) = self.analyzer.analyze([ProductPhoto(pixels, declared)])
        if isinstance(seen, Refused):
            return [seen] * len(declared)
        (found,) = self.detector.detect([DetectJob(pixels, seen.garments, seen.others)])
        return [_cutout(pixels, category, answer) for category, answer in zip(declared, found, strict=True)]

    def look(self, wearer: Wearer, worn: Sequence[Cutout]) -> Pixels | Refused:
        """A finished look, as published. worn: top first; painted back to front, each over the stored one before."""
        return self._painted(wearer, worn, _published)

    def unjudged_look(self, wearer: Wearer, worn: Sequence[Cutout]) -> Pixels | Refused:
        """The same without verdicts and files, for garments in colours that they never had."""
        return self._painted(wearer, worn, _painting)

    def _painted(self, wearer: Wearer, worn: Sequence[Cutout], finish: Finish) -> Pixels | Refused:
        image = wearer.photo
        for cutout in worn[::-1] if self.order is Order.UNTUCKED else worn:
            job = self.job(wearer, image, cutout)
            if isinstance(job, Refused):
                return job
            (answer,) = self.dresser.dress([job])
            finished = finish(job, answer)
            if isinstance(finished, Refused):
                return finished
            image = finished
        return image

    def job(self, wearer: Wearer, image: Pixels, cutout: Cutout) -> DressJob | Refused:
        """As the try-on stage loads it: everything at the working size."""
        height, width = wearer.photo.shape[:2]
        kind = cutout.category.region
        assert kind is not None, "an evaluation dresses tops, bottoms and dresses only"
        body = scale_body(wearer.body, (width, height))
        mask = resize_mask(wearer.masks[kind], (width, height))
        region = tryons.region_of(mask, body, kind, self.order)
        if isinstance(region, Refused):
            return region
        return DressJob(image, region, cutout.rgba, cutout.category, body, 42, self.order)

    def splat(self, look: Pixels) -> Gaussians | Refused:
        """Of a finished look, judged, with the focal length of a photo that names none."""
        focal = focal_length(None, look.shape[1], look.shape[0])
        job = SplatJob(look, focal.f_px, focal.source)
        (answer,) = self.splatter.splat([job])
        return answer if isinstance(answer, Refused) else judge_splat(answer, look, focal.f_px) or answer


def _published(job: DressJob, answer: Dressed | Refused) -> Pixels | Refused:
    seen = tryons.judged(job, answer)
    if isinstance(seen, Refused):
        return seen
    return decode(encode_webp(seen.image, WEBP_QUALITY).data).pixels


def _painting(_: DressJob, answer: Dressed | Refused) -> Pixels | Refused:
    return answer.image if isinstance(answer, Dressed) else answer


def _cutout(pixels: Pixels, category: Category, found: Detected | Refused) -> Cutout | Refused:
    """As it is stored and read again."""
    if isinstance(found, Refused):
        return found
    crop = crops.judged(pixels, found)
    if isinstance(crop, Refused):
        return crop
    alpha = found.alpha if found.alpha is not None else np.full(pixels.shape[:2], 255, np.uint8)
    return Cutout(decode_rgba(encode_png(crop).data), category, alpha)


def recoloured(cutout: Cutout, rgba: Pixels) -> Cutout:
    return replace(cutout, rgba=rgba)


def upload(rgb: Pixels) -> bytes:
    """A JPEG, as cameras and shops send them."""
    file = BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return file.getvalue()


def opened(data: bytes) -> Pixels | Refused:
    """The pixels of an upload, or why it is no picture for us."""
    try:
        return decode(data).pixels
    except ImageRejected as error:
        return Refused(error.code, str(error))
