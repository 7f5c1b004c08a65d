"""Fitting a photo into a net's input with its aspect kept, and mapping the net's answer back exactly."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.ports import Pixels


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Where a photo of `width` x `height` lies inside a canvas: its top left corner and its size there."""

    width: int
    height: int
    left: int
    top: int
    inner_width: int
    inner_height: int

    @property
    def inner(self) -> tuple[slice, slice]:
        """Rows and columns of the canvas that the photo covers."""
        return (
            slice(self.top, self.top + self.inner_height),
            slice(self.left, self.left + self.inner_width),
        )

    def keypoints(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """(x, y, ...) rows from the canvas' corner in its pixels to the photo's corner and pixels."""
        mapped = points.astype(np.float32, copy=True)
        mapped[:, 0] = (points[:, 0] - self.left) * (self.width / self.inner_width)
        mapped[:, 1] = (points[:, 1] - self.top) * (self.height / self.inner_height)
        return mapped

    def labels(self, logits: NDArray[np.float32]) -> Pixels:
        """Logits [C, canvas height, canvas width] to the best class of every photo pixel, uint8 [H, W].

        Each channel is enlarged bilinearly and compared with the best so far: the same answer as an argmax
        over all enlarged channels (the first of equals), without holding more than two of them.
        """
        best = self._enlarge(logits[0][self.inner])
        labels = np.zeros(best.shape, np.uint8)
        for index in range(1, len(logits)):
            channel = self._enlarge(logits[index][self.inner])
            labels[channel > best] = index
            np.maximum(best, channel, out=best)
        return labels

    def lengths(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Lengths in pixels of the canvas [h, w] to every photo pixel, in its pixels, float32 [H, W]."""
        return self._enlarge(values[self.inner]) * np.float32(self.width / self.inner_width)

    def _enlarge(self, channel: NDArray[np.float32]) -> NDArray[np.float32]:
        enlarged = cv2.resize(channel, (self.width, self.height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(enlarged, np.float32)


def letterbox(image: Pixels, size: tuple[int, int]) -> tuple[Pixels, Letterbox]:
    """A canvas of `size` = (width, height), uint8 [h, w, 3], with the photo centred in it.

    The rest has the median colour of the photo's edge, so that the net sees no frame around the backdrop.
    """
    height, width = image.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    inner = max(1, round(width * scale)), max(1, round(height * scale))
    place = Letterbox(
        width=width,
        height=height,
        left=(size[0] - inner[0]) // 2,
        top=(size[1] - inner[1]) // 2,
        inner_width=inner[0],
        inner_height=inner[1],
    )
    edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    canvas = np.empty((size[1], size[0], 3), np.uint8)
    canvas[:] = np.rint(np.median(edge, axis=0))
    small = cv2.resize(image, inner, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    canvas[place.top : place.top + inner[1], place.left : place.left + inner[0]] = small
    return canvas, place
