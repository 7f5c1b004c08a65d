"""Sharper labels: where a plain backdrop shows through, the backdrop knows the person's outline better than the net.

The net sees a few hundred pixels a side, so its outline is off by a few pixels of the photo. Too small a label leaves a
rim of the old garment beside the new one; too large a one lets backdrop count as person.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.anatomy import Atr
from tryon.core.areas import Area, dilate, labelled
from tryon.core.ports import Body, Pixels
from tryon.engines.backdrop import Lab, fit_backdrop, to_lab

WORK_SIDE = 1024
"""Pixels of the longer side at which outlines are found; edges of a larger photo are scaled up."""

REACH, CORE = 0.025, 0.012
"""Of the longer side: how far outside its labels the person may be found, and from which depth inside them the net
is trusted alone (a garment can have the backdrop's colour). The net's edges were off by at most 0.02 on renders."""

VISIBLE, NOISE = 5.0, 4.0
"""A pixel belongs to the person from this Lab distance to the backdrop, or this many sigma of its noise."""

PLAIN, PLAIN_NOISE, LARGEST_GAPS = 3.0, 3.0, 0.1
"""Closer than this to the backdrop's colour, or this many sigma of its noise, is backdrop; but not where that would
take away more than this share of the person's inside, who then wears the backdrop's colour."""

COARSE = 4
"""The backdrop is a smooth surface: fitting it on every fourth pixel changes nothing but the time."""

BESIDE = 0.12
"""Of the longer side: a floor or a skirting board begins somewhere below the wall, so what is seen beside the person at
the same height, this far to both sides, is backdrop too."""

SHADOW_CHROMA, SHADOW_DEPTH = 4.0, 45.0
"""A shadow darkens the backdrop by up to SHADOW_DEPTH in L and tints it by less than SHADOW_CHROMA."""


def sharpen(image: Pixels, body: Body) -> Body:
    """image: uint8 [H, W, 3]. The same keypoints; labels [H, W] that end where the backdrop begins."""
    height, width = body.labels.shape
    scale = min(1.0, WORK_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    labels = np.asarray(cv2.resize(body.labels, size, interpolation=cv2.INTER_NEAREST_EXACT), np.uint8)
    found = _relabelled(to_lab(small), labels)
    if scale == 1.0:
        return Body(found, body.keypoints)
    back = cv2.resize(found, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
    return Body(np.asarray(back, np.uint8), body.keypoints)


def _relabelled(lab: Lab, labels: Pixels) -> Pixels:
    reach = round(REACH * max(labels.shape))
    near = dilate(labels > 0, reach, reach)
    if near.all() or not labels.any():
        return labels
    window = _window(near)
    distance, shadow, noise = _against_backdrop(lab, ~near, window)
    feet = dilate(labelled(labels[window], Atr.LEFT_SHOE, Atr.RIGHT_SHOE), reach, reach)
    visible = near[window] & (distance > max(VISIBLE, NOISE * noise)) & ~(shadow & feet)
    trusted = _trusted(
        labels[window] > 0, ~near[window], distance < max(PLAIN, PLAIN_NOISE * noise), labels.shape
    )
    found = np.zeros_like(labels)
    found[window] = _spread(labels[window], _smooth(trusted | visible) | trusted)
    return found


def _window(near: Area) -> tuple[slice, slice]:
    """Rows and columns that hold the person, and some of the outside around; they start on a coarse pixel."""
    rows, columns = (
        slice(max(int(line[0]) // COARSE - 1, 0) * COARSE, int(line[-1]) + 3)
        for line in (np.flatnonzero(near.any(1)), np.flatnonzero(near.any(0)))
    )
    return rows, columns


def _trusted(person: Area, outside: Area, plain: Area, shape: tuple[int, ...]) -> Area:
    """Deep inside the labels of a photo of that shape, where no backdrop shows through."""
    core = round(CORE * max(shape))
    inner = ~dilate(~person, core, core)
    return inner & ~_gaps(plain, inner, outside)


def _against_backdrop(lab: Lab, samples: Area, window: tuple[slice, slice]) -> tuple[Lab, Area, float]:
    """Of each pixel in the window its Lab distance to the backdrop and whether it could be the backdrop in shadow; and
    the noise.
    """
    small, seen = np.ascontiguousarray(lab[::COARSE, ::COARSE]), samples[::COARSE, ::COARSE]
    coarse, part = fit_backdrop(small, seen), lab[window]
    distance, shadow = _difference(part, _enlarged(coarse.lab, window, part))
    beside = _beside(small, seen, coarse.lab)
    # Also a row up and down, or the edge of a floor would be a bar across the feet.
    for rows in (-1, 0, 1):
        near, dim = _difference(part, _enlarged(np.roll(beside, rows, axis=0), window, part))
        distance, shadow = np.minimum(distance, near), shadow | dim
    return distance, shadow, coarse.sigma


def _enlarged(coarse: Lab, window: tuple[slice, slice], part: Lab) -> Lab:
    """The window of what is COARSE times as small; part: [h, w, 3], what it holds of the photo."""
    rows, columns = (slice(side.start // COARSE, -(-side.stop // COARSE)) for side in window)
    small = coarse[rows, columns]
    size = COARSE * small.shape[1], COARSE * small.shape[0]
    return np.asarray(cv2.resize(small, size)[: part.shape[0], : part.shape[1]], np.float32)


def _difference(lab: Lab, backdrop: NDArray[Any]) -> tuple[Lab, Area]:
    """Each pixel's distance to a backdrop, and whether it could be that backdrop in shadow."""
    light, a, b = cv2.split(lab - backdrop)
    chroma = cv2.magnitude(a, b)
    shadow: Area = (light < 0) & (light > -SHADOW_DEPTH) & (chroma < SHADOW_CHROMA)
    return np.asarray(cv2.magnitude(light, chroma), np.float32), shadow


def _beside(lab: Lab, samples: Area, fitted: Lab) -> Lab:
    """The mean colour of the samples to the left and right of each pixel; the fitted one where there are none."""
    side = max(samples.shape)
    window = 2 * round(BESIDE * side) + 1, 1
    seen = samples[..., None].astype(np.float32)
    sums = cv2.blur(np.dstack([lab * seen, seen]), window, borderType=cv2.BORDER_CONSTANT)
    count = sums[..., 3:]
    return np.asarray(np.where(count > 0, sums[..., :3] / np.maximum(count, 1e-6), fitted), np.float32)


def _gaps(plain: Area, inner: Area, outside: Area) -> Area:
    """Backdrop deep inside the labels but open to the outside, as between an arm and the waist."""
    _, piece = cv2.connectedComponents((plain | outside).astype(np.uint8), connectivity=4)
    open_pieces = np.unique(piece[outside])
    gaps: Area = inner & np.isin(piece, open_pieces[open_pieces > 0])
    return gaps if gaps.sum() <= LARGEST_GAPS * inner.sum() else np.zeros_like(gaps)


def _smooth(area: Area) -> Area:
    """Without single pixels and one-pixel gaps, which noise makes."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    opened = cv2.morphologyEx(area.astype(np.uint8), cv2.MORPH_OPEN, disc)
    return np.asarray(cv2.morphologyEx(opened, cv2.MORPH_CLOSE, disc) > 0)


def _spread(labels: Pixels, person: Area) -> Pixels:
    """Every pixel of the person gets the nearest label that lies on it; the rest is backdrop."""
    known = (labels > 0) & person
    if not known.any():
        return labels
    return np.where(person, nearest_label(labels, known), 0).astype(np.uint8)


def nearest_label(labels: Pixels, known: Area) -> Pixels:
    """The label of the nearest known pixel, of which there is at least one, everywhere."""
    _, place = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_place = np.zeros(int(place.max()) + 1, np.uint8)
    of_place[place[known]] = labels[known]
    return np.asarray(of_place[place], np.uint8)
