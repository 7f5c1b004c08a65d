"""Backward maps: for each pixel of a target box, where in the garment crop its colour comes from."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from tryon.engines.warp.arrays import Floats, Points

# The maps are smooth: they are computed every few pixels and interpolated.
_STEP = 8
# Thin-plate stiffness in units of the normalised kernel: landmarks are a pixel or two off, a little slack irons
# that out.
_SLACK = 1e-2


@dataclass(frozen=True, slots=True)
class Box:
    """Pixels left..right, top..bottom (past the last) of the target image."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.top, self.bottom), slice(self.left, self.right)


def box_around(points: Points, margin: float, size: tuple[int, int]) -> Box | None:
    """The box around points [N, 2] plus a margin, cut to an image of size (height, width); None when outside."""
    low, high = np.floor(points.min(0) - margin).astype(int), np.ceil(points.max(0) + margin).astype(int) + 1
    left, top = max(0, int(low[0])), max(0, int(low[1]))
    right, bottom = min(size[1], int(high[0])), min(size[0], int(high[1]))
    return Box(left, top, right, bottom) if left < right and top < bottom else None


def thin_plate(source: Points, target: Points, box: Box) -> Floats:
    """Backward map [h, w, 2] of the thin-plate spline from `target` [N, 2] to `source` [N, 2] (Bookstein)."""
    scale = float(np.ptp(target, axis=0).max())
    known = target / scale
    count = len(known)
    system = np.zeros((count + 3, count + 3))
    system[:count, :count] = _kernel(known, known) + _SLACK * np.eye(count)
    system[:count, count:] = np.c_[np.ones(count), known]
    system[count:, :count] = system[:count, count:].T
    weights = np.linalg.solve(system, np.r_[source, np.zeros((3, 2))])
    xs, ys = np.arange(box.left, box.right + _STEP, _STEP), np.arange(box.top, box.bottom + _STEP, _STEP)
    grid = np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2) / scale
    coarse = _kernel(grid, known) @ weights[:count] + np.c_[np.ones(len(grid)), grid] @ weights[count:]
    return _refine(coarse.reshape(len(ys), len(xs), 2), box, _STEP)


def _kernel(a: Points, b: Points) -> Points:
    squared = ((a[:, None] - b[None]) ** 2).sum(-1)
    return np.asarray(squared * np.log(np.maximum(squared, 1e-12)))


def _refine(coarse: Points, box: Box, step: int) -> Floats:
    """The map [h, w, C] at every pixel of the box from its values every `step` pixels."""
    x = np.arange(box.right - box.left, dtype=np.float32) / step
    y = np.arange(box.bottom - box.top, dtype=np.float32) / step
    return np.asarray(cv2.remap(coarse.astype(np.float32), *np.meshgrid(x, y), cv2.INTER_LINEAR), np.float32)


def mesh(source: Points, target: Points, box: Box) -> Floats:
    """Backward map [h, w, 2] of a mesh whose nodes `target` [N, 2] show `source` [N, 2]; outside it, nothing."""
    from scipy.interpolate import LinearNDInterpolator  # here, so that few commands wait for scipy

    step = _STEP // 2
    xs, ys = np.arange(box.left, box.right + step, step), np.arange(box.top, box.bottom + step, step)
    x, y = np.meshgrid(xs, ys)
    coarse = LinearNDInterpolator(target, source)(np.stack([x.ravel(), y.ravel()], -1)).reshape(*x.shape, 2)
    known = np.isfinite(coarse[..., :1])
    fine = _refine(np.concatenate([np.where(known, coarse, 0.0), known], -1), box, step)
    return np.where(fine[..., 2:] > 0.999, fine[..., :2], np.float32(-1e4))


def along_line(line: Points, shares: Points) -> Points:
    """Positions [M, 2] at shares 0..1 of a polyline's length [M]."""
    stops = np.r_[0.0, np.cumsum(np.hypot(*np.diff(line, axis=0).T))]
    return np.stack([np.interp(shares * stops[-1], stops, line[:, axis]) for axis in (0, 1)], -1)


def axis_coordinates(line: Points, box: Box) -> tuple[Floats, Floats]:
    """Where each pixel of the box is beside a polyline [N, 2]: (along, off), each [h, w] in pixels.

    along: distance from its start; off: distance from it, positive towards the normal (-y, x) of its direction.
    The ends run on straight.
    """
    y, x = np.mgrid[box.top : box.bottom, box.left : box.right].astype(np.float32)
    nearest = np.full(x.shape, np.inf, np.float32)
    along, off = np.zeros_like(nearest), np.zeros_like(nearest)
    lengths = np.hypot(*np.diff(line, axis=0).T)
    starts = np.r_[0.0, np.cumsum(lengths)]
    for index, length in enumerate(lengths):
        ux, uy = ((line[index + 1] - line[index]) / max(length, 1e-6)).astype(np.float32)
        dx, dy = x - np.float32(line[index, 0]), y - np.float32(line[index, 1])
        reach, side = dx * ux + dy * uy, dy * ux - dx * uy
        low = -np.inf if index == 0 else 0.0
        high = np.inf if index == len(lengths) - 1 else length
        gap = reach - np.clip(reach, low, high)
        distance = gap * gap + side * side
        closer = distance < nearest
        nearest[closer] = distance[closer]
        along[closer] = reach[closer] + np.float32(starts[index])
        off[closer] = side[closer]
    return along, off


def smooth_line(points: Points) -> Points:
    """A polyline [N, 2] with its bends rounded (Chaikin), the ends kept."""
    line = points
    for _ in range(2):
        if len(line) < 3:
            break
        cut = np.concatenate([line[:-1] * 0.75 + line[1:] * 0.25, line[:-1] * 0.25 + line[1:] * 0.75])
        order = np.arange(len(cut)).reshape(2, -1).T.ravel()
        line = np.concatenate([line[:1], cut[order][1:-1], line[-1:]])
    return line


def sample(pixels: Floats, backward: Floats) -> Floats:
    """Premultiplied garment pixels [h, w, 4] seen through a map [H, W, 2]; nothing outside the crop."""
    return np.asarray(
        cv2.remap(
            pixels, backward[..., 0], backward[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
        ),
        np.float32,
    )
