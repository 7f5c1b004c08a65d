"""A pinhole camera that may look down, and the framings of the studio."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from studio.body import Array

# Far enough for the perspective of a fashion photo: a long lens from 6.5 m.
DISTANCE = 6.5
# Rows of height (m) that a full-length picture covers, and the height its centre looks at.
FULL_LENGTH, FULL_LENGTH_CENTRE = 2.1, 0.93


@dataclass(frozen=True)
class Camera:
    """position: metres; size: (width, height); pitch: radians, positive looks down; the others: pixels."""

    position: tuple[float, float, float]
    focal: float
    size: tuple[int, int]
    centre_x: float
    centre_y: float
    pitch: float = 0.0

    def vector(self) -> Array:
        """[8] for the kernels: x, y, z, sine and cosine of the pitch, focal, centre_x, centre_y."""
        s, c = math.sin(self.pitch), math.cos(self.pitch)
        return np.array([*self.position, s, c, self.focal, self.centre_x, self.centre_y])

    def project(self, points: Array) -> Array:
        """[n, 3] points in metres to [n, 2] pixels, x right, y down; a pixel's centre is at 0.5."""
        s, c = math.sin(self.pitch), math.cos(self.pitch)
        r = points - np.array(self.position)
        depth = -s * r[:, 1] - c * r[:, 2]
        up = c * r[:, 1] - s * r[:, 2]
        x = self.centre_x + self.focal * r[:, 0] / depth
        return np.stack([x, self.centre_y - self.focal * up / depth], axis=1)


def frame(size: tuple[int, int], extent: float, centre: tuple[float, float], pitch: float = 0.0) -> Camera:
    """A camera whose picture covers `extent` metres of height around `centre` = (x, y) at z = 0."""
    width, height = size
    y = centre[1] + DISTANCE * math.sin(pitch)
    position = (centre[0], y, DISTANCE * math.cos(pitch))
    return Camera(position, height / extent * DISTANCE, size, width / 2, height / 2, pitch)


def full_length(size: tuple[int, int]) -> Camera:
    """The camera of the catalogue's people."""
    return frame(size, FULL_LENGTH, (0.0, FULL_LENGTH_CENTRE))
