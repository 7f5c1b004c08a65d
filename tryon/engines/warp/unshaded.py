"""Bare legs without the shadow that the old hem cast on them: the new hem hangs elsewhere."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.words import Category
from tryon.engines.warp.arrays import Flags, Floats, shrink
from tryon.engines.warp.scene import LEGS, Scene

# A hem's shadow is at most this long, in trunks, and leaves this share of what is seen of the leg in the light.
_LONGEST, _LIT = 0.45, 0.35
# The leg must be seen for this long below the hem, in trunks.
_LEAST, _SHOE = 0.3, 0.06
# A shadow takes at most this share of the light: more is another colour.
_STRONGEST = 1.9

Rows = NDArray[np.intp]


def unshaded(scene: Scene, old: Flags, category: Category) -> Floats:
    """The person [H, W, 3] with the legs under the old hem as light as they are further down."""
    if category is Category.TOPS:
        return scene.person
    person, trunk = scene.person, scene.figure.trunk
    for label in LEGS:
        leg = scene.labels == label
        # The shoe's own shadow is at the end.
        rows = np.flatnonzero(leg.any(1))[: -max(1, round(_SHOE * trunk))]
        hem = np.flatnonzero((old & leg.any(0)[None]).any(1))
        rows = rows[rows > hem[-1]] if len(hem) else rows[:0]
        if len(rows) < _LEAST * trunk:
            continue
        longest = min(round(_LONGEST * trunk), round((1.0 - _LIT) * len(rows)))
        lit = np.median(person[rows[longest:]][leg[rows[longest:]]], axis=0)
        person = _lifted(person, leg, rows[:longest], lit)
    return person


def _lifted(person: Floats, leg: Flags, shaded: Rows, lit: Floats) -> Floats:
    """The person with each shaded row of the leg as light as `lit` [3], less and less towards the last row."""
    middle = np.stack([np.median(person[row][leg[row]], axis=0) for row in shaded])
    gain = np.clip(lit / np.maximum(middle, 1.0), 1.0, _STRONGEST).astype(np.float32)
    gain = cv2.GaussianBlur(gain[:, None], (1, 0), 1, sigmaY=2.0, borderType=cv2.BORDER_REPLICATE)[:, 0]
    fade = np.clip((len(shaded) - np.arange(len(shaded))) / (0.25 * len(shaded)), 0.0, 1.0)[:, None]
    lifted = person.copy()
    # The outermost pixels are blended with the backdrop.
    band = shrink(leg, 1)[shaded].astype(np.float32)[..., None]
    lifted[shaded] *= 1.0 + band * ((gain - 1.0) * fade)[:, None]
    return np.minimum(lifted, 255.0)
