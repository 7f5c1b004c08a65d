"""Engines that cost next to nothing and still pass every real verdict, to measure and test the machinery.

They are never wired to a profile: what they draw is a flat figure, not a try-on.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from tryon.core.materials import Materials
from tryon.core.pipeline import Stages
from tryon.core.ports import (
    Analysis,
    Body,
    Detected,
    DetectJob,
    Dressed,
    DressJob,
    Pixels,
    ProductPhoto,
    SeenGarment,
    SplatJob,
)
from tryon.core.splats import Gaussians
from tryon.core.stages.crops import CropStage
from tryon.core.stages.masks import MaskStage
from tryon.core.stages.splats import SplatStage
from tryon.core.stages.tryons import TryonStage
from tryon.core.words import EngineCard, Refused
from tryon.settings import Settings


def card(name: str, seconds: float = 0.001) -> EngineCard:
    return EngineCard(f"null-{name}", "1", "Apache-2.0", True, True, typical_seconds=seconds)


class NullAnalyzer:
    card = card("analyzer")

    def analyze(self, batch: Sequence[ProductPhoto]) -> list[Analysis | Refused]:
        return [Analysis(tuple(SeenGarment(c, c.value) for c in photo.declared)) for photo in batch]


class NullDetector:
    card = card("detector")

    def detect(self, batch: Sequence[DetectJob]) -> list[tuple[Detected | Refused, ...]]:
        return [tuple(_middle(job.image) for _ in job.seen) for job in batch]


def _middle(image: Pixels) -> Detected:
    """The photo without a margin of an eighth, cut out as an ellipse."""
    height, width = image.shape[:2]
    alpha = np.zeros((height, width), np.uint8)
    cv2.ellipse(alpha, (width // 2, height // 2), (width * 3 // 8, height * 3 // 8), 0, 0, 360, 255, -1)
    left, top = width // 8, height // 8
    return Detected((left, top, width - left, height - top), alpha, 1.0)


# Joints of a standing figure as fractions of (width, height), in the order of Body.keypoints.
FIGURE = np.array(
    [
        (0.50, 0.10), (0.50, 0.20), (0.38, 0.21), (0.32, 0.34), (0.27, 0.46), (0.62, 0.21), (0.68, 0.34),
        (0.73, 0.46), (0.43, 0.50), (0.42, 0.70), (0.41, 0.90), (0.57, 0.50), (0.58, 0.70), (0.59, 0.90),
        (0.48, 0.09), (0.52, 0.09), (0.46, 0.10), (0.54, 0.10), (0.50, 0.145),
    ],
    np.float32,
)  # fmt: skip


def figure(width: int, height: int) -> Body:
    """A person in a long-sleeved top and trousers, drawn from thick lines between the joints."""
    points = (FIGURE * (width, height)).round().astype(int)
    labels = np.zeros((height, width), np.uint8)

    def limb(label: int, thickness: float, *joints: int) -> None:
        cv2.polylines(
            labels, [points[list(joints)].reshape(-1, 1, 2)], False, label, max(1, round(thickness * width))
        )

    for label, joints in ((13, (9, 10)), (12, (12, 13)), (15, (3, 4)), (14, (6, 7))):
        limb(label, 0.06, *joints)
    limb(6, 0.12, 8, 9, 10)
    limb(6, 0.12, 11, 12, 13)
    limb(4, 0.08, 2, 3, 4)
    limb(4, 0.08, 5, 6, 7)
    cv2.fillPoly(labels, [points[[2, 5, 11, 8]].reshape(-1, 1, 2)], 4)
    for label, wrist in ((15, 4), (14, 7)):
        cv2.circle(labels, tuple(points[wrist].tolist()), max(2, round(0.03 * width)), label, -1)
    for label, ankle in ((10, 10), (9, 13)):
        cv2.circle(labels, tuple(points[ankle].tolist()), max(2, round(0.05 * width)), label, -1)
    cv2.ellipse(
        labels, tuple(points[0].tolist()), (round(0.07 * width), round(0.06 * height)), 0, 0, 360, 11, -1
    )
    keypoints = np.column_stack([points, np.ones(len(points))]).astype(np.float32)
    return Body(labels, keypoints)


class NullParser:
    card = card("parser")

    def parse(self, batch: Sequence[Pixels]) -> list[Body | Refused]:
        return [figure(image.shape[1], image.shape[0]) for image in batch]


class NullDresser:
    """Fills the region with the garment's own pixels, tiled."""

    card = card("dresser")

    def dress(self, batch: Sequence[DressJob]) -> list[Dressed | Refused]:
        return [Dressed(_filled(job)) for job in batch]


def _filled(job: DressJob) -> Pixels:
    opaque = job.garment[job.garment[..., 3] > 250][:, :3]
    inside = job.region > 0
    image = job.person.copy()
    image[inside] = opaque[np.arange(int(inside.sum())) % len(opaque)]
    return image


class NullSplatter:
    """A flat grid of Gaussians one metre away, in the image's own colours."""

    card = card("splatter")

    def splat(self, batch: Sequence[SplatJob]) -> list[Gaussians | Refused]:
        return [_grid(job) for job in batch]


def _grid(job: SplatJob, step: int = 2) -> Gaussians:
    height, width = job.image.shape[:2]
    y, x = (axis.ravel() for axis in np.mgrid[step // 2 : height : step, step // 2 : width : step])
    count = len(x)
    z = np.ones(count)
    positions = np.column_stack([(x + 0.5 - width / 2) / job.f_px, (y + 0.5 - height / 2) / job.f_px, z])
    return Gaussians(
        positions.astype(np.float32),
        np.full((count, 3), step / job.f_px / 2, np.float32),
        np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1)),
        np.full(count, 0.95, np.float32),
        (job.image[y, x] / 255).astype(np.float32),
        {"generator": "null"},
    )


def null_stages(materials: Materials, settings: Settings) -> Stages:
    return Stages(
        crop=CropStage(materials, NullAnalyzer(), NullDetector()),
        mask=MaskStage(materials, NullParser()),
        tryon=TryonStage(materials, NullDresser(), order=settings.order, batch_size=64),
        splat=SplatStage(materials, NullSplatter(), batch_size=64),
    )
