"""Random people, clothes, framings and backdrops for the training set. No numba here."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import zoom

from studio.backdrop import cyclorama
from studio.body import Array, make_body
from studio.camera import Camera, frame
from studio.casting import random_colour, random_looks, random_pose, random_shape
from studio.clothes import random_dress, random_skirt, random_top, random_trousers
from studio.pose import Pose
from studio.subject import Subject, linear

# Shares of dresses and of skirts: half of the women wear one, and more men than in life: a net must know all.
_SKIRTS = {True: (0.25, 0.26), False: (0.10, 0.13)}


def random_subject(rng: np.random.Generator, pose: Pose | None = None) -> Subject:
    """A random person in a dress, or in a top with trousers, shorts or a skirt; random too in what they do."""
    shape = random_shape(rng)
    doing = random_pose(rng)
    body = make_body(shape, pose or doing)
    looks = random_looks(rng, shape)
    # Nobody sits in a skirt: skirts are cut for people who stand.
    kind = 1.0 if body.pose.seated else rng.random()
    dressed, skirted = _SKIRTS[shape.female]
    if kind < dressed:
        return Subject(body, looks, random_dress(rng))
    lower = random_skirt(rng) if kind < dressed + skirted else random_trousers(rng)
    return Subject(body, looks, random_top(rng), lower)


def random_camera(rng: np.random.Generator, size: tuple[int, int], height: float) -> Camera:
    """Mostly full length with some air; one in five is cropped to a part of the body."""
    x = float(rng.normal(0.0, 0.08))
    if rng.random() < 0.2:
        extent = float(rng.uniform(0.55, 1.05)) * height
        return frame(size, extent, (x, float(rng.uniform(0.3, 0.85)) * height), float(rng.normal(0.0, 0.04)))
    extent = float(rng.uniform(1.06, 1.45)) * height
    slack = (extent - 1.06 * height) / 2.0
    middle = 0.515 * height + float(rng.uniform(-slack, slack))
    # Hanging hands and elbows at the hips reach a third of the height to the side: they stay in the picture.
    aside = max(extent * size[0] / size[1] / 2.0 - 0.34 * height, 0.0)
    x = float(np.clip(x, -aside, aside))
    return frame(size, extent, (x, middle), float(rng.normal(0.0, 0.03)))


def random_backdrop(rng: np.random.Generator, size: tuple[int, int]) -> Array:
    """[h, w, 3] linear: a seamless roll or a soft gradient, often a wall over a floor, sometimes blotchy."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width] / np.array([height, width]).reshape(2, 1, 1)
    first = random_colour(rng, 0.25, 1.0)
    if rng.random() < 0.4:
        dim = rng.uniform(0.55, 0.95)
        r, g, b = (int(c * dim) for c in first)
        picture = cyclorama(size, (first, (r, g, b)))
    else:
        angle = rng.uniform(0.0, 2.0 * np.pi)
        slope = np.clip(0.5 + (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle), 0.0, 1.0)[..., None]
        picture = linear(first) * (slope + rng.uniform(0.5, 1.1) * (1.0 - slope))
    if rng.random() < 0.4:
        picture = _floor(rng, picture, y)
    if rng.random() < 0.35:
        coarse = rng.normal(0.0, 0.12, (int(rng.integers(3, 12)), int(rng.integers(3, 9)), 1))
        factors = (height / coarse.shape[0], width / coarse.shape[1], 1)
        factor = zoom(coarse, factors, order=1, grid_mode=True, mode="nearest")
        picture = picture * np.exp(factor)
    for _ in range(int(rng.integers(0, 4)) if rng.random() < 0.25 else 0):
        top, left = int(rng.integers(0, height)), int(rng.integers(0, width))
        tall, wide = int(rng.integers(5, height // 2)), int(rng.integers(5, width // 2))
        picture[top : top + tall, left : left + wide] = linear(random_colour(rng, 0.1, 1.0))
    return np.asarray(np.clip(picture, 0.0, 1.0))


def _floor(rng: np.random.Generator, wall: Array, y: Array) -> Array:
    """The wall [h, w, 3] over a floor of another tone that gets lighter to the front; y: [h, w] rows, 0 to 1."""
    line = rng.uniform(0.7, 0.95)
    tone = linear(random_colour(rng, 0.2, 0.9)) if rng.random() < 0.5 else wall.mean(axis=(0, 1))
    tone = tone * rng.uniform(0.6, 1.1)
    near = 1.0 + 0.3 * np.clip((y - line) / (1.0 - line), 0.0, 1.0)[..., None]
    edge = np.clip((y - line) / 0.004, 0.0, 1.0)[..., None]
    skirting = 1.0 - 0.25 * np.exp(-(((y - line) / 0.006) ** 2))[..., None]
    return np.asarray((wall * (1.0 - edge) + tone * near * edge) * skirting)
