"""How a standing body bends: points of the picture to points of the straight body, and back.

The body, its clothes and their patterns are modelled straight. A person with the weight on one leg is the same
model, sheared a little: the hips to the side and tilted, the upper body forward, all of it lowered on a seat.
"""

from __future__ import annotations

from studio.jit import kernel
from studio.layout import DROP, HEIGHT, LEAN, SWAY, TILT
from studio.sdf import Array, smooth_step


@kernel
def bend_at(y: float, figure: Array) -> tuple[float, float, float]:
    """Shift to the side (m), slope across and shift forward (m) of the body at height y of the straight body."""
    h = y / figure[HEIGHT]
    hips, chest = smooth_step(h / 0.52), smooth_step((h - 0.54) / 0.30)
    side = figure[SWAY] * (hips - 0.55 * chest)
    slope = figure[TILT] * (
        smooth_step((h - 0.28) / 0.24) - 1.7 * chest + 0.7 * smooth_step((h - 0.80) / 0.10)
    )
    forward = smooth_step((h - 0.60) / 0.55)
    return side, slope, figure[LEAN] * forward


@kernel
def straighten(x: float, y: float, z: float, figure: Array) -> tuple[float, float, float]:
    """The point of the straight body that is at (x, y, z) of the bent one."""
    y += figure[DROP]
    side, slope, forward = bend_at(y, figure)
    x -= side
    return x, y - slope * x, z - forward


@kernel
def bend(x: float, y: float, z: float, figure: Array) -> tuple[float, float, float]:
    """Where a point of the straight body is in the bent one: the inverse of `straighten`, by iteration."""
    high = y
    for _ in range(6):
        _, slope, _ = bend_at(high, figure)
        high = y + slope * x
    side, _, forward = bend_at(high, figure)
    return x + side, high - figure[DROP], z + forward
