"""Random people, clothes, framings and backdrops for the training set. No numba here."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import zoom

from studio import layout as at
from studio.backdrop import cyclorama
from studio.body import Array, make_body
from studio.camera import Camera, frame
from studio.casting import random_colour, random_looks, random_pose, random_shape
from studio.garments import Colour, Garment
from studio.pose import Pose
from studio.subject import Subject, linear


def random_subject(rng: np.random.Generator, pose: Pose | None = None) -> Subject:
    """A random person in a dress, or in a top with trousers, shorts or a skirt; random too in what they do."""
    shape = random_shape(rng)
    doing = random_pose(rng)
    body = make_body(shape, pose or doing)
    looks = random_looks(rng, shape)
    # Nobody sits in a skirt: skirts are cut for people who stand.
    if rng.random() < 0.2 and not body.pose.seated:
        return Subject(body, looks, _dress(rng))
    lower = _skirt(rng) if rng.random() < 0.28 and not body.pose.seated else _trousers(rng)
    return Subject(body, looks, _top(rng), lower)


def random_camera(rng: np.random.Generator, size: tuple[int, int], height: float) -> Camera:
    """Mostly full length with some air; one in five is cropped to a part of the body."""
    x = float(rng.normal(0.0, 0.08))
    if rng.random() < 0.2:
        extent = float(rng.uniform(0.55, 1.05)) * height
        return frame(size, extent, (x, float(rng.uniform(0.3, 0.85)) * height), float(rng.normal(0.0, 0.04)))
    extent = float(rng.uniform(1.06, 1.45)) * height
    slack = (extent - 1.06 * height) / 2.0
    middle = 0.515 * height + float(rng.uniform(-slack, slack))
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


def _palette(rng: np.random.Generator) -> tuple[Colour, ...]:
    return random_colour(rng), random_colour(rng), random_colour(rng)


def _texture(rng: np.random.Generator) -> tuple[float, ...]:
    """Any pattern, half of the time none."""
    patterns: tuple[tuple[float, ...], ...] = (
        (at.STRIPES, rng.uniform(0.02, 0.08), rng.uniform(0.2, 0.6)),
        (at.BLOCK, 0.0, rng.uniform(0.06, 0.25), rng.uniform(0.2, 1.2)),
        (at.DOTS, rng.uniform(0.02, 0.06), rng.uniform(0.04, 0.12)),
        (at.BUTTONS,),
        (at.PRINT,),
        (at.PLAID, rng.uniform(0.03, 0.08)),
        (at.FLORAL, rng.uniform(0.04, 0.09)),
    )
    return (at.PLAIN,) if rng.random() < 0.45 else patterns[int(rng.integers(len(patterns)))]


def _top(rng: np.random.Generator) -> Garment:
    long = rng.random() < 0.45
    vee = rng.random() < 0.3
    sleeve = rng.uniform(0.85, 0.99) if long else rng.uniform(0.2, 0.6)
    return Garment(
        "top", _palette(rng), _texture(rng),
        hem=float(rng.uniform(0.475, 0.555)),
        ease=float(rng.uniform(0.008, 0.022)),
        sleeve=0.0 if rng.random() < 0.1 else float(sleeve),
        sleeve_ease=float(rng.uniform(0.004, 0.022)),
        fit=float(rng.uniform(0.3, 1.0)),
        neck_x=float(rng.uniform(0.037, 0.05)),
        neck_drop=float(rng.uniform(0.025, 0.05)),
        vee=float(rng.uniform(0.03, 0.09)) if vee else 0.0,
        vee_x=float(rng.uniform(0.03, 0.05)),
        collar_band=float(rng.choice([0.0, 0.014, 0.02])),
        hem_band=float(rng.choice([0.0, 0.014, 0.04])),
        folds=float(rng.uniform(0.6, 1.6)),
    )  # fmt: skip


def _dress(rng: np.random.Generator) -> Garment:
    return Garment(
        "dress", _palette(rng), _texture(rng),
        hem=float(rng.uniform(0.12, 0.40)),
        ease=float(rng.uniform(0.006, 0.014)),
        sleeve=float(rng.choice([0.0, rng.uniform(0.15, 0.5), rng.uniform(0.85, 0.98)])),
        flare=float(rng.uniform(0.02, 0.11)),
        flutes=float(rng.uniform(7.0, 13.0)),
        flute_depth=float(rng.uniform(0.01, 0.05)),
        vee=float(rng.choice([0.0, 0.06])),
        folds=float(rng.uniform(0.4, 1.4)),
    )  # fmt: skip


def _trousers(rng: np.random.Generator) -> Garment:
    short = rng.random() < 0.35
    kind = (at.DENIM, at.TROUSERS, at.PLAIN)[int(rng.integers(3))]
    return Garment(
        "trousers", _palette(rng), (kind,) if rng.random() < 0.85 else _texture(rng),
        hem=float(rng.uniform(0.24, 0.39) if short else rng.uniform(0.035, 0.11)),
        ease=float(rng.uniform(0.006, 0.018)),
        leg_width=float(rng.uniform(0.3, 0.7) if short else rng.uniform(0.0, 0.6)),
        cuff=float(rng.uniform(0.04, 0.055) if short else rng.uniform(0.028, 0.05)),
        folds=float(rng.uniform(0.6, 1.6)),
    )  # fmt: skip


def _skirt(rng: np.random.Generator) -> Garment:
    return Garment(
        "skirt", _palette(rng), _texture(rng),
        hem=float(rng.uniform(0.12, 0.40)),
        waist=0.615,
        ease=0.008,
        flare=float(rng.uniform(0.0, 0.09)),
        flutes=float(rng.uniform(7.0, 13.0)),
        flute_depth=float(rng.uniform(0.01, 0.045)),
        folds=float(rng.uniform(0.3, 1.2)),
    )  # fmt: skip
