"""The front edge of the neck opening, told from the inner back of the garment that shows above it."""

from __future__ import annotations

import cv2
import numpy as np

from tryon.core.ports import Pixels
from tryon.engines.warp.arrays import Flags, Floats, Points, grow, shrink
from tryon.engines.warp.marks import Neckline

# Depths tried, as shares of the opening's width. A back neck drops by 0.15, a crew neck by 0.5, a deep V by more
# than 1: starting above the back keeps its own collar from being taken for the front's.
_DEPTHS = np.arange(0.42, 1.6, 0.03)
# Round, in between, V.
_EXPONENTS = (2.5, 2.0, 1.4, 1.0)
# The opening is widest a little below the collar's highest points.
_WIDENINGS = (1.0, 1.15, 1.3)
# How far the back's own edge dips between the neck points, and a crew neck, in the opening's widths.
_DIP, _CREW = 0.06, 0.5
# The notch of a V reaches at most this far below the round edge, in the opening's widths, and adds at most this much
# to the opening; a pixel of it is this much nearer to the inside's colour. The inside must be this even in Lab.
_NOTCH, _LARGEST, _NEARER, _FEWEST, _NEAR_EDGE = 0.8, 1.8, 0.6, 30, 0.35
_EVEN = np.array([20.0, 9.0, 9.0])
# Steps in a notch's edge up to this share of the opening's half-width are no cut; what shows on this share of both
# sides is there on both.
_RAGGED, _SHOWN = 0.08, 0.45
# Of the samples along a curve, from the faintest on, the one that counts.
_LOW_THIRD = 0.35
# Least step in Lab across the edge, absolute and as a share of the strongest one found: the first edge counts.
_FAINT, _SHARE = 3.0, 0.3


def curve(neckline: Neckline, x: Floats | Points) -> Points:
    """Height y of the edge at each x; above the opening's ends it is -inf (nothing is cut)."""
    u = np.abs(np.asarray(x, np.float64) - neckline.centre) / neckline.half
    inside = np.clip(1.0 - np.clip(u, 0.0, 1.0) ** neckline.exponent, 0.0, 1.0) ** (1.0 / neckline.exponent)
    if neckline.exponent <= 1.0:
        inside = np.clip(1.0 - u, 0.0, 1.0)
    return np.where(u < 1.0, neckline.top + neckline.depth * inside, -np.inf)


def find_neckline(mask: Flags, image: Pixels, neck: Points) -> Neckline | None:
    """The curve between the two neck points [2, 2] with the strongest step in colour across it, or None."""
    half, centre = float(neck[1, 0] - neck[0, 0]) / 2, float(neck[:, 0].mean())
    top = float(neck[:, 1].mean())
    if half < 4:
        return None
    lab = _lab(image)
    found = [
        (_step_across(lab, mask, line), line)
        for exponent in _EXPONENTS
        for widening in _WIDENINGS
        for line in (
            Neckline(centre, half * widening, top, float(depth) * 2 * half, exponent) for depth in _DEPTHS
        )
    ]
    strongest = max(step for step, _ in found)
    if strongest < _FAINT:
        return _usual(mask, centre, half, top)
    # A collar's outer edge may be the stronger one: take the best of the shallow ones that are strong enough.
    fair = [(step, line) for step, line in found if step >= max(_FAINT, _SHARE * strongest)]
    shallow = min(line.depth for _, line in fair) + 0.12 * 2 * half
    return max((pair for pair in fair if pair[1].depth <= shallow), key=lambda pair: pair[0])[1]


def _usual(mask: Flags, centre: float, half: float, top: float) -> Neckline | None:
    """A crew neck for dark cloth that shows no edge, where the back's own edge dips between the neck points.

    A turtleneck does not dip.
    """
    rows = np.flatnonzero(mask[:, round(centre)])
    dips = len(rows) > 0 and rows[0] - top > _DIP * 2 * half
    return Neckline(centre, half, top, _CREW * 2 * half, 2.0) if dips else None


def _step_across(lab: Floats, mask: Flags, line: Neckline) -> float:
    """Lab distance of the cloth just below the curve from the cloth just above it.

    The lower third of the samples decides, because a pattern's edge does not follow the curve all along.
    """
    x = np.linspace(line.centre - 0.8 * line.half, line.centre + 0.8 * line.half, 33)
    y, gap = curve(line, x), max(2.0, 0.06 * line.half)
    columns = x.astype(int)
    high, low = (np.clip(y + shift, 0, mask.shape[0] - 1).astype(int) for shift in (-gap, gap))
    # The cloth must reach clearly above the curve, or its own upper edge would pass for the neckline.
    above = np.clip(y - 2.5 * gap, 0, mask.shape[0] - 1).astype(int)
    both = mask[above, columns] & mask[low, columns]
    if both.mean() < 0.6:
        return 0.0
    step = np.linalg.norm(lab[low, columns] - lab[high, columns], axis=-1)[both]
    return float(np.sort(step)[int(_LOW_THIRD * (len(step) - 1))])


def inner_back(mask: Flags, image: Pixels, line: Neckline) -> Flags:
    """Pixels [h, w] of the inside of the back: those above the edge, and what has their colour in a notch below it."""
    x = np.arange(mask.shape[1], dtype=np.float64)
    above = mask & (np.arange(mask.shape[0])[:, None] < curve(line, x)[None])
    deepest = line.top + line.depth
    rows = slice(0, min(mask.shape[0], round(deepest + _NOTCH * 2 * line.half)))
    columns = slice(max(0, round(line.centre - line.half)), round(line.centre + line.half) + 1)
    lab = _lab(image[rows, columns])
    inside, cloth = above[rows, columns], mask[rows, columns]
    core, front = shrink(inside, 2), cloth & ~grow(inside, 2)
    # The inside lies in its own shade; what counts is how it looks where a notch would go on.
    height = np.arange(lab.shape[0])[:, None]
    core &= height > deepest - _NEAR_EDGE * line.depth
    if core.sum() < _FEWEST or front.sum() < _FEWEST or (lab[core].std(axis=0) > _EVEN).any():
        return above
    own, other = (np.median(lab[part], axis=0) for part in (core, front))
    alike = np.linalg.norm(lab - own, axis=-1) < _NEARER * np.linalg.norm(lab - other, axis=-1)
    _, piece = cv2.connectedComponents(((alike & cloth) | inside).astype(np.uint8), connectivity=4)
    notch = np.isin(piece, np.setdiff1d(np.unique(piece[core]), [0]))
    notch = (_even(grow(shrink(notch, 2), 2), _RAGGED * line.half) & cloth) | inside
    if (notch & (height > deepest)).sum() < _FEWEST:
        return above  # Beside the edge is no notch: a collar of the inside's colour.
    found = above.copy()
    # A notch is part of the opening, not half of the garment.
    found[rows, columns] |= notch if notch.sum() < _LARGEST * inside.sum() else inside
    return found


def _even(area: Flags, sigma: float) -> Flags:
    """Without steps, and alike on both sides of the window's middle: so cloth is cut; shade may hide a part of it."""
    smooth = cv2.GaussianBlur(area.astype(np.float32), (0, 0), max(sigma, 0.5))
    return np.asarray(smooth + smooth[:, ::-1] > 2 * _SHOWN)


def _lab(image: Pixels) -> Floats:
    blurred = cv2.GaussianBlur(image, (0, 0), 1.0).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(blurred, cv2.COLOR_RGB2Lab), np.float32)
