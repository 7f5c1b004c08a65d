"""Backdrop of the product photo that the cut-out took along: in the corners under the arms and between the legs."""

from __future__ import annotations

import cv2
import numpy as np

from tryon.core.ports import Pixels
from tryon.engines.warp.arrays import Flags, Points, grow
from tryon.engines.warp.marks import Marks, TopMarks, TrouserMarks

# A product photo's backdrop is at least this light and at most this colourful, in sRGB.
_LIGHT, _GREY = 205, 14
# How far from an armpit or a crotch such a corner reaches, of the garment's longer side.
_REACH = 0.1
# A garment with more pixels than this that could be backdrop is white itself.
_WHITE = 0.15


def gaps(garment: Pixels, marks: Marks) -> Flags:
    """Pixels [h, w] of a crop [h, w, 4] that are backdrop, open to the outside, in its narrow corners."""
    none = np.zeros(garment.shape[:2], np.bool_)
    corners = _corners(marks)
    rgb, inside = garment[..., :3], garment[..., 3] > 0
    pale = inside & (rgb.min(-1) > _LIGHT) & (np.ptp(rgb, axis=-1) < _GREY)
    if len(corners) == 0 or pale.sum() > _WHITE * inside.sum():
        return none
    zone, radius = none.astype(np.uint8), round(_REACH * max(garment.shape[:2]))
    for x, y in corners:
        cv2.circle(zone, (round(float(x)), round(float(y))), radius, 1, -1)
    _, pieces = cv2.connectedComponents(pale.astype(np.uint8))
    # A stripe or a trim goes on beyond the corner, a button is not open to the outside.
    open_ones = np.unique(pieces[pale & grow(~inside, 2)])
    kept = np.setdiff1d(open_ones, np.append(np.unique(pieces[pale & (zone == 0)]), 0))
    return grow(np.isin(pieces, kept), 1) if len(kept) else none


def _corners(marks: Marks) -> Points:
    """Positions [N, 2] where a cut-out may close a gap."""
    if isinstance(marks, TopMarks):
        return marks.pit if marks.sleeves is not None else np.zeros((0, 2))
    return marks.crotch[None] if isinstance(marks, TrouserMarks) else np.zeros((0, 2))
