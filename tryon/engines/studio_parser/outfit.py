"""One outfit a person: a top with trousers, a top with a skirt, or a dress, whichever the net believes most.

The net decides pixel by pixel, and may see a patch of dress in a striped top. All pixels together know better.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tryon.core.anatomy import Atr

WORN = (Atr.UPPER, Atr.SKIRT, Atr.PANTS, Atr.DRESS)
OUTFITS = ((Atr.UPPER, Atr.PANTS), (Atr.UPPER, Atr.SKIRT), (Atr.DRESS,))

SURE = 6.0
"""No pixel speaks for or against a label by more than this (natural logarithm of a chance)."""

NEVER = -1e4
"""A logit that loses against all others."""


def one_outfit(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """logits: float32 [18, h, w] of ATR-18. The same, but the garments of the other outfits are never the best."""
    garment, best = logits[list(WORN)].max(0), logits.max(0)
    cloth = garment >= best
    if not cloth.any():
        return logits
    worn = _worn(logits[:, cloth])
    chosen = logits.copy()
    chosen[[label for label in WORN if label not in worn]] = NEVER
    # Cloth stays cloth: its chosen garments become as likely as the one that is gone was.
    chosen[list(worn)] += np.where(cloth, best - chosen[list(worn)].max(0), 0)
    return chosen


def _worn(clothes: NDArray[np.float32]) -> tuple[Atr, ...]:
    """The outfit that the clothes' pixels, logits [18, n], most likely show."""
    top = clothes.max(0)
    chances = np.log(np.exp(clothes - top).sum(0)) + top
    worth = {
        outfit: float(np.maximum(clothes[list(outfit)].max(0) - chances, -SURE).sum()) for outfit in OUTFITS
    }
    return max(worth, key=lambda outfit: worth[outfit])
