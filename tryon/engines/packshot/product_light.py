"""Product photos that are blurred, or taken on a dark or strongly coloured surface: the edge of the cloth would keep a
rim of backdrop.

The figures are measured on 228 product photos of the studio.
"""

from __future__ import annotations

import cv2
import numpy as np

from tryon.core.areas import Area
from tryon.core.ports import Pixels
from tryon.core.words import Refused
from tryon.engines.backdrop import Backdrop
from tryon.engines.light_checks import SHARPNESS, sharpness_of
from tryon.engines.reasons import of_product

DARK = 60.0
"""Least lightness of the backdrop, 0..100: a soft shadow falls on light paper only. The studio's have 87 and more."""

VIVID = 28.0
"""Most chroma of it, Lab: light coming back from the paper tints the edges. Cream, sky and rose papers have 5 to 20."""


def check_surface(backdrop: Backdrop) -> Refused | None:
    """Of an even backdrop."""
    light, a, b = np.median(backdrop.lab.reshape(-1, 3), axis=0)
    if light < DARK:
        return of_product("dark_backdrop")
    return of_product("coloured_backdrop") if np.hypot(a, b) > VIVID else None


def check_focus(image: Pixels, mask: Area) -> Refused | None:
    """image: uint8 [H, W, 3] RGB; mask: boolean [h, w] of the garment, at the photo's size or smaller.

    Sharp photos have 1.6 or more, blurred by 1/200 of their height 1.4 at most, by 1/128 1.3 at most.
    """
    size = image.shape[1], image.shape[0]
    garment = cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    return of_product("blurred") if sharpness_of(image, garment) < SHARPNESS else None
