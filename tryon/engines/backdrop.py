"""A smooth model of the plain backdrop behind a garment or a person, and how far each pixel is from it.

Lab here is OpenCV's float Lab: L in 0..100, a and b in about -127..127, so a distance of 1 is about the
smallest difference the eye sees.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.areas import Area
from tryon.core.ports import Pixels

Lab = NDArray[np.float32]

SIGMA_FLOOR = 0.6
"""Least noise assumed, in Lab units: 8-bit rounding of L alone gives 0.1, JPEG at quality 90 about 0.5."""

EXPLAINED = 5.0
"""A sample within max(4 sigma, this) of the fit belongs to the backdrop."""

_SAMPLES = 4000
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Backdrop:
    """lab: float32 [H, W, 3], the fitted backdrop. residual: float32 [H, W, 3], the photo minus the fit.

    sigma: robust noise of the samples, Lab units. plain: share of the samples that the fit explains, 0..1.
    """

    lab: Lab
    residual: Lab
    sigma: float
    plain: float


def to_lab(image: Pixels) -> Lab:
    """RGB uint8 [H, W, 3] to float32 Lab."""
    return np.asarray(cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2Lab), np.float32)


def border(shape: tuple[int, int], share: float = 0.05) -> Area:
    """A frame along the photo's edge, `share` of its shorter side wide and at least 2 pixels."""
    width = max(2, round(share * min(shape)))
    frame = np.ones(shape, bool)
    frame[width:-width, width:-width] = False
    return frame


def fit_backdrop(lab: Lab, samples: Area) -> Backdrop:
    """A robust quadratic surface per channel through the samples (boolean [H, W], some of them set).

    Iteratively reweighted least squares with Geman-McClure weights: samples far from the surface (a sleeve
    that crosses the border) lose their say. The start is the median colour.
    """
    terms = _terms((lab.shape[0], lab.shape[1]))
    step = 1 + int(np.count_nonzero(samples)) // _SAMPLES
    rows, colours = (part[samples][::step].astype(np.float64) for part in (terms, lab))
    distance = np.linalg.norm(colours - np.median(colours, axis=0), axis=1)
    scale = 8.0
    for _ in range(_ROUNDS):
        weighted = rows * (1 / (1 + (distance / scale) ** 2) ** 2)[:, None]
        # Six terms in double precision: the normal equations are exact enough, and twenty times as fast.
        surface = np.linalg.lstsq(weighted.T @ rows, weighted.T @ colours, rcond=None)[0]
        distance = np.linalg.norm(colours - rows @ surface, axis=1)
        sigma = max(1.4826 * float(np.median(distance)), SIGMA_FLOOR)
        scale = 2 * sigma
    fitted = terms @ surface.astype(np.float32)
    plain = float(np.mean(distance < max(4 * sigma, EXPLAINED)))
    return Backdrop(lab=fitted, residual=lab - fitted, sigma=sigma, plain=plain)


def _terms(shape: tuple[int, int]) -> NDArray[np.float32]:
    """1, x, y, x^2, xy, y^2 of every pixel, float32 [H, W, 6], x and y in -0.5..0.5."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    x, y = x / shape[1] - 0.5, y / shape[0] - 0.5
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
