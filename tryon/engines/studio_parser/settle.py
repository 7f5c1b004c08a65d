"""Labels settled by colour: along the borders between labels, the photo knows better than the net.

The net's borders are a few pixels off, as its outline is (see edges.py). A rim of the old trousers that counts as
shoe is protected when the trousers are replaced, and stays as a dark ring around the new shoes. Near a border a
pixel goes to the label that explains it best: the one whose colours close by are like the pixel's (a normal
distribution around their mean) and that is not far away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core import anatomy
from tryon.core.areas import Area, dilate
from tryon.core.ports import Body, Pixels
from tryon.engines.backdrop import Lab, to_lab
from tryon.engines.studio_parser.edges import nearest_label

BAND, CORE, CLOSE, SPECK = 0.016, 0.006, 0.045, 0.004
"""Of the longer side: how far from its border a label is in doubt (the net was off by at most 0.02 on renders, mostly
less), how deep inside it its core begins, half the window in which colours are close by, and the side of the largest
square that counts as a speck."""

COLOUR, FARTHEST, NOISE = 2.0, 12.0, 4.0
"""Weight of a colour's log likelihood; the squared deviations from which a colour is no less likely (a print, a
shadow); and the least standard deviation in Lab units. Found on the studio's tuning renders, as the two below."""

DISTANCE, HOME = 0.006, 1.0
"""Of the longer side: so far from a label it is e times less likely. What a pixel's own label has in advance."""

LEAST_CORE = 6
"""Samples of a core close by; the colour of fewer is not known."""

COARSE = 4
"""Colours close by change slowly: every fourth pixel is enough."""

Floats = NDArray[np.float32]
Box = tuple[slice, slice]


@dataclass(frozen=True, slots=True)
class _Region:
    """One label: where it may be (box), how far each pixel of the box is from it, and its colours close by.

    mean, variance: float32 [h, w, 3] of the whole window's every COARSE-th pixel; known: where they mean something.
    """

    label: int
    box: Box
    away: Floats
    mean: Lab
    variance: Lab
    known: Area


def settle(image: Pixels, body: Body) -> Body:
    """image: uint8 [H, W, 3]. The same keypoints and outline; labels [H, W] whose inner borders follow the colours."""
    box = anatomy.person_box(body)
    if box is None:
        return body
    window = np.s_[box[1] : box[3], box[0] : box[2]]
    labels, side = body.labels[window], max(body.labels.shape)
    moved = _moved(to_lab(image[window]), labels, side)
    settled = body.labels.copy()
    settled[window] = _without_specks(labels, moved, max(4, round((SPECK * side) ** 2)))
    return Body(settled, body.keypoints)


def _moved(lab: Lab, labels: Pixels, side: int) -> Pixels:
    """Every doubtful pixel, which has several labels near, gets the likeliest of them."""
    regions, reach = list(_regions(lab, labels, side)), BAND * side
    near = np.zeros(labels.shape, np.uint8)
    for region in regions:
        near[region.box] += region.away <= reach
    moved, best = labels.copy(), np.full(labels.shape, -np.inf, np.float32)
    for region in regions:
        y, x = np.nonzero((near[region.box] > 1) & (labels[region.box] > 0) & (region.away <= reach))
        away = region.away[y, x]
        rows, columns = y + region.box[0].start, x + region.box[1].start
        score = _likelihood(region, lab, rows, columns) - away / (DISTANCE * side)
        own, known = labels[rows, columns] == region.label, region.known[rows // COARSE, columns // COARSE]
        score[own] += HOME
        # A pixel whose own label has no known colour stays.
        score[~known] = np.where(own[~known], np.inf, -np.inf)
        better = score > best[rows, columns]
        at = rows[better], columns[better]
        moved[at], best[at] = region.label, score[better]
    return moved


def _likelihood(region: _Region, lab: Lab, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Floats:
    """Weighted log likelihood [n] of the colours at rows, columns [n] under the region's colours close by."""
    at = rows // COARSE, columns // COARSE
    variance = region.variance[at]
    deviation = ((lab[rows, columns] - region.mean[at]) ** 2 / variance).sum(1)
    spread = np.log(variance).sum(1)
    likelihood: Floats = -COLOUR * (0.5 * np.minimum(deviation, FARTHEST) + 0.25 * spread)
    return likelihood


def _regions(lab: Lab, labels: Pixels, side: int) -> Iterator[_Region]:
    coarse = np.ascontiguousarray(lab[::COARSE, ::COARSE])
    for label in np.flatnonzero(np.bincount(labels[labels > 0], minlength=1)):
        box = _box(labels == label, round(BAND * side) + 1)
        here = (labels[box] == label).astype(np.uint8)
        away = cv2.distanceTransform(1 - here, cv2.DIST_L2, 3)
        framed = cv2.copyMakeBorder(here, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(0,))
        depth = cv2.distanceTransform(framed, cv2.DIST_L2, 3)[1:-1, 1:-1]
        core = np.zeros(labels.shape, bool)
        # The core of a thin label, such as a strap, begins halfway to its middle.
        core[box] = depth >= min(CORE * side, 0.5 * depth.max())
        yield _Region(int(label), box, away, *_close_by(coarse, core[::COARSE, ::COARSE], side))


def _box(area: Area, margin: int) -> Box:
    rows, columns = np.flatnonzero(area.any(1)), np.flatnonzero(area.any(0))
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + 1 + margin),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + 1 + margin),
    )


def _close_by(coarse: Lab, core: Area, side: int) -> tuple[Lab, Lab, Area]:
    """Mean and variance [h, w, 3] of the core's colours around each pixel, and where there are enough of them."""
    half = max(1, round(CLOSE * side / COARSE))
    inside = core[..., None].astype(np.float32)
    sums = np.dstack([inside * coarse, inside * coarse**2, inside])
    sums = cv2.blur(sums, (2 * half + 1, 2 * half + 1), borderType=cv2.BORDER_CONSTANT)
    count = np.maximum(sums[..., 6:], 1e-6)
    mean = sums[..., :3] / count
    variance = np.maximum(sums[..., 3:6] / count - mean**2, 0) + NOISE**2
    known: Area = sums[..., 6] * (2 * half + 1) ** 2 >= LEAST_CORE
    return np.asarray(mean, np.float32), np.asarray(variance, np.float32), known


def _without_specks(before: Pixels, labels: Pixels, speck: int) -> Pixels:
    """Pieces of at most `speck` pixels that the moves made get the nearest other label of the person."""
    near_moves = dilate(before != labels, 1, 1)
    specks: Area = np.zeros(labels.shape, bool)
    for label in np.flatnonzero(np.bincount(labels[near_moves & (labels > 0)], minlength=1)):
        box = _box(labels == label, 0)
        _, piece = cv2.connectedComponents((labels[box] == label).astype(np.uint8), connectivity=4)
        small = np.bincount(piece.ravel()) <= speck
        touched = np.zeros(len(small), bool)
        touched[piece[near_moves[box]]] = True
        touched[0] = False
        if (small & touched).any():
            specks[box] |= (small & touched)[piece]
    known = (labels > 0) & ~specks
    if not specks.any() or not known.any():
        return labels
    return np.where(specks, nearest_label(labels, known), labels)
