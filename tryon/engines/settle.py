"""Labels settled by colour: along the borders between skin or shoes and clothes, the photo knows better than the net.

The net's borders between labels are a few pixels off, as its outline is (see edges.py). A rim of the old trousers
that counts as shoe is protected when the trousers are replaced, and stays as a dark ring around the new shoes.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core import anatomy
from tryon.core.anatomy import Atr
from tryon.core.areas import Area, dilate, labelled
from tryon.core.ports import Body, Pixels
from tryon.engines.backdrop import Lab, to_lab

KEPT = (
    Atr.LEFT_SHOE, Atr.RIGHT_SHOE, Atr.FACE, Atr.LEFT_LEG, Atr.RIGHT_LEG, Atr.LEFT_ARM, Atr.RIGHT_ARM,
)  # fmt: skip
WORN = (Atr.UPPER, Atr.SKIRT, Atr.PANTS, Atr.DRESS)

BAND, CORE, SPECK = 0.015, 0.008, 0.004
"""Of the longer side: how far from its border a label is in doubt (the net was off by at most 0.02 on renders, mostly
less), how deep inside it its core begins, and the side of the largest square that counts as a speck."""

NEAR, NEARER = 12.0, 0.5
"""A pixel moves to a label whose core colour is at most NEAR Lab units away and NEARER times as far as its own.
With 15 and 0.7 the catalogue gains a little more, but a random person in a two-coloured top lost a fifth of an arm."""

CONTRAST = 8.0
"""Lab units between two core colours from which colour tells the labels apart."""

LEAST_CORE = 30
"""Pixels; the colour of a smaller core is not known."""


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
    """Every doubtful pixel goes to the label of the other kind whose core has clearly more of its colour."""
    reach = max(1, round(BAND * side))
    colours = _core_colours(lab, labels, max(1, round(CORE * side)))
    near = {label: dilate(labels == label, reach, reach) for label in colours}
    moved = labels.copy()
    nearest = np.full(labels.shape, NEAR, np.float32)
    for own, others in [(own, WORN) for own in KEPT] + [(own, KEPT) for own in WORN]:
        for other in others:
            if own not in colours or other not in colours:
                continue
            if np.linalg.norm(colours[own] - colours[other]) < CONTRAST:
                continue
            rows, columns = np.nonzero((labels == own) & near[other])
            seen = lab[rows, columns]
            here, there = (np.linalg.norm(seen - colours[label], axis=1) for label in (own, other))
            better = (there < NEARER * here) & (there < nearest[rows, columns])
            at = rows[better], columns[better]
            moved[at], nearest[at] = other, there[better]
    return moved


def _core_colours(lab: Lab, labels: Pixels, depth: int) -> dict[int, NDArray[np.float32]]:
    """The median Lab colour of each label's inside."""
    cores = {label: ~dilate(labels != label, depth, depth) for label in (*KEPT, *WORN)}
    return {
        int(label): np.asarray(np.median(lab[core], axis=0), np.float32)
        for label, core in cores.items()
        if np.count_nonzero(core) >= LEAST_CORE
    }


def _without_specks(before: Pixels, labels: Pixels, speck: int) -> Pixels:
    """Pieces of at most `speck` pixels that the moves made get the nearest other label of the person."""
    from scipy.ndimage import distance_transform_edt  # here, so that few commands wait for scipy

    near_moves = dilate(before != labels, 1, 1)
    specks: Area = np.zeros(labels.shape, bool)
    for label in np.unique(labels[near_moves & labelled(labels, *KEPT, *WORN)]):
        _, piece = cv2.connectedComponents((labels == label).astype(np.uint8), connectivity=4)
        small = np.bincount(piece.ravel()) <= speck
        small[np.setdiff1d(np.arange(len(small)), piece[near_moves])] = False
        small[0] = False
        specks |= small[piece]
    known = (labels > 0) & ~specks
    if not specks.any() or not known.any():
        return labels
    nearest = distance_transform_edt(~known, return_distances=False, return_indices=True)
    return np.where(specks, labels[tuple(nearest)], labels)
