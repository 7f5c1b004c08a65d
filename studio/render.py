"""One shot of one subject: picture, labels, depth, coverage and keypoints."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.body import Array
from studio.camera import Camera
from studio.field import Field, survey
from studio.labels import atr_labels, keypoints
from studio.subject import Model, Subject, build
from studio.trace import trace

# Four samples a pixel on a rotated grid, added where the picture has edges.
_ROTATED_GRID = ((0.125, 0.375), (0.375, 0.875), (0.625, 0.125), (0.875, 0.625))
# A step between neighbouring pixels (gamma-encoded, 0 to 1) that asks for more samples.
_EDGE = 0.04


@dataclass(frozen=True)
class Shot:
    """What one picture shows.

    rgb: uint8 [h, w, 3] sRGB; labels: uint8 [h, w] ATR-18; depth: float32 [h, w] metres along the optical
    axis, 0 on the background; alpha: float32 [h, w] coverage by the subject, 0 to 1; keypoints: float32
    [19, 3] pixels and score.
    """

    rgb: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    depth: NDArray[np.float32]
    alpha: NDArray[np.float32]
    keypoints: NDArray[np.float32]


@dataclass(frozen=True)
class _Samples:
    """What rays saw, see studio.trace.trace."""

    radiance: Array
    material: NDArray[np.int64]
    where: Array
    floor: Array
    depth: Array
    light: Array

    def over(self, backdrop: Array) -> Array:
        """Linear colours [n, 3] in [0, 1] of the samples in front of backdrop [n, 3]."""
        hit = (self.material > 0)[:, None]
        return np.where(hit, roll_off(self.radiance), np.clip(backdrop * self.floor[:, None], 0.0, 1.0))


def shot(subject: Subject, camera: Camera, backdrop: Array, *, antialias: int = 4, workers: int = 1) -> Shot:
    """Render `subject` in front of `backdrop`, [h, w, 3] linear RGB of the camera's size.

    antialias: further samples (0 to 4) of pixels on an edge. workers: threads that share the picture.
    """
    width, height = camera.size
    model = build(subject)
    field = map_scene(model)
    rows, columns = np.mgrid[0:height, 0:width]
    pixels = np.stack([columns.ravel(), rows.ravel()], axis=1).astype(np.float64)
    behind = backdrop.reshape(-1, 3)

    def follow(points: Array, earlier: tuple[_Samples, NDArray[np.int64]] | None = None) -> _Samples:
        return _follow(points, camera, model, field, workers, earlier)

    first = follow(pixels + 0.5)
    colour, alpha = first.over(behind), (first.material > 0).astype(np.float64)
    if antialias:
        edge = np.nonzero(_edges(colour.reshape(height, width, 3), first.material.reshape(height, width)))[0]
        for offset in _ROTATED_GRID[:antialias]:
            more = follow(pixels[edge] + np.array(offset), (first, edge))
            colour[edge] += more.over(behind[edge])
            alpha[edge] += more.material > 0
        colour[edge] /= antialias + 1
        alpha[edge] /= antialias + 1
    return _developed(subject, camera, first, colour, alpha)


def _developed(subject: Subject, camera: Camera, first: _Samples, colour: Array, alpha: Array) -> Shot:
    """The shot of a pixel's first samples [n] and its mean colour [n, 3] (linear) and coverage [n]."""
    width, height = camera.size
    upper, lower = subject.upper, subject.lower
    labels = atr_labels(
        first.material,
        first.where,
        subject.body,
        upper.kind if upper else None,
        lower.kind if lower else None,
    )
    return Shot(
        rgb=(colour.reshape(height, width, 3) ** (1 / 2.2) * 255.0 + 0.5).astype(np.uint8),
        labels=labels.reshape(height, width),
        depth=first.depth.astype(np.float32).reshape(height, width),
        alpha=alpha.reshape(height, width).astype(np.float32),
        keypoints=keypoints(subject.body, camera),
    )


def roll_off(radiance: Array) -> Array:
    """Compress highlights of [n, 3] above 0.4 towards 0.92 by their strongest channel, which keeps the hue.

    White cloth in full light is at 235 of 255, so that its folds stay readable.
    """
    peak = radiance.max(axis=1, keepdims=True)
    over = np.maximum(peak - 0.4, 0.0)
    kept = np.where(peak > 0.4, 0.4 + 0.52 * (1.0 - np.exp(-over / 0.62)), peak)
    return np.asarray(np.clip(radiance * kept / np.maximum(peak, 1e-6), 0.0, 1.0))


def map_scene(model: Model) -> Field:
    """The coarse map of a subject, for the kernels."""
    arrays = model.layers, model.tables, model.joints, model.figure, model.shown
    distance, parts = survey(model.bounds, *arrays)
    return Field(distance, parts, model.bounds[0])


def _follow(
    points: Array,
    camera: Camera,
    model: Model,
    field: Field,
    workers: int,
    earlier: tuple[_Samples, NDArray[np.int64]] | None = None,
) -> _Samples:
    """Trace one ray through each of points [n, 2], split over threads (the kernel releases the GIL).

    earlier: samples of the same pixels, and which n of them; they save measuring their light again.
    """
    n = len(points)
    material, depth, light = np.zeros(n, dtype=np.int64), np.zeros(n), np.zeros((n, 2))
    if earlier:
        samples, which = earlier
        material, depth, light = samples.material[which], samples.depth[which], samples.light[which]
    found = _Samples(np.zeros((n, 3)), material, np.zeros((n, 3)), np.ones(n), depth, light)

    def run(part: slice) -> None:
        trace(
            points[part], camera.vector(), model.bounds, model.layers, model.tables, model.joints,
            model.figure, model.shown, field, model.textures, model.palette, found.radiance[part],
            found.material[part], found.where[part], found.floor[part],
            found.depth[part], found.light[part],
        )  # fmt: skip

    # Short runs of rows, so that no thread is left with the whole person.
    parts = [slice(start, start + 8192) for start in range(0, n, 8192)]
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(run, parts))
    return found


def _edges(colour: Array, material: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Flat mask [h * w] of pixels that differ from a neighbour in colour [h, w, 3] or material [h, w]."""
    encoded = colour ** (1 / 2.2)
    edge = np.zeros(material.shape, dtype=bool)
    for axis in (0, 1):
        step = np.abs(np.diff(encoded, axis=axis)).max(axis=-1) > _EDGE
        step |= np.diff(material, axis=axis) != 0
        before, after = [slice(None)] * 2, [slice(None)] * 2
        before[axis], after[axis] = slice(None, -1), slice(1, None)
        edge[tuple(before)] |= step
        edge[tuple(after)] |= step
    return edge.ravel()
