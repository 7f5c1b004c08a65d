"""Measures on arrays. Nothing here knows engines or renders."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Area = NDArray[np.bool_]
Floats = NDArray[np.float64]

SSIM_SIDE, SSIM_SIGMA = 11, 1.5
SSIM_C1, SSIM_C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
"""Wang, Bovik, Sheikh and Simoncelli 2004: a Gaussian window of 11 pixels, K1 = 0.01, K2 = 0.03."""


def iou(found: Area, true: Area) -> float:
    """Intersection over union of two areas; 1 where both are empty."""
    union = int((found | true).sum())
    return float((found & true).sum()) / union if union else 1.0


def label_iou(found: NDArray[Any], true: NDArray[Any], labels: tuple[int, ...]) -> float:
    """Of the pixels that either map gives one of the labels, those where both give the same one; 1 for none."""
    union = np.isin(found, labels) | np.isin(true, labels)
    return float((found == true)[union].mean()) if union.any() else 1.0


def soft_iou(found: NDArray[Any], true: NDArray[Any]) -> float:
    """The same of two coverages of one scale: the sum of the smaller over the sum of the larger values."""
    larger = float(np.maximum(found, true).sum(dtype=np.float64))
    return float(np.minimum(found, true).sum(dtype=np.float64)) / larger if larger else 1.0


def keypoint_px(found: NDArray[Any], true: NDArray[Any], height: int) -> float:
    """Mean distance of keypoints [n, 3] (x, y, score), over those whose true score is above 0, in pixels of a picture
    1024 high. height: of the picture both were measured in. Not a number when no true keypoint is seen."""
    seen = true[:, 2] > 0
    if not seen.any():
        return float("nan")
    off = np.linalg.norm(found[seen, :2].astype(np.float64) - true[seen, :2], axis=1)
    return float(off.mean()) * 1024.0 / height


def ssim_map(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Floats:
    """Structural similarity [h, w] of two sRGB pictures [h, w, 3], the mean of the three channels' maps."""
    a, b = first.astype(np.float64), second.astype(np.float64)
    mean_a, mean_b = _window(a), _window(b)
    var_a, var_b = _window(a * a) - mean_a**2, _window(b * b) - mean_b**2
    shared = _window(a * b) - mean_a * mean_b
    top = (2 * mean_a * mean_b + SSIM_C1) * (2 * shared + SSIM_C2)
    bottom = (mean_a**2 + mean_b**2 + SSIM_C1) * (var_a + var_b + SSIM_C2)
    return np.asarray((top / bottom).mean(axis=2))


def _window(values: Floats) -> Floats:
    return np.asarray(cv2.GaussianBlur(values, (SSIM_SIDE, SSIM_SIDE), SSIM_SIGMA), np.float64)


def correlation(first: NDArray[Any], second: NDArray[Any], where: Area) -> float:
    """Pearson's, over the pixels of an area; 0 where either is constant or the area has fewer than two pixels."""
    a, b = first[where].astype(np.float64), second[where].astype(np.float64)
    if len(a) < 2 or a.std() == 0 or b.std() == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def grown(area: Area, share: float) -> Area:
    """The area and what is within `share` of the picture's height of it."""
    reach = max(1, round(share * area.shape[0]))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2)
    return np.asarray(cv2.dilate(area.astype(np.uint8), kernel) > 0)


def tints(rgba: NDArray[np.uint8], share: float = 0.25) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Two copies of a cut-out [h, w, 4], a quarter of the way to orange and to azure: alike but for a colour that
    differs by the same amount at every pixel, whatever the garment's own colour is."""
    made = []
    for towards in ((255.0, 128.0, 0.0), (0.0, 128.0, 255.0)):
        rgb = rgba[..., :3] * (1.0 - share) + np.array(towards) * share
        made.append(np.dstack([(rgb + 0.5).astype(np.uint8), rgba[..., 3]]))
    return made[0], made[1]


def followed(first: NDArray[np.uint8], second: NDArray[np.uint8], share: float = 0.25) -> Floats:
    """[h, w]: how far each pixel of two pictures followed the tints: 1 where it shows the garment in full light that
    was orange in the first and azure in the second, -1 the other way round, 0 where it shows neither."""
    change = first.astype(np.float64) - second
    return np.asarray((change[..., 0] - change[..., 2]) / (2.0 * 255.0 * share))
