"""Pictures of what the parser and the masks stage say about a photo."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from bench.evaluate.chain import Wearer
from tryon.core.ports import Pixels

COLOURS = (
    (235, 235, 232), (120, 90, 40), (110, 70, 44), (60, 60, 60), (72, 122, 190), (200, 120, 60), (70, 150, 110),
    (170, 90, 160), (90, 90, 30), (120, 60, 60), (170, 70, 70), (240, 190, 150), (222, 170, 130), (206, 150, 112),
    (230, 178, 140), (214, 158, 120), (100, 100, 160), (160, 160, 80),
)  # fmt: skip
"""One of each ATR label."""

BONES = (
    (1, 2), (2, 3), (3, 4), (1, 5), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13), (1, 0),
)  # fmt: skip


def parsed(wearer: Wearer, photo: Pixels) -> Iterator[tuple[str, Pixels]]:
    """(words, picture) of the photo, its labels with the joints, and each mask over the photo."""
    yield "photo", photo
    yield (
        "labels and joints",
        _skeleton(np.array(COLOURS, np.uint8)[wearer.body.labels], wearer.body.keypoints),
    )
    for kind, mask in wearer.masks.items():
        tint = np.where(mask[..., None] > 0, photo * 0.35 + np.array([235, 60, 90]) * 0.65, photo)
        yield f"{kind.value} mask", tint.astype(np.uint8)


def _skeleton(picture: Pixels, points: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Pixels:
    drawn = picture.copy()
    thick = max(1, picture.shape[0] // 200)
    at = [(round(float(x)), round(float(y))) for x, y, _ in points]
    for start, end in BONES:
        cv2.line(drawn, at[start], at[end], (20, 20, 24), thick, cv2.LINE_AA)
    for place in at:
        cv2.circle(drawn, place, 2 * thick, (20, 20, 24), -1, cv2.LINE_AA)
    return drawn
