"""What stands out from a plain backdrop: garments as parts at a working size."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.areas import Area, fill_holes
from tryon.core.ports import Pixels
from tryon.engines.backdrop import Backdrop, border, fit_backdrop, to_lab
from tryon.engines.packshot.pale import MOST, finest, has_edge, pale_cloth, shows_whole, without_strips
from tryon.engines.packshot.shadows import is_shadow, shadow_of, soft_dark

WORKING_HEIGHT = 512
"""Pixels; small enough for 0.1 s, large enough for a strap."""

STANDS_OUT, SIGMAS = 2.0, 3.2
"""A pixel is garment when it is further from the backdrop than max(STANDS_OUT, SIGMAS * sigma) Lab units."""

DARKER = 0.8
"""Weight of darkness in that distance: a soft shadow is darker than the backdrop, a highlight is not."""

RINGING, _RINGS = 0.10, 9
"""JPEG rings around an edge: less than this share of the contrast within that many pixels is not garment."""

FAINT = 1.1
"""Lab units after smoothing: less than a garment, more than a backdrop."""

CLEAR = 10.0
"""Lab units of contrast; with less an outline may lack parts, and says little about what it is."""

PALE = 0.2
"""Share of the garment's area that almost stands out beside it, from which finer differences are looked at."""

LEFT = 0.03
"""Of that, what finer differences may leave."""

EMPTY = 2.5
"""Lab units: what closing has filled may be a gap when it is closer to the backdrop than this."""

SMALLEST_PART = 0.02
"""Parts below this share of the largest are dust, labels and reflections."""

CALM, CALM_SIGMAS, CALM_SHARE, GAP = 1.2, 1.5, 0.4, 0.0003
"""Least share of a gap that is the backdrop itself: within CALM Lab units, or so many times its noise; and its least
share of the photo, 60 pixels at the working size."""

CLOSE, _OPEN, _SMOOTH = 7, 7, 7
"""Kernel sizes at the working height: thinner gaps are folds, thinner bridges are shadows."""


@dataclass(frozen=True, slots=True)
class Part:
    """One connected piece at the working size.

    mask: boolean [h, w]. covered: share of it that itself stands out from the backdrop (the rest is enclosed
    by what does), 0..1. contrast: median Lab distance of that share.
    """

    mask: Area
    covered: float
    contrast: float


@dataclass(frozen=True, slots=True)
class Segmented:
    """parts: largest first. faint: the area that almost stands out, around the parts, over their area. empty: Lab units
    below which what closing has filled may be a gap."""

    parts: tuple[Part, ...]
    backdrop: Backdrop
    faint: float
    empty: float


def segment(image: Pixels) -> Segmented:
    """Everything in the photo (uint8 [H, W, 3] RGB) that stands out from a backdrop fitted on its border.

    Where much almost stands out, finer differences are looked at, which even paper allows."""
    lab = to_lab(_working_size(image))
    frame = border((lab.shape[0], lab.shape[1]))
    plain = fit_backdrop(lab, frame)
    found = _segmented(plain, None)
    least = finest(_smooth(plain.residual), frame)
    clear = not found.parts or found.parts[0].contrast > CLEAR
    if (found.faint < PALE and clear) or least >= MOST:
        return found
    finer = _segmented(plain, least)
    edged = all(has_edge(part.mask, plain.residual) for part in finer.parts)
    return finer if finer.parts and finer.faint <= max(found.faint, LEFT) and edged else found


def _segmented(plain: Backdrop, least: float | None) -> Segmented:
    """least: Lab units from which what is lighter or otherwise tinted than the paper is cloth; None: as STANDS_OUT."""
    smooth = _smooth(plain.residual)
    cloth = None if least is None else pale_cloth(smooth, plain.lab, least)
    backdrop = _without_shadows(plain, cloth)
    distance = distance_of(_smooth(backdrop.residual))
    nearby = cv2.dilate(distance, np.ones((_RINGS, _RINGS), np.uint8))
    core = distance > np.maximum(max(STANDS_OUT, SIGMAS * backdrop.sigma), RINGING * nearby)
    if cloth is not None:
        core |= cloth & (distance > RINGING * nearby)
    solid = _morph(core, cv2.MORPH_OPEN, 2)
    closed = fill_holes(_morph(solid, cv2.MORPH_CLOSE, CLOSE))
    gaps = _gaps(closed & ~fill_holes(solid), distance, backdrop.sigma)
    if cloth is not None:
        closed = without_strips(closed, _filled(cloth), smooth)
    whole = _morph(closed & ~gaps, cv2.MORPH_OPEN, _OPEN)
    soft = soft_dark(_smooth(backdrop.residual))
    largest, *others = _pieces(whole) or [whole]
    pieces = [largest, *(piece for piece in others if not is_shadow(piece, soft))] if whole.any() else []
    parts = tuple(_part(mask, core, distance) for mask in pieces)
    return Segmented(parts, backdrop, _faintness(backdrop, parts), EMPTY if least is None else least)


