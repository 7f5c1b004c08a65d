"""The simple way to dress a photo, to compare with: the cut-out, scaled and pasted where the body part is."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.evaluate.chain import Cutout, Wearer
from tryon.core.body import scale_body
from tryon.core.ports import Pixels
from tryon.core.words import Category

RIGHT_SHOULDER, LEFT_SHOULDER, RIGHT_HIP, LEFT_HIP, KNEES = 2, 5, 8, 11, (9, 12)

ABOVE, BELOW, WAIST = 0.22, 0.05, 0.35
"""In torso lengths: how far a top reaches above the shoulder joints and below the hip joints, and how far the waist is
above the hip joints."""

WIDE = 1.25
"""Of the shoulders' width: how wide a bottom is."""


def paste(wearer: Wearer, worn: Sequence[Cutout]) -> Pixels:
    """uint8 [H, W, 3]. worn: top first; the last is pasted first. The joints are those that the parser found."""
    height, width = wearer.photo.shape[:2]
    points = scale_body(wearer.body, (width, height)).keypoints[:, :2].astype(np.float64)
    image = wearer.photo.copy()
    for cutout in reversed(worn):
        image = _pasted(image, _trimmed(cutout.rgba), cutout.category, points)
    return image


def _pasted(image: Pixels, rgba: Pixels, category: Category, points: NDArray[np.float64]) -> Pixels:
    shoulders = points[[RIGHT_SHOULDER, LEFT_SHOULDER]]
    hips, knees = points[[RIGHT_HIP, LEFT_HIP]].mean(axis=0), points[list(KNEES)].mean(axis=0)
    torso = float(hips[1] - shoulders[:, 1].mean())
    middle = float(hips[0] + shoulders[:, 0].mean()) / 2.0
    top = float(shoulders[:, 1].mean()) - ABOVE * torso
    if category is Category.BOTTOMS:
        top = float(hips[1]) - WAIST * torso
        scale = WIDE * abs(float(shoulders[1, 0] - shoulders[0, 0])) / rgba.shape[1]
    else:
        bottom = float(hips[1]) + BELOW * torso if category is Category.TOPS else float(knees[1])
        scale = (bottom - top) / rgba.shape[0]
    move = np.array([[scale, 0.0, middle - scale * rgba.shape[1] / 2.0], [0.0, scale, top]])
    premultiplied = rgba.astype(np.float64)
    premultiplied[..., :3] *= premultiplied[..., 3:] / 255.0
    laid = cv2.warpAffine(premultiplied, move, image.shape[1::-1], flags=cv2.INTER_AREA)
    mixed = image * (1.0 - laid[..., 3:] / 255.0) + laid[..., :3]
    return np.asarray(np.clip(mixed + 0.5, 0, 255), np.uint8)


def _trimmed(rgba: Pixels) -> Pixels:
    solid = rgba[..., 3] > 127
    rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
    return rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
