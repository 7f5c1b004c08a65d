"""Every person in their outfits, end to end, against the true picture of the same person in that outfit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.evaluate.cast import Cast, Outfit
from bench.evaluate.chain import Cutout, Engines, Wearer, recoloured
from bench.evaluate.depths import CELL, splat_depth
from bench.evaluate.metrics import Area, correlation, followed, grown, iou, ssim_map, tints
from bench.evaluate.paste import paste
from bench.evaluate.renders import Truth
from bench.evaluate.scenes import Scene, photo_of
from bench.evaluate.scores import DepthScore, LookScore
from studio.labels import CLOTH_LABEL, DRESS, PANTS, SKIRT, UPPER_CLOTHES
from tryon.core.camera import focal_length
from tryon.core.ports import Pixels
from tryon.core.words import Refused

MARGIN = 0.01
"""Of the picture's height: how far beyond old and new clothes the compared region reaches."""

FOLLOWS = 0.4
"""A pixel belongs to a garment when it follows its tint at least so far: about half covered in full light, or whole in
a shade that takes more than half of the light away."""

CLOTHES = (UPPER_CLOTHES, DRESS, SKIRT, PANTS)


@dataclass(frozen=True)
class Asked:
    """A look to be made. before, true: renders of the person as photographed, and in the outfit."""

    person: int
    outfit: Outfit
    before: Scene
    true: Scene


def asked(cast: Cast) -> list[Asked]:
    """Every look of a cast: the same body, place, light and framing as on the person's photo."""
    wanted = []
    for number, person in enumerate(cast.people):
        seed = cast.seeds[number]
        before = photo_of(person, cast.worn(number), seed)
        wanted += [
            Asked(number, outfit, before, photo_of(person, outfit, seed)) for outfit in cast.looks(number)
        ]
    return wanted


def score_look(
    engines: Engines, look: Asked, wearer: Wearer, worn: Sequence[Cutout], before: Truth, true: Truth
) -> LookScore:
    """worn: the outfit's cut-outs, top first. before, true: what the look's scenes show."""
    image = engines.look(wearer, worn)
    if isinstance(image, Refused):
        return LookScore(look.person, look.outfit.id, image)
    areas = worn_areas(engines, wearer, worn)
    if isinstance(areas, Refused):
        return LookScore(look.person, look.outfit.id, areas)
    region = compared(before, true)
    pieces = zip(look.outfit.pieces, areas, strict=True)
    return LookScore(
        look.person,
        look.outfit.id,
        garments={piece.id: iou(area, true.labels == CLOTH_LABEL[piece.cut.kind]) for piece, area in pieces},
        ssim=float(ssim_map(image, true.rgb)[region].mean()),
        unchanged=float(ssim_map(wearer.photo, true.rgb)[region].mean()),
        paste=float(ssim_map(paste(wearer, worn), true.rgb)[region].mean()),
        depth=depth_of(engines, image, true),
    )


def worn_areas(engines: Engines, wearer: Wearer, worn: Sequence[Cutout]) -> list[Area] | Refused:
    """Where each garment is in the look, [H, W] each: dressed twice in tints that swap, the pixels that follow.

    With two garments the first is orange while the second is azure, and then the other way round.
    """
    tinted = [tints(cutout.rgba) for cutout in worn]
    pictures: list[Pixels] = []
    for turn in (0, 1):
        cutouts = [
            recoloured(cut, pair[(turn + i) % 2])
            for i, (cut, pair) in enumerate(zip(worn, tinted, strict=True))
        ]
        picture = engines.unjudged_look(wearer, cutouts)
        if isinstance(picture, Refused):
            return picture
        pictures.append(picture)
    follows = followed(pictures[0], pictures[1])
    return [np.asarray(follows * sign >= FOLLOWS) for sign in (1, -1)][: len(worn)]


def compared(before: Truth, true: Truth) -> Area:
    """[H, W]: the clothes of both pictures, by their true labels, and MARGIN around them."""
    return grown(np.isin(before.labels, CLOTHES) | np.isin(true.labels, CLOTHES), MARGIN)


def depth_of(engines: Engines, image: Pixels, true: Truth) -> DepthScore:
    """Of the splat of a finished look, over the pixels where the true look shows the person."""
    splat = engines.splat(image)
    if isinstance(splat, Refused):
        return DepthScore(splat)
    height, width = image.shape[:2]
    found = splat_depth(splat, (width, height), focal_length(None, width, height).f_px)
    depth = true.depth[CELL // 2 :: CELL, CELL // 2 :: CELL][: found.shape[0], : found.shape[1]]
    person, seen = depth > 0, np.isfinite(found)
    return DepthScore(None, correlation(found, depth, person & seen), float(seen[person].mean()))
