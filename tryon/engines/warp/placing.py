"""From the average body's places, in trunks, to places on one person's photo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tryon.engines.warp.arrays import Points
from tryon.engines.warp.figure import Figure
from tryon.engines.warp.mannequin import ANKLES, KNEES, SEAM

# Cloth over a hip or waist: the least ease, as a factor.
_EASE = 1.04


@dataclass(frozen=True, slots=True)
class Pairs:
    """source: [N, 2] positions on the garment; target: [N, 2] on the photo."""

    source: Points
    target: Points


def placed(figure: Figure, places: Points) -> Points:
    """Photo positions of places [..., 2] (across, down) in trunks.

    What is wide there is placed further out; below the hips the legs' own length counts.
    """
    # The seam lies on this person's shoulders; further down that counts less.
    off = (figure.seam - SEAM) * np.interp(places[..., 1], (0.0, 1.0), (1.0, 0.3))
    down = places[..., 1] + off
    down = np.where(down > 1.0, 1.0 + (down - 1.0) * legs(figure), down) * figure.trunk
    across = places[..., 0] * figure.trunk * figure.widening(down) + _drift(figure, down)
    return np.asarray(figure.origin + across[..., None] * figure.across + down[..., None] * figure.down)


def _drift(figure: Figure, down: Points) -> Points:
    """How far the middle of the legs is beside the trunk's line run on, in pixels: nothing down to the hips."""
    seen = [joints for joints in (figure.knees, figure.ankles) if not np.isnan(joints).any()]
    if not seen:
        return np.zeros_like(down)
    levels = [figure.trunk, *(float(figure.level(joints).mean()) for joints in seen)]
    return np.interp(down, levels, [0.0, *(float(figure.offset(joints).mean()) for joints in seen)])


def legs(figure: Figure) -> float:
    """How long the legs are for the trunk, over the average; by the knees where the ankles were not seen."""
    for joints, average in ((figure.ankles, ANKLES), (figure.knees, KNEES)):
        if not np.isnan(joints).any():
            depth = float(figure.level(joints).mean()) / figure.trunk
            return float(np.clip((depth - 1.0) / (average - 1.0), 0.7, 1.3))
    return 1.0


def let_out(figure: Figure, edges: Points) -> Points:
    """Edges [N, 2, 2] moved apart to at least the body's width with some ease."""
    level, offset = figure.level(edges), figure.offset(edges)
    least = _EASE * figure.half_width(level)
    # Below the hips cloth hangs free.
    least = np.where(level > 1.0 * figure.trunk, 0.0, least) * np.array([-1.0, 1.0])
    wider = np.where(np.abs(least) > np.abs(offset), least, offset)
    return np.asarray(edges + (wider - offset)[..., None] * figure.across)


def hem_level(figure: Figure, pairs: Pairs) -> float:
    """How deep below the shoulder joints a placed garment reaches, in pixels."""
    return float(figure.level(pairs.target).max())
