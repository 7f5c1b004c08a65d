"""Detector for garments photographed on a plain light backdrop, without a person: cut out by colour alone."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from tryon.core.areas import Area
from tryon.core.licences import APACHE
from tryon.core.ports import Detected, DetectJob, Pixels
from tryon.core.words import Category, EngineCard, Refused
from tryon.engines.packshot.category_scores import one_of_a_pair
from tryon.engines.packshot.cutout import cut_out
from tryon.engines.packshot.matching import assign
from tryon.engines.packshot.product_light import check_focus, check_surface
from tryon.engines.packshot.segment import CLEAR, Part, Segmented, segment
from tryon.engines.packshot.silhouettes import Candidate, group
from tryon.engines.packshot.worn_garment import is_worn, shows_arms
from tryon.engines.packshot.wrong_photo import MARGIN, check_photo
from tryon.engines.reasons import of_product

PADDING = 0.04
"""Of the box's longer side, added on every side."""

PLAIN = 0.7
"""Least share of the photo's border that a smooth backdrop explains; a sleeve may cross the rest."""

NOISE = 4.0
"""Largest noise of a plain backdrop, Lab units; paper and walls stay below 2, wood and fabric are above."""

SMALLEST = 0.003
"""Least share of the photo that a garment fills: one shoe in a photo of an outfit."""

FAINT = 0.35
"""Area that almost stands out over the area that does: more means a garment in the backdrop's own colour."""

FAINT_OF_PALE = 0.05
"""The same of what is not CLEAR: half of a jacket whose lining alone stands out."""

COVERED = 0.35
"""Least share of a cut-out that itself differs from the backdrop; the rest of a white stripe is enclosed."""

SHAPES = ("not_a_garment", "wrong_category")
"""Reasons that an outline gives."""

NEAR = 0.04
"""Of the photo's height: a left-over piece this close to a garment is a piece of it."""


class PackshotDetector:
    card = EngineCard(
        id="packshot",
        revision="5",
        licence="Apache-2.0",
        commercial_use=True,
        deterministic=True,
        url=APACHE,
        typical_seconds=0.1,
    )

    def detect(self, batch: Sequence[DetectJob]) -> list[tuple[Detected | Refused, ...]]:
        return [_detect(job) for job in batch]


def _detect(job: DetectJob) -> tuple[Detected | Refused, ...]:
    wanted = [garment.category for garment in job.seen]
    if not wanted:
        return ()
    found = segment(job.image)
    refused = _check_backdrop(found)
    if refused:
        return (refused,) * len(wanted)
    masks = [part.mask for part in found.parts if part.mask.mean() >= SMALLEST]
    candidates = group(masks, wanted)
    places = assign(candidates, wanted)
    left = [candidate.mask for index, candidate in enumerate(candidates) if index not in places]
    return tuple(
        _not_found(category, len(candidates))
        if place is None
        else _check(job.image, found, candidates[place], category, left)
        or _answer(job.image, found, candidates[place])
        for category, place in zip(wanted, places, strict=True)
    )


def _check_backdrop(found: Segmented) -> Refused | None:
    """Why no garment of this photo can be cut out, if so."""
    if found.backdrop.plain < PLAIN or found.backdrop.sigma > NOISE:
        return of_product("busy_backdrop")
    refused = check_surface(found.backdrop)
    if refused:
        return refused
    if not found.parts or found.parts[0].mask.mean() < SMALLEST:
        return of_product("nothing_stands_out")
    if found.faint > (FAINT if found.parts[0].contrast > CLEAR else FAINT_OF_PALE):
        return of_product("fragments")
    return None


def _check(
    image: Pixels, found: Segmented, candidate: Candidate, category: Category, left: Sequence[Area]
) -> Refused | None:
    """Why this candidate cannot be published as that category, if so. left: what no garment was found in."""
    if _touches_edge(candidate.mask):
        if any(shows_arms(image, part.mask) for part in found.parts):
            return of_product("worn_garment")
        return of_product("cut_off")
    if min(part.covered for part in _parts(found, candidate)) < COVERED:
        return of_product("fragments")
    others = [part.mask for part in found.parts if not (part.mask & candidate.mask).any()]
    if is_worn(image, candidate.mask):
        return of_product("worn_garment")
    blurred = check_focus(image, candidate.mask)
    if blurred:
        return blurred
    # The other shoe is no lost piece.
    if one_of_a_pair(candidate.mask, others) < MARGIN and _has_pieces(candidate.mask, left):
        return of_product("fragments")
    refused = check_photo(image, candidate, category, others)
    if refused and refused.code in SHAPES and _contrast(found, candidate) < CLEAR:
        return of_product("fragments")
    return refused


def _answer(image: Pixels, found: Segmented, candidate: Candidate) -> Detected:
    alpha = cut_out(image, found, candidate.mask)
    return Detected(_padded_box(alpha), alpha, _score(_parts(found, candidate)))


def _parts(found: Segmented, candidate: Candidate) -> list[Part]:
    return [part for part in found.parts if (part.mask & candidate.mask).any()]


def _contrast(found: Segmented, candidate: Candidate) -> float:
    return min(part.contrast for part in _parts(found, candidate))


def _not_found(category: Category, found: int) -> Refused:
    seen = "only one garment was" if found == 1 else f"only {found} garments were"
    return of_product("garment_not_found", category=category.value, seen=seen)


def _touches_edge(mask: Area) -> bool:
    """More than a corner: 3 pixels of the working size, because the opening rounds shapes by that much."""
    return any(int(edge.sum()) >= 3 for edge in (mask[0], mask[-1], mask[:, 0], mask[:, -1]))


def _has_pieces(mask: Area, left: Sequence[Area]) -> bool:
    reach = round(NEAR * mask.shape[0])
    around = cv2.dilate(mask.astype(np.uint8), np.ones((2 * reach + 1,) * 2, np.uint8)) > 0
    return any((around & other).any() for other in left)


def _padded_box(alpha: Pixels) -> tuple[int, int, int, int]:
    solid = alpha > 127
    rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
    left, top, right, bottom = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    pad = round(PADDING * max(right - left, bottom - top))
    height, width = alpha.shape
    return max(left - pad, 0), max(top - pad, 0), min(right + pad, width), min(bottom + pad, height)


def _score(parts: Sequence[Part]) -> float:
    """Share that stands out, lowered when the contrast is not CLEAR."""
    return min(part.covered * min(1.0, part.contrast / CLEAR) for part in parts)
