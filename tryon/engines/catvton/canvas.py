"""A person of any size on the canvas that the networks work at, and the way back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from tryon.core.ports import Pixels

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Canvas:
    """Sizes are (width, height). The person is scaled to fit, never cropped, and stands in the middle; what is left
    repeats its edge pixels, so that no false border appears beside it.

    person: its own size. inner: its size on the canvas. corner: (left, top) there.
    """

    person: Size
    size: Size
    inner: Size
    corner: tuple[int, int]

    @classmethod
    def of(cls, person: Size, size: Size) -> Canvas:
        (w, h), (width, height) = person, size
        scale = min(width / w, height / h)
        inner = min(width, max(1, round(w * scale))), min(height, max(1, round(h * scale)))
        return cls(person, size, inner, ((width - inner[0]) // 2, (height - inner[1]) // 2))

    def picture(self, pixels: Pixels) -> Image.Image:
        """uint8 [H, W, 3] of the person's size -> RGB of the canvas's size."""
        small = np.asarray(_resized(Image.fromarray(pixels), self.inner))
        return Image.fromarray(np.pad(small, (*self._margins(), (0, 0)), mode="edge"))

    def mask(self, region: Pixels) -> Image.Image:
        """uint8 [H, W] -> L of the canvas's size; nothing beside the person may change."""
        small = np.asarray(_resized(Image.fromarray(region), self.inner))
        return Image.fromarray(np.pad(small, self._margins()))

    def back(self, result: Pixels) -> Pixels:
        """uint8 of the canvas's size -> the person's part of it, at the person's size."""
        (left, top), (width, height) = self.corner, self.inner
        part = Image.fromarray(np.ascontiguousarray(result[top : top + height, left : left + width]))
        return np.array(_resized(part, self.person))

    def _margins(self) -> tuple[tuple[int, int], tuple[int, int]]:
        (left, top), (width, height) = self.corner, self.inner
        return (top, self.size[1] - top - height), (left, self.size[0] - left - width)


def _resized(image: Image.Image, size: Size) -> Image.Image:
    return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)
