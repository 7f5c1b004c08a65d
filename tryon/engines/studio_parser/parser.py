"""BodyParser with the studio's own net, refined at the edges, and with refusals of photos it cannot work with."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from tryon.core.licences import APACHE
from tryon.core.ports import Body, Pixels
from tryon.core.words import EngineCard, Refused
from tryon.engines.light_checks import check_darkness
from tryon.engines.person_view import PersonView
from tryon.engines.studio_parser.body_net import WEIGHTS, BodyNet
from tryon.engines.studio_parser.edges import sharpen
from tryon.engines.studio_parser.person_checks import check_photo
from tryon.engines.studio_parser.settle import settle
from tryon.engines.studio_parser.upright_checks import UNSURE, check_turned, clarity

WORK_SIDE = 1536
"""Pixels of the longer side at which a larger photo is parsed: four times the net's, and a second instead of 30."""

VIEW_SIDE = 512
"""The same for a splat, whose Gaussians are about two pixels of a look wide."""

MOST_THREADS = 2
"""More does not help a net of tens of milliseconds, and threads beyond the cores slow it four times."""


class StudioParser:
    """Parses photos of one whole person on a plain backdrop; the session starts with the first photo."""

    card = EngineCard(
        id="studio-parser",
        revision="5",
        licence="Apache-2.0",
        commercial_use=True,
        deterministic=True,
        url=APACHE,
        typical_seconds=0.25,
    )

    def __init__(self, weights: Path = WEIGHTS, threads: int | None = None) -> None:
        self._net = BodyNet(weights, threads or min(len(os.sched_getaffinity(0)), MOST_THREADS))

    def parse(self, batch: Sequence[Pixels]) -> list[Body | Refused]:
        """One body or refusal a photo (uint8 [H, W, 3] RGB), at the photo's size.

        Raises InvalidSetting without the weight file, BlobCorrupted when it is not the committed one.
        """
        return [self._parse(image) for image in batch]

    def silhouettes(self, batch: Sequence[Pixels]) -> list[Pixels]:
        """uint8 [H, W], 1 on the person of each finished look, which needs no second check of the photo."""
        return [view.mask for view in self.views(batch)]

    def views(self, batch: Sequence[Pixels]) -> list[PersonView]:
        """The silhouettes with depths."""
        return [self._view(image) for image in batch]

    def read(self, image: Pixels) -> Body:
        """The refined parse of one photo of at most WORK_SIDE pixels, whether it would be refused or not."""
        return settle(image, sharpen(image, self._net.see(image).body))

    def _view(self, image: Pixels) -> PersonView:
        small, size = _bounded(image, VIEW_SIDE), (image.shape[1], image.shape[0])
        sight = self._net.see(small)
        person = sharpen(small, sight.body).labels > 0
        # Enlarged as a grey picture: its outline has no steps.
        mask = cv2.resize(person.astype(np.uint8) * np.uint8(255), size, interpolation=cv2.INTER_CUBIC) > 127
        depth = cv2.resize(sight.depth, size) * (size[0] / small.shape[1])
        return PersonView(mask.astype(np.uint8), np.asarray(depth, np.float32))

    def _parse(self, image: Pixels) -> Body | Refused:
        small = _bounded(image)
        if refused := check_darkness(small):
            return refused
        body = self._net.see(small).body
        refused = self._turned(small, body) or check_photo(small, body)
        return refused or _scaled(settle(small, sharpen(small, body)), (image.shape[1], image.shape[0]))

    def _turned(self, image: Pixels, body: Body) -> Refused | None:
        upright = clarity(body)
        if upright >= UNSURE:
            return None
        turned = [
            clarity(self._net.see(np.ascontiguousarray(np.rot90(image, turn))).body) for turn in (1, 2, 3)
        ]
        return check_turned(upright, turned)


def _bounded(image: Pixels, side: int = WORK_SIDE) -> Pixels:
    height, width = image.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return image
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _scaled(body: Body, size: tuple[int, int]) -> Body:
    """The body of a photo of `size` = (width, height)."""
    height, width = body.labels.shape
    if (width, height) == size:
        return body
    labels = cv2.resize(body.labels, size, interpolation=cv2.INTER_NEAREST_EXACT)
    keypoints = body.keypoints * np.array([size[0] / width, size[1] / height, 1], np.float32)
    return Body(np.asarray(labels, np.uint8), keypoints)
