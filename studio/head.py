"""Distance of the head, modelled for a person of 1.72 m and scaled: skull, jaw, features, ears."""

from __future__ import annotations

from studio.jit import kernel
from studio.layout import (
    AGE,
    BEARD,
    CHIN,
    EYE_GAP,
    EYE_SIZE,
    FACE_WIDTH,
    HEAD_SCALE,
    HEAD_TURN,
    HEAD_X,
    HEAD_Y,
    HEAD_Z,
    JAW,
    LIPS,
    NOSE,
    NOSE_LENGTH,
)
from studio.pose import HEAD_PIVOT
from studio.sdf import Array, ellipsoid, smooth_min, stick

_PIVOT_Y, _PIVOT_Z = HEAD_PIVOT[1:]
# Beyond this distance (m) from its centre the head is only a ball.
_NEAR = 0.18


@kernel
def head_point(x: float, y: float, z: float, figure: Array) -> tuple[float, float, float]:
    """A point in the head's own coordinates: x to its left, y up, z out of its face, on a head of 1.72 m."""
    scale = figure[HEAD_SCALE]
    x = (x - figure[HEAD_X]) / scale
    y = (y - figure[HEAD_Y]) / scale - _PIVOT_Y
    z = (z - figure[HEAD_Z]) / scale - _PIVOT_Z
    turn = figure[HEAD_TURN : HEAD_TURN + 9]
    a = turn[0] * x + turn[1] * y + turn[2] * z
    b = turn[3] * x + turn[4] * y + turn[5] * z
    c = turn[6] * x + turn[7] * y + turn[8] * z
    return a, b + _PIVOT_Y, c + _PIVOT_Z


@kernel
def skull(x: float, y: float, z: float, figure: Array) -> float:
    """Distance to cranium, face, jaw, cheeks and chin without features."""
    side = abs(x)
    wide, jaw, chin = figure[FACE_WIDTH], figure[JAW], figure[CHIN]
    d = ellipsoid(x, y - 0.024, z + 0.014, 0.0730 * (0.6 + 0.4 * wide), 0.094, 0.094)
    d = smooth_min(d, ellipsoid(x, y + 0.030, z - 0.016, 0.0575 * wide, 0.075, 0.065), 0.04)
    corner = ellipsoid(side - 0.036 * wide * jaw, y + 0.066, z - 0.012, 0.018, 0.022, 0.030)
    d = smooth_min(d, corner, 0.035)
    point = ellipsoid(x, y + 0.094, z - 0.056 - 0.004 * (chin - 1.0), 0.021 * chin, 0.015, 0.018)
    d = smooth_min(d, point, 0.028)
    cheek = ellipsoid(side - 0.043 * wide, y + 0.016, z - 0.054, 0.020, 0.015, 0.018)
    return float(smooth_min(d, cheek, 0.028))


@kernel
def eyes_and_brows(d: float, x: float, y: float, z: float, figure: Array) -> float:
    """`d` with a ridge over the eyes, sockets and the lids over the eyeballs."""
    side = abs(x) - 0.031 * figure[EYE_GAP]
    d = smooth_min(d, ellipsoid(side + 0.005, y - 0.028, z - 0.070, 0.024, 0.008, 0.012), 0.02)
    socket = ellipsoid(side, y - 0.005, z - 0.0955, 0.019, 0.011, 0.014)
    d = -smooth_min(-d, socket, 0.014)
    size = 0.0122 * (0.5 + 0.5 * figure[EYE_SIZE])
    return float(smooth_min(d, ellipsoid(side, y - 0.003, z - 0.0700, size, size, size), 0.006))


@kernel
def nose(d: float, x: float, y: float, z: float, figure: Array) -> float:
    """`d` with bridge, tip and wings."""
    wide, low = figure[NOSE], -0.032 * figure[NOSE_LENGTH]
    bridge, t, _ = stick(x, y, z, 0.0, 0.020, 0.0785, 0.0, low, 0.0985)
    d = smooth_min(d, bridge - 0.0050 - 0.0030 * min(max(t, 0.0), 1.0), 0.014)
    d = smooth_min(d, ellipsoid(x, y - low + 0.001, z - 0.0995, 0.0082 * wide, 0.0076, 0.0085), 0.008)
    wing = ellipsoid(abs(x) - 0.0108 * wide, y - low + 0.0035, z - 0.0895, 0.0062, 0.0058, 0.0090)
    return float(smooth_min(d, wing, 0.007))


@kernel
def mouth(d: float, x: float, y: float, z: float, figure: Array) -> float:
    """`d` with two lips."""
    side, full = abs(x), figure[LIPS]
    upper = ellipsoid(side - 0.007, y + 0.0612, z - 0.0768, 0.0150, 0.0040 * full, 0.0070)
    lower = ellipsoid(x, y + 0.0705, z - 0.0760, 0.0150, 0.0048 * full, 0.0075)
    groove = ellipsoid(x, y + 0.0805, z - 0.0900, 0.016, 0.005, 0.006)
    d = smooth_min(smooth_min(d, upper, 0.007), lower, 0.007)
    return float(-smooth_min(-d, groove, 0.008))


@kernel
def ear(d: float, x: float, y: float, z: float) -> float:
    """`d` with a shell and its bowl on either side."""
    side = abs(x)
    if side < 0.05:
        return d
    lean = z + 0.010 + 0.25 * (y - 0.0)
    shell = ellipsoid(side - 0.0765 - 0.12 * max(-lean, 0.0), y + 0.004, lean, 0.0065, 0.030, 0.0175)
    bowl = ellipsoid(side - 0.0845, y + 0.003, lean + 0.001, 0.006, 0.018, 0.010)
    return float(smooth_min(d, -smooth_min(-shell, bowl, 0.004), 0.008))


@kernel
def beard_weight(x: float, y: float, z: float) -> float:
    """0 to 1: where a beard grows, on a line from the ears under the cheeks to the upper lip."""
    side = abs(x)
    line = -0.050 + 0.75 * max(side - 0.020, 0.0) + 0.12 * side
    line = min(line, 0.006)
    inside = (line - y) / 0.024
    mouth_part = ((x / 0.025) ** 2 + ((y + 0.0655) / 0.0085) ** 2 - 1.0) * 0.9
    under = (y + 0.135) / 0.012
    behind = (z + 0.004) / 0.010
    return float(min(max(min(min(inside, mouth_part), min(under, behind)), 0.0), 1.0))


@kernel
def head_distance(x: float, y: float, z: float, figure: Array) -> float:
    """Distance to the head with its features; a ball from afar."""
    scale = figure[HEAD_SCALE]
    x, y, z = head_point(x, y, z, figure)
    ball = (x * x + y * y + z * z) ** 0.5
    if ball > _NEAR:
        return float((ball - 0.14) * scale)
    d = skull(x, y, z, figure)
    if d < 0.04:
        if z > 0.03:
            d = eyes_and_brows(d, x, y, z, figure)
            d = nose(d, x, y, z, figure)
            d = mouth(d, x, y, z, figure)
            # Cheeks sink a little with age.
            old = max(figure[AGE] - 45.0, 0.0) / 40.0
            hollow = ((abs(x) - 0.047) / 0.014) ** 2 + ((y + 0.048) / 0.02) ** 2
            d += 0.004 * old * 2.718281828 ** (-hollow)
        if figure[BEARD] > 0.5:
            d -= 0.006 * (figure[BEARD] - 0.5) * 2.0 * beard_weight(x, y, z)
        d = ear(d, x, y, z)
    return float(d * scale)
