"""Signed distances (metres, negative inside) and noise: the primitives everything is built of."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from studio.jit import kernel
from studio.layout import TABLE

Array = NDArray[np.float64]


@kernel
def smooth_min(a: float, b: float, k: float) -> float:
    """Union of two distances, rounded within `k` metres (Inigo Quilez' quadratic smooth minimum)."""
    h = max(k - abs(a - b), 0.0) / k
    return min(a, b) - h * h * k * 0.25


@kernel
def smooth_step(t: float) -> float:
    """0 to 1 as t goes 0 to 1, flat at both ends."""
    t = min(max(t, 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


@kernel
def lookup(table: Array, u: float) -> float:
    """Linear interpolation of a [TABLE] table at u in [0, 1], clamped."""
    at = min(max(u, 0.0), 1.0) * (TABLE - 1)
    i = min(int(at), TABLE - 2)
    f = at - i
    return float(table[i] * (1.0 - f) + table[i + 1] * f)


@kernel
def lattice(x: int, y: int, z: int) -> float:
    """A repeatable pseudo-random number in [0, 1] of an integer point."""
    n = (x * 374761393 + y * 668265263 + z * 2147483647) & 0xFFFFFFFF
    n = ((n ^ (n >> 13)) * 1274126177) & 0xFFFFFFFF
    return ((n ^ (n >> 16)) & 0xFFFF) / 65535.0


@kernel
def noise(x: float, y: float, z: float) -> float:
    """Value noise in [0, 1] with unit period and continuous second derivatives."""
    xi, yi, zi = math.floor(x), math.floor(y), math.floor(z)
    fx, fy, fz = x - xi, y - yi, z - zi
    fx = fx * fx * fx * (fx * (fx * 6.0 - 15.0) + 10.0)
    fy = fy * fy * fy * (fy * (fy * 6.0 - 15.0) + 10.0)
    fz = fz * fz * fz * (fz * (fz * 6.0 - 15.0) + 10.0)
    total = 0.0
    for corner in range(8):
        i, j, k = corner & 1, (corner >> 1) & 1, corner >> 2
        weight = (fx if i else 1.0 - fx) * (fy if j else 1.0 - fy) * (fz if k else 1.0 - fz)
        total += weight * lattice(xi + i, yi + j, zi + k)
    return total


@kernel
def ellipsoid(x: float, y: float, z: float, rx: float, ry: float, rz: float) -> float:
    """Approximate distance to the ellipsoid of radii (rx, ry, rz) at the origin."""
    k0 = math.sqrt((x / rx) ** 2 + (y / ry) ** 2 + (z / rz) ** 2) + 1e-9
    k1 = math.sqrt((x / rx / rx) ** 2 + (y / ry / ry) ** 2 + (z / rz / rz) ** 2) + 1e-9
    return k0 * (k0 - 1.0) / k1


@kernel
def stick(
    x: float, y: float, z: float, ax: float, ay: float, az: float, bx: float, by: float, bz: float
) -> tuple[float, float, float]:
    """Distance to the segment a-b, position along it (0 at a, 1 at b, not clamped) and its length."""
    dx, dy, dz = bx - ax, by - ay, bz - az
    length2 = dx * dx + dy * dy + dz * dz
    t = ((x - ax) * dx + (y - ay) * dy + (z - az) * dz) / length2
    c = min(max(t, 0.0), 1.0)
    ex, ey, ez = x - ax - dx * c, y - ay - dy * c, z - az - dz * c
    return math.sqrt(ex * ex + ey * ey + ez * ez), t, math.sqrt(length2)


@kernel
def limb(x: float, y: float, z: float, joints: Array, radius: Array) -> tuple[float, float]:
    """Distance to a two-bone limb and the position along it (0 at its root, 1 at its end, more beyond).

    joints: [3, 3] points root, bend, end; radius: [TABLE] metres along the limb.
    """
    a, b, c = joints[0], joints[1], joints[2]
    d1, t1, l1 = stick(x, y, z, a[0], a[1], a[2], b[0], b[1], b[2])
    d2, t2, l2 = stick(x, y, z, b[0], b[1], b[2], c[0], c[1], c[2])
    length = l1 + l2
    upper = d1 - lookup(radius, min(max(t1, 0.0), 1.0) * l1 / length)
    lower = d2 - lookup(radius, (l1 + min(max(t2, 0.0), 1.0) * l2) / length)
    along = t1 * l1 if d1 < d2 else l1 + t2 * l2
    return smooth_min(upper, lower, 0.012), along / length


@kernel
def near_arm(x: float, y: float, z: float, joints: Array) -> int:
    """Row of the arm that `arm_limb` measures, give or take its radius: 0 left, 1 right."""
    if joints[0, 2, 0] >= 0.06 and joints[1, 2, 0] <= -0.06:
        return 0 if x > 0.0 else 1
    far = np.empty(2)
    for k in range(2):
        a, b, c = joints[k, 0], joints[k, 1], joints[k, 2]
        upper, _, _ = stick(x, y, z, a[0], a[1], a[2], b[0], b[1], b[2])
        lower, _, _ = stick(x, y, z, b[0], b[1], b[2], c[0], c[1], c[2])
        far[k] = min(upper, lower)
    return 0 if far[0] < far[1] else 1


@kernel
def arm_limb(x: float, y: float, z: float, joints: Array, radius: Array) -> tuple[float, float]:
    """`limb` of the arm on this side, or of the nearer one if an arm reaches over to the other side.

    joints: [4, 3, 3] with the left and the right arm first.
    """
    crossed = joints[0, 2, 0] < 0.06 or joints[1, 2, 0] > -0.06
    if not crossed:
        return limb(x, y, z, joints[0 if x > 0.0 else 1], radius)
    left, along = limb(x, y, z, joints[0], radius)
    right, other = limb(x, y, z, joints[1], radius)
    return (left, along) if left < right else (right, other)
