"""What the net sees of a render: a view of its input's size, moved, repainted and re-lit at random.

A view is cut around the person, as the parser does in its second look, or shows the whole picture, as in its
first look.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.labels import (
    BACKGROUND,
    CLASSES,
    FACE,
    LEFT_ARM,
    LEFT_LEG,
    MIRRORED_KEYPOINTS,
    MIRRORED_LABELS,
    RIGHT_ARM,
    RIGHT_LEG,
)  # fmt: skip

Rng = np.random.Generator
Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

# Share of views of the whole picture; the others are cut around the person with this much air.
_WHOLE, AIR = 0.2, 1.1
_SKIN = [FACE, LEFT_LEG, RIGHT_LEG, LEFT_ARM, RIGHT_ARM]


@dataclass(frozen=True)
class Render:
    """image: uint8 [h, w, 3] sRGB; labels: uint8 [h, w]; keypoints: float32 [19, 3], pixels and a score of 0 or 1;
    depth: float [h, w], pixels, away from the camera positive, from any plane.
    """

    image: Pixels
    labels: Pixels
    keypoints: Floats
    depth: NDArray[np.floating]


@dataclass(frozen=True)
class Batch:
    """image: float [n, 3, h, w] RGB in [0, 1]; labels: int64 [n, h, w]; keypoints: float [n, 19, 3]; depth: float
    [n, h, w], pixels.
    """

    image: Tensor
    labels: Tensor
    keypoints: Tensor
    depth: Tensor


def batch_of(views: list[Render]) -> Batch:
    """Views of one size as tensors, channels last."""
    image = torch.from_numpy(np.stack([view.image for view in views])).permute(0, 3, 1, 2)
    return Batch(
        image.float() / 255.0,
        torch.from_numpy(np.stack([view.labels for view in views])).long(),
        torch.from_numpy(np.stack([view.keypoints for view in views])),
        torch.from_numpy(np.stack([view.depth for view in views])).float(),
    )


def vary(render: Render, size: tuple[int, int], rng: Rng) -> Render:
    """A random view of `size` = (width, height)."""
    whole = rng.random() < _WHOLE
    view = _cut(render, _random_place(render, size, whole, rng), size)
    if rng.random() < 0.5:
        view = flip(view)
    image = _relight(_repaint(view, rng), rng)
    return replace(view, image=image)


def plain_view(render: Render, size: tuple[int, int]) -> Render:
    """The view around the person, nothing changed."""
    centre, scale = _around(render, size)
    return _cut(render, _place(centre, scale, 0.0, size), size)


def flip(view: Render) -> Render:
    """The mirrored person: left becomes right in the picture, in labels and in keypoints."""
    points = view.keypoints[list(MIRRORED_KEYPOINTS)].copy()
    points[:, 0] = view.image.shape[1] - points[:, 0]
    labels = np.array(MIRRORED_LABELS, np.uint8)[view.labels[:, ::-1]]
    return Render(np.ascontiguousarray(view.image[:, ::-1]), labels, points, view.depth[:, ::-1])


def _around(render: Render, size: tuple[int, int]) -> tuple[NDArray[Any], float]:
    """Centre (x, y) of the person and the scale at which it fits into `size` with AIR; nobody: of the picture."""
    rows, columns = np.nonzero(render.labels.any(1))[0], np.nonzero(render.labels.any(0))[0]
    height, width = render.labels.shape
    x0, x1, y0, y1 = 0, width, 0, height
    if len(rows):
        x0, x1, y0, y1 = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
    scale = min(size[0] / (x1 - x0), size[1] / (y1 - y0)) / AIR
    return np.array([(x0 + x1) / 2.0, (y0 + y1) / 2.0]), float(scale)


def _random_place(render: Render, size: tuple[int, int], whole: bool, rng: Rng) -> NDArray[Any]:
    """Matrix [2, 3] from the render's pixels to the view's: turned up to 7 degrees, scaled and shifted."""
    centre, scale = _around(render, size)
    height, width = render.labels.shape
    if whole:
        centre, scale = np.array([width / 2.0, height / 2.0]), min(size[0] / width, size[1] / height)
    centre = centre + rng.uniform(-0.07, 0.07, 2) * min(size) / scale
    return _place(centre, scale * float(np.exp(rng.uniform(-0.18, 0.14))), rng.uniform(-0.12, 0.12), size)


def _place(centre: NDArray[Any], scale: float, angle: float, size: tuple[int, int]) -> NDArray[Any]:
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.column_stack([turn, np.array(size) / 2.0 - turn @ centre])


def _cut(render: Render, place: NDArray[Any], size: tuple[int, int]) -> Render:
    """What lies at `place`; outside of the picture is its edge's median colour, as the parser's letterbox does."""
    image = render.image
    edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    colour = [float(c) for c in np.rint(np.median(edge, axis=0))]
    # OpenCV's pixel centres lie at whole numbers, ours at halves.
    half = place.copy()
    half[:, 2] += 0.5 * place[:, :2].sum(axis=1) - 0.5
    if np.linalg.det(place[:, :2]) < 0.4:
        image = np.asarray(cv2.blur(image, (2, 2), anchor=(0, 0)), np.uint8)
        shifted = half.copy()
        shifted[:, 2] += 0.5 * place[:, :2].sum(axis=1)
    else:
        shifted = half
    picture = cv2.warpAffine(image, shifted, size, flags=cv2.INTER_LINEAR, borderValue=colour)
    labels = cv2.warpAffine(render.labels, half, size, flags=cv2.INTER_NEAREST, borderValue=0)
    depth = cv2.warpAffine(
        render.depth.astype(np.float32), half, size, flags=cv2.INTER_NEAREST, borderValue=0
    )
    # Depths are lengths too: they grow with the picture.
    deep = depth.astype(np.float32) * np.float32(np.sqrt(np.linalg.det(place[:, :2])))
    points = _moved(render.keypoints, place, size)
    return Render(np.asarray(picture, np.uint8), np.asarray(labels, np.uint8), points, deep)


def _moved(keypoints: NDArray[np.float32], place: NDArray[Any], size: tuple[int, int]) -> NDArray[np.float32]:
    """Keypoints [19, 3] at `place`; those outside of the picture are not seen."""
    points = keypoints.copy()
    points[:, :2] = points[:, :2] @ place[:, :2].T + place[:, 2]
    inside = ((points[:, :2] > 0) & (points[:, :2] < np.array(size))).all(axis=1)
    points[:, 2] = (points[:, 2] > 0) & inside
    return points.astype(np.float32)


def _repaint(view: Render, rng: Rng) -> Pixels:
    """Clothes, hair, shoes, skin and backdrop in other colours: every label's pixels times its own tint."""
    spread = np.full((CLASSES, 1), 0.3)
    spread[_SKIN], spread[BACKGROUND] = 0.12, 0.2
    tints = np.exp(
        rng.normal(0.0, 1.0, (CLASSES, 3)) * 0.4 * spread + rng.normal(0.0, 1.0, (CLASSES, 1)) * spread
    )
    tints[rng.random(CLASSES) < 0.5] = 1.0
    tints[_SKIN] = tints[FACE]
    gain = cv2.blur(tints.astype(np.float32)[view.labels], (3, 3))
    return np.asarray(cv2.multiply(view.image, gain, dtype=cv2.CV_8U), np.uint8)


def _relight(image: Pixels, rng: Rng) -> Pixels:
    """Vary exposure, contrast curve and tint; blur, add grain to or compress some pictures."""
    ramp = np.linspace(1e-4, 1.0, 256)[:, None]
    curve = ramp ** rng.uniform(0.7, 1.45) * rng.uniform(0.75, 1.2) + rng.uniform(-0.06, 0.06, 3)
    table = np.clip(np.rint(255.0 * curve), 0, 255).astype(np.uint8)[:, None]
    image = np.asarray(cv2.LUT(image, table), np.uint8)
    if rng.random() < 0.3:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.0)), np.uint8)
    if rng.random() < 0.5:
        grain = rng.standard_normal(image.shape, np.float32) * np.float32(rng.uniform(0.0, 9.0))
        image = np.asarray(cv2.add(image, grain, dtype=cv2.CV_8U), np.uint8)
    if rng.random() < 0.25:
        _, packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 95))])
        image = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return image
