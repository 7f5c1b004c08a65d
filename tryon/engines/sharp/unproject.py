"""From the network's space to metres, and the check that Gaussians land where their pixels are.

The network's space is the picture seen through a pinhole with x and y in -1..1: a mean is (x z, y z, z). With
K = [[f, 0, w/2], [0, f, h/2], [0, 0, 1]] scaled to the network's square input, its inverse has no shift and is
A = diag(w / 2f, h / 2f, 1), whatever the input's size. Means go through A; a covariance C becomes A C A^T, here by the
singular values of A R S, the square root of that (C = R S S R^T): thin Gaussians keep their full precision.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

CHUNK = 65_536
"""Gaussians at a time: some 25 MB of float64, whatever their number."""
MIN_SIGMA_M = 1e-9
"""A nanometre: a disc without thickness has no logarithm in a PLY file."""


class Camera(NamedTuple):
    """A pinhole at the origin, its centre in the middle of the picture; pixels."""

    f_px: float
    width: int
    height: int

    @property
    def affine(self) -> NDArray[np.float64]:
        """[3] diagonal of A."""
        return np.array([self.width / (2 * self.f_px), self.height / (2 * self.f_px), 1.0])


class Shapes(NamedTuple):
    """scales: float32 [N, 3] metres, descending. rotations: float32 [N, 4] unit wxyz, w >= 0."""

    scales: NDArray[np.float32]
    rotations: NDArray[np.float32]


def unproject_means(means: Floats, camera: Camera) -> NDArray[np.float32]:
    """[N, 3] -> float32 [N, 3] metres, OpenCV axes."""
    return np.asarray(means * camera.affine, np.float32)


def unproject_shapes(sigmas: Floats, quaternions: Floats, camera: Camera) -> Shapes:
    """sigmas: [N, 3] > 0; quaternions: [N, 4] wxyz of any length above 0."""
    from scipy.spatial.transform import Rotation  # here, so that few commands wait for scipy

    scales, rotations = np.empty((len(sigmas), 3), np.float32), np.empty((len(sigmas), 4), np.float32)
    for start in range(0, len(sigmas), CHUNK):
        rows = slice(start, start + CHUNK)
        turned = Rotation.from_quat(quaternions[rows].astype(np.float64), scalar_first=True).as_matrix()
        root = camera.affine[:, None] * turned * sigmas[rows].astype(np.float64)[:, None, :]
        axes, lengths, _ = np.linalg.svd(root)
        axes[:, :, 2] *= np.linalg.det(axes)[:, None]  # a rotation, not a mirror
        scales[rows] = np.maximum(lengths, MIN_SIGMA_M)
        turned_back = Rotation.from_matrix(axes, assume_valid=True)
        rotations[rows] = turned_back.as_quat(canonical=True, scalar_first=True)
    return Shapes(scales, rotations)
