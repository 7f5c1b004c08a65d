"""What can be wrong with a picture that was good. Each takes renders and gives uint8 [H, W, 3].

number: of the example of its kind; examples differ by it where the person's photo does not differ enough.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from bench.evaluate.renders import Truth
from bench.evaluate.scenes import PLAIN, SMALL, Backdrop
from studio.labels import KEYPOINTS
from tryon.core.ports import Pixels

FLOOR = (118, 104, 92)


def nothing(shown: Sequence[Truth], number: int) -> Pixels:
    """As it was rendered, which is wrong already."""
    return shown[0].rgb


def above_the_knees(shown: Sequence[Truth], number: int) -> Pixels:
    """The rows above the knees, or above the middle of the shins."""
    knee, ankle = _row(shown[0], "left_knee"), _row(shown[0], "left_ankle")
    return shown[0].rgb[: round(knee if number % 2 else 0.5 * (knee + ankle))]


def without_head(shown: Sequence[Truth], number: int) -> Pixels:
    """The rows below the chin, or below the eyes."""
    return shown[0].rgb[round(_row(shown[0], "chin" if number % 2 else "left_eye")) :]


def turned(shown: Sequence[Truth], number: int) -> Pixels:
    return np.ascontiguousarray(np.rot90(shown[0].rgb, 1 + number % 3))


def small(shown: Sequence[Truth], number: int) -> Pixels:
    """A person of some 130 pixels, in a small picture or far away in a larger one."""
    rgb = cv2.resize(shown[0].rgb, None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA)
    if number % 2:
        return np.asarray(rgb, np.uint8)
    wide = cv2.GaussianBlur(cv2.copyMakeBorder(rgb, *(150,) * 4, cv2.BORDER_REPLICATE), (0, 0), 25.0)
    wide[150:-150, 150:-150] = rgb
    return np.asarray(wide, np.uint8)


def blurred(shown: Sequence[Truth], number: int) -> Pixels:
    """Far out of focus: a blur of 2.2% of the height, or more."""
    return np.asarray(cv2.GaussianBlur(shown[0].rgb, (0, 0), (0.022 + 0.002 * number) * SMALL[1]), np.uint8)


def dark(shown: Sequence[Truth], number: int) -> Pixels:
    """Almost night: 5% of the code values, and the noise of a camera that tries."""
    noise = np.random.default_rng(number).normal(0.0, 2.0, shown[0].rgb.shape)
    return np.asarray(np.clip(shown[0].rgb * 0.05 + noise, 0, 255), np.uint8)


def burnt_out(shown: Sequence[Truth], number: int) -> Pixels:
    """Exposed until two thirds of the garment are as white as the paper: where it ends cannot be seen."""
    garment = shown[0].rgb[shown[0].alpha > 127].min(axis=1)
    gain = 255.0 / max(float(np.quantile(garment, 1 / 3)), 1.0)
    return np.asarray(np.clip(shown[0].rgb * gain, 0, 255), np.uint8)


def beside(shown: Sequence[Truth], number: int) -> Pixels:
    """The first photo, widened, with the second person standing there too, close by."""
    first, second = shown
    width = first.rgb.shape[1]
    wide = cv2.copyMakeBorder(first.rgb, 0, 0, 0, width // 2, cv2.BORDER_REPLICATE)
    alpha = second.alpha[..., None] / 255.0
    place = wide[:, width // 2 :]
    place[:] = (second.rgb * alpha + place * (1.0 - alpha) + 0.5).astype(np.uint8)
    return np.asarray(wide, np.uint8)


def nobody(shown: Sequence[Truth], number: int) -> Pixels:
    """An empty studio, or coloured clouds of a few sizes."""
    width, height = SMALL
    if number % 4 == 0:
        picture = Backdrop(PLAIN[number % len(PLAIN)], FLOOR).paint(SMALL) ** (1 / 2.2) * 255.0
        return np.asarray(picture, np.uint8)
    rough = np.random.default_rng(number).integers(0, 256, (6 * number, 4 * number, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def cut_off(shown: Sequence[Truth], number: int) -> Pixels:
    """Without a fifth of the garment: at the left, the right or the bottom."""
    solid = shown[0].alpha > 127
    rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
    left, right, rgb = int(columns[0]), int(columns[-1]), shown[0].rgb
    if number % 3 == 0:
        return rgb[:, left + (right - left) // 5 :]
    if number % 3 == 1:
        return rgb[:, : right - (right - left) // 5]
    return rgb[: int(rows[-1]) - int(rows[-1] - rows[0]) // 5]


def _row(shown: Truth, joint: str) -> float:
    return float(shown.keypoints[KEYPOINTS.index(joint), 1])
