"""Product photos that the tests of the packshot detector draw, and what they ask of its answers."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tryon.core.ports import Detected, DetectJob, Detector, Pixels, SeenGarment
from tryon.core.words import Category, Refused
from tryon.engines.packshot import PackshotDetector

CATALOGUE = Path(__file__).parents[2] / "studio" / "catalogue"
Box = tuple[float, float, float, float]

# Outlines in a unit square, y down.
TEE = [
    (0.3, 0), (0.7, 0), (1, 0.25), (0.88, 0.4), (0.75, 0.3), (0.75, 1),
    (0.25, 1), (0.25, 0.3), (0.12, 0.4), (0, 0.25),
]  # fmt: skip
JEANS = [(0.2, 0), (0.8, 0), (1, 1), (0.62, 1), (0.5, 0.35), (0.38, 1), (0, 1)]
SKIRT = [(0.25, 0), (0.75, 0), (1, 1), (0, 1)]
PULLOVER = [
    (0.38, 0), (0.62, 0), (0.8, 0.06), (1, 0.85), (0.86, 0.9), (0.78, 0.4), (0.78, 1),
    (0.22, 1), (0.22, 0.4), (0.14, 0.9), (0, 0.85), (0.2, 0.06),
]  # fmt: skip
BOARD = [(0, 0), (1, 0), (1, 1), (0, 1)]


class Studio:
    """A drawn product photo: a grey gradient, garments with a woven texture, camera noise and JPEG."""

    def __init__(self, width: int = 384, height: int = 512, light: float = 240, noise: float = 1.0) -> None:
        self._random = np.random.default_rng(7)
        self._noise = noise
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        fall = 6 * (x / width - 0.5) ** 2 + 10 * (y / height) ** 2
        self._scene = np.repeat((light - fall)[..., None], 3, axis=2)
        self.truths: list[NDArray[np.float32]] = []

    def add(
        self,
        outline: Sequence[tuple[float, float]],
        box: Box,
        colour: Sequence[int],
        weave: float = 8,
        shadow: float = 0.0,
    ) -> None:
        """box: left, top, right, bottom as shares of the photo. shadow: share of the paper's light that is lost."""
        height, width = self._scene.shape[:2]
        corners = np.array(outline, np.float32) * (box[2] - box[0], box[3] - box[1]) + box[:2]
        fine = np.zeros((4 * height, 4 * width), np.uint8)
        cv2.fillPoly(fine, [np.rint(corners * (4 * width, 4 * height)).astype(np.int32)], 255)
        truth = np.asarray(cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA), np.float32) / 255
        fallen = cv2.GaussianBlur(np.roll(truth, (9, 6), (0, 1)), (0, 0), 7)
        self._scene = self._scene * (1 - shadow * fallen[..., None])
        y, x = np.mgrid[0:height, 0:width]
        cloth = np.array(colour, np.float32) + weave * np.sin(x / 3)[..., None] * np.sin(y / 5)[..., None]
        self._scene = self._scene * (1 - truth[..., None]) + cloth * truth[..., None]
        self.truths.append(truth.astype(np.float32))

    def photo(self, quality: int = 92) -> Pixels:
        noisy = self._scene + self._random.normal(0, self._noise, self._scene.shape)
        buffer = BytesIO()
        Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=quality)
        return np.array(Image.open(buffer))


def detect(image: Pixels, *categories: Category) -> tuple[Detected | Refused, ...]:
    detector: Detector = PackshotDetector()
    [answers] = detector.detect(
        [DetectJob(image, tuple(SeenGarment(category, "") for category in categories))]
    )
    assert len(answers) == len(categories)
    return answers


def found(answer: Detected | Refused) -> tuple[Detected, Pixels]:
    assert isinstance(answer, Detected), answer
    assert answer.alpha is not None
    assert type(answer.score) is float
    assert 0 < answer.score <= 1
    return answer, answer.alpha


def code(answer: Detected | Refused) -> str:
    assert isinstance(answer, Refused), answer.box
    assert answer.message.endswith(".")
    return answer.code


def iou(alpha: Pixels, truth: NDArray[np.float32]) -> float:
    mine = alpha.astype(np.float32) / 255
    return float(np.minimum(mine, truth).sum() / np.maximum(mine, truth).sum())


def drawn(outline: Sequence[tuple[float, float]], width: float, height: float, tilt: float = 0) -> Pixels:
    """In the middle of the photo; width and height are shares of it, tilt is in degrees."""
    corners = (np.array(outline) - 0.5) * (width * 384, height * 512)
    turn = np.radians(tilt)
    corners = corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    studio = Studio()
    studio.add([(x, y) for x, y in corners / (384, 512) + 0.5], (0, 0, 1, 1), (50, 80, 130))
    return studio.photo()


def photo_of(path: Path) -> Pixels:
    return np.array(Image.open(path).convert("RGB").resize((768, 1024)))
