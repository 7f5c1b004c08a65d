"""The soft shadow of a garment on the paper behind it: darker than the backdrop, of its colour, without an edge."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.areas import Area

FAINTEST, DEEPEST = 0.4, 22.0
"""How much darker than the backdrop, Lab units; paper under a garment keeps half its light."""

TINTED = 2.0, 0.25
"""Most chroma beside the backdrop's: so many Lab units, and this share of the darkness (a shadow of coloured paper)."""

STEEPEST = 2.4
"""Most change of lightness within 3 x 3 pixels of the working size: the edge of cloth has half its contrast there."""

CALM, BROAD = 1.2, 13
"""Beside pale cloth, whose edges are as faint: shade that begins with more than CALM and is BROAD pixels wide is the
cloth's own."""

RIM = 4
"""Pixels of the working size along the cloth that are too steep to be told; the shadow goes on below them."""

EDGELESS = 0.93
"""Share of a part's rim: 0.97 and more of the shadows of four people on the floor, 0.2 to 0.9 of grey cloth that is 40
to 12 levels darker than the paper."""

WEAKER, NEARBY = 1.3, 61
"""A garment within NEARBY pixels differs from its shadow by at least WEAKER times what that differs from the backdrop:
pale cloth, which is as dark as a shadow itself, keeps its hems."""


def shadow_of(
    residual: NDArray[np.float32], core: Area, cloth: Area | None = None, whole: bool = True
) -> NDArray[np.float32]:
    """What the shadow adds to the backdrop, Lab units [h, w, 3]; the others as for find_shadows."""
    shadow = find_shadows(residual, core, cloth, whole)
    share = shadow.astype(np.float32)
    size = (2 * RIM + 1,) * 2
    weight = cv2.blur(share, size)[..., None]
    beside = cv2.blur(residual * share[..., None], size) / np.maximum(weight, np.float32(1e-3))
    found = np.where(shadow[..., None], residual, np.where(weight > 0.02, beside, 0))
    return np.asarray(found, np.float32)


def find_shadows(
    residual: NDArray[np.float32], core: Area, cloth: Area | None = None, whole: bool = True
) -> Area:
    """Boolean [h, w]; residual: Lab units from the backdrop [h, w, 3], smoothed; core: what stands out from it; cloth:
    what is known to be none; whole: that is nearly all of the garment.

    Only what is connected to the open backdrop without crossing an edge: a grey shirt is as smooth within.
    """
    soft, light, chroma = soft_dark(residual), residual[..., 0], _chroma(residual)
    if cloth is not None:
        soft &= ~cloth
    soft &= _difference(light, chroma, core & ~soft) > -WEAKER * light
    if not whole:
        return _beside_pale(soft, soft & (_steepness(light) < CALM), core)
    return soft & _reached(soft | ~core, ~core)


def _beside_pale(soft: Area, calm: Area, core: Area) -> Area:
    """The open shadow as far as it is calm, and what is soft between that and the cloth unless it is broad."""
    shadow = calm & _reached(calm | ~core, ~core)
    rest = (soft & core & ~shadow).astype(np.uint8)
    whole = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((RIM + 1, RIM + 1), np.uint8))
    broad = cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((BROAD, BROAD), np.uint8))
    near = cv2.dilate(shadow.astype(np.uint8), np.ones((4 * RIM + 1,) * 2, np.uint8))
    found: Area = shadow | ((rest > 0) & (near > 0) & (broad == 0))
    return found


def soft_dark(residual: NDArray[np.float32]) -> Area:
    """Boolean [h, w]: as dark and as grey as a shadow may be, and without an edge."""
    light = residual[..., 0]
    dark = (light < -FAINTEST) & (light > -DEEPEST) & (_chroma(residual) < TINTED[0] - TINTED[1] * light)
    found: Area = dark & (_steepness(light) < STEEPEST)
    return found


def is_shadow(part: Area, soft: Area) -> bool:
    """Whether a part ends without an edge, as the shadow of something else far from it does; soft: see soft_dark."""
    rim = part & (cv2.erode(part.astype(np.uint8), np.ones((2 * RIM + 1,) * 2, np.uint8)) == 0)
    return bool(soft[rim].mean() > EDGELESS)


def _steepness(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Change of lightness within 3 x 3 pixels [h, w]."""
    return np.asarray(cv2.morphologyEx(light, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)), np.float32)


def _chroma(residual: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.hypot(residual[..., 1], residual[..., 2]), np.float32)


def _difference(light: NDArray[np.float32], chroma: NDArray[np.float32], cloth: Area) -> NDArray[np.float32]:
    """How much the cloth nearby differs from each pixel at most, Lab units; far from all cloth nothing does."""
    window = np.ones((NEARBY, NEARBY), np.uint8)
    nothing = np.float32(1e3)
    lightest = cv2.dilate(np.where(cloth, light, -nothing), window)
    darkest = cv2.erode(np.where(cloth, light, nothing), window)
    vivid = cv2.dilate(np.where(cloth, chroma, np.float32(0)), window)
    return np.asarray(np.maximum.reduce([lightest - light, light - darkest, vivid - chroma]), np.float32)


def _reached(ways: Area, outside: Area) -> Area:
    """What of the ways is connected to the largest piece that is outside; nothing when no backdrop is bare."""
    if not outside.any():
        return np.zeros_like(ways)
    _, piece = cv2.connectedComponents(ways.astype(np.uint8), connectivity=4)
    found: Area = piece == np.bincount(piece[outside]).argmax()
    return found & ways
