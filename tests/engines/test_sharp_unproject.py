"""Unprojection: the case that can be written down, a slow reference, and the check of where Gaussians land."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from tryon.engines.sharp import unproject
from tryon.engines.sharp.landing import offsets
from tryon.engines.sharp.unproject import Camera, Shapes, unproject_means, unproject_shapes

Floats = NDArray[np.floating]
CAMERA = Camera(1228.8, 768, 1024)


def covariances(shapes: Shapes) -> Floats:
    turned = Rotation.from_quat(shapes.rotations.astype(np.float64), scalar_first=True).as_matrix()
    root = turned * shapes.scales.astype(np.float64)[:, None, :]
    return np.asarray(root @ root.transpose(0, 2, 1))


def slow(sigmas: Floats, quaternions: Floats, camera: Camera) -> list[Floats]:
    """A C A^T, one Gaussian at a time, with A from the inverse of the projection that the network's space has."""
    width, height = camera.width, camera.height
    intrinsics = np.array([[camera.f_px, 0, width / 2], [0, camera.f_px, height / 2], [0, 0, 1]])
    intrinsics[0] *= 1536 / width
    intrinsics[1] *= 1536 / height
    to_unit = np.array([[2 / 1536, 0, -1], [0, 2 / 1536, -1], [0, 0, 1]])
    a = np.linalg.inv(to_unit @ intrinsics)
    found = []
    for sigma, quaternion in zip(sigmas, quaternions, strict=True):
        w, x, y, z = quaternion / np.sqrt((quaternion**2).sum())
        turned = np.array(
            [
                [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
                [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
                [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
            ]
        )
        found.append(a @ turned @ np.diag(sigma**2) @ turned.T @ a.T)
    return found


def random_shapes(count: int, seed: int = 0) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    return np.exp(rng.uniform(-9, 0, (count, 3))), rng.normal(size=(count, 4)) * 3


def test_axes_along_the_cameras_are_scaled_by_their_own_factor() -> None:
    """f = 100 px, 400 x 100 px: A = diag(2, 1/2, 1)."""
    shapes = unproject_shapes(
        np.array([[1.0, 2.0, 3.0]]), np.array([[5.0, 0, 0, 0]]), Camera(100.0, 400, 100)
    )
    np.testing.assert_allclose(shapes.scales, [[3, 2, 1]])
    axes = np.abs(Rotation.from_quat(shapes.rotations[0], scalar_first=True).as_matrix())
    np.testing.assert_allclose(axes, [[0, 1, 0], [0, 0, 1], [1, 0, 0]], atol=1e-6)  # columns z, x, y


def test_a_ball_seen_off_square_becomes_the_same_ellipsoid_however_it_was_turned() -> None:
    _, quaternions = random_shapes(50)
    found = covariances(unproject_shapes(np.ones((50, 3)), quaternions, Camera(100.0, 400, 100)))
    np.testing.assert_allclose(found, np.broadcast_to(np.diag([4, 0.25, 1]), (50, 3, 3)), atol=1e-5)


def test_means_land_where_the_pinhole_puts_them() -> None:
    means = np.array([[0, 0, 2], [-3, 3, 3], [2, -2, 2]], np.float32)  # middle, left bottom, right top
    x, y, z = unproject_means(means, CAMERA).astype(np.float64).T
    u, v = CAMERA.f_px * x / z + 384, CAMERA.f_px * y / z + 512
    np.testing.assert_allclose(np.stack([u, v]), [[384, 0, 768], [512, 1024, 0]], atol=1e-3)


def test_many_random_gaussians_equal_the_slow_reference() -> None:
    sigmas, quaternions = random_shapes(400)
    shapes = unproject_shapes(sigmas, quaternions, CAMERA)
    for found, expected in zip(covariances(shapes), slow(sigmas, quaternions, CAMERA), strict=True):
        np.testing.assert_allclose(found, expected, atol=2e-6 * np.abs(expected).max())
    assert (np.diff(shapes.scales, axis=1) <= 0).all()
    np.testing.assert_allclose(np.linalg.norm(shapes.rotations, axis=1), 1, atol=1e-6)
    assert (shapes.rotations[:, 0] >= 0).all()


@given(
    st.lists(st.floats(1e-5, 10), min_size=3, max_size=3),
    st.lists(st.floats(-1, 1), min_size=4, max_size=4).filter(lambda q: sum(abs(v) for v in q) > 1e-3),
    st.floats(50, 5000),
)
@settings(max_examples=60, deadline=None)
def test_any_gaussian_keeps_its_volume_and_is_turned_not_mirrored(
    sigma: list[float], quaternion: list[float], f_px: float
) -> None:
    camera = Camera(f_px, 600, 800)
    shapes = unproject_shapes(np.array([sigma]), np.array([quaternion]), camera)
    expected = np.prod(sigma) * np.prod(camera.affine)
    np.testing.assert_allclose(np.prod(shapes.scales.astype(np.float64)), expected, rtol=1e-5)
    turned = Rotation.from_quat(shapes.rotations[0].astype(np.float64), scalar_first=True).as_matrix()
    assert np.linalg.det(turned) == pytest.approx(1)


def test_a_needle_keeps_its_thickness() -> None:
    """Squared, a millionth of the length would be lost in float64's last digits."""
    needle = unproject_shapes(np.array([[1.0, 1e-6, 1e-6]]), np.array([[0.3, 0.5, -0.7, 0.1]]), CAMERA)
    factors = CAMERA.affine.min(), CAMERA.affine.max()
    assert 1e-6 * factors[0] * 0.9 < needle.scales[0, 2] < 1e-6 * factors[1] * 1.1


def test_a_disc_without_thickness_stays_drawable() -> None:
    shapes = unproject_shapes(np.array([[1.0, 1.0, 0.0]]), np.array([[1.0, 0, 0, 0]]), CAMERA)
    assert 0 < shapes.scales.min() <= 2e-9


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sigmas, quaternions = random_shapes(100)
    whole = unproject_shapes(sigmas, quaternions, CAMERA)
    monkeypatch.setattr(unproject, "CHUNK", 7)
    for one, other in zip(whole, unproject_shapes(sigmas, quaternions, CAMERA), strict=True):
        np.testing.assert_array_equal(one, other)


def test_offsets_are_counted_in_cells() -> None:
    camera, grid = Camera(100.0, 400, 200), 4
    centre = np.array([[-150 / 100, -75 / 100, 1]])  # pixel (50, 25): the first cell of the grid
    positions = np.concatenate([centre, centre + np.eye(3)[0], centre + np.eye(3)[1], -centre])
    away = offsets(positions, np.array([0, 0, 16, 0]), camera, grid)
    np.testing.assert_allclose(away, [0, 1, 2, np.inf])