def _without_shadows(backdrop: Backdrop, cloth: Area | None) -> Backdrop:
    """The backdrop as a garment's soft shadow darkens it; cloth: what is known to be none."""
    smooth = _smooth(backdrop.residual)
    stands_out = distance_of(smooth) > max(STANDS_OUT, SIGMAS * backdrop.sigma)
    if cloth is None:
        shadow = shadow_of(smooth, stands_out)
    else:
        shadow = shadow_of(smooth, stands_out | cloth, cloth, shows_whole(_filled(cloth), stands_out | cloth))
    return replace(backdrop, lab=backdrop.lab + shadow, residual=backdrop.residual - shadow)


def _gaps(shut: Area, distance: NDArray[np.float32], sigma: float) -> Area:
    """What closing has shut off behind a narrow throat, as between a sleeve and the side.

    shut: what was open to the outside before. A gap has a size, and most of it is the backdrop; a fold is narrow, and
    a stripe of nearly the backdrop's colour is seldom as even.
    """
    even = shut & (distance < max(CALM, CALM_SIGMAS * sigma))
    count, piece = cv2.connectedComponents(shut.astype(np.uint8))
    size, calm = (np.bincount(piece[area], minlength=count) for area in (shut, even))
    found: Area = ((size >= GAP * shut.size) & (calm >= CALM_SHARE * size))[piece] & shut
    return found


def _working_size(image: Pixels) -> Pixels:
    height, width = image.shape[:2]
    scale = min(1.0, WORKING_HEIGHT / height)
    size = max(8, round(width * scale)), max(8, round(height * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _smooth(residual: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(residual, (0, 0), 1.0), np.float32)


def distance_of(residual: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lab distance from the backdrop [h, w] of a residual [h, w, 3]."""
    light = residual[..., 0]
    light = np.where(light < 0, DARKER * light, light)
    squared = light**2 + residual[..., 1] ** 2 + residual[..., 2] ** 2
    return np.asarray(np.sqrt(squared), np.float32)


def _morph(area: Area, operation: int, size: int) -> Area:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE if size > 2 else cv2.MORPH_RECT, (size, size))
    return cv2.morphologyEx(area.astype(np.uint8), operation, kernel).astype(bool)


def _filled(cloth: Area) -> Area:
    return fill_holes(_morph(cloth, cv2.MORPH_CLOSE, CLOSE))


def _pieces(area: Area) -> list[Area]:
    _, piece, stats, _ = cv2.connectedComponentsWithStats(area.astype(np.uint8))
    sizes = stats[1:, cv2.CC_STAT_AREA]
    order = np.argsort(-sizes, kind="stable")
    return [piece == index + 1 for index in order if sizes[index] >= SMALLEST_PART * sizes.max()]


def _part(mask: Area, core: Area, distance: NDArray[np.float32]) -> Part:
    visible = distance[mask & core]
    contrast = float(np.median(visible)) if len(visible) else 0.0
    return Part(mask, covered=len(visible) / int(np.count_nonzero(mask)), contrast=contrast)


def _faintness(backdrop: Backdrop, parts: tuple[Part, ...]) -> float:
    """White garments on white leave a print or a shaded fold that stands out, and a large faint rest."""
    if not parts:
        return 0.0
    taken = np.logical_or.reduce([part.mask for part in parts])
    smooth = cv2.blur(backdrop.residual, (_SMOOTH, _SMOOTH))
    faint = np.linalg.norm(smooth, axis=-1) > FAINT * max(1.0, backdrop.sigma)
    faint &= ~_morph(taken, cv2.MORPH_DILATE, 2 * _SMOOTH + 1)
    return np.count_nonzero(faint) / np.count_nonzero(taken)
