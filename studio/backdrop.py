"""Studio backdrops, [h, w, 3] linear RGB."""

from __future__ import annotations

import numpy as np

from studio.body import Array
from studio.garments import Colour
from studio.subject import linear

# Mid-tone blue grey: far from skin, from hair and from every garment of the catalogue.
PERSON_BACKDROP: tuple[Colour, Colour] = ((168, 190, 200), (128, 152, 166))
# Near-white light grey, as shops photograph products; not white, so that highlights stay apart from it.
PRODUCT_BACKDROP: tuple[Colour, Colour] = ((240, 240, 241), (233, 233, 235))


def cyclorama(size: tuple[int, int], colours: tuple[Colour, Colour]) -> Array:
    """A seamless paper roll lit from the front: the first colour in the middle, the second at the corners."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    a, b = ((x + 0.5) / width - 0.5) * 1.1, ((y + 0.5) / height - 0.42) * 0.9
    middle = np.clip(1.0 - 0.99 * (a * a + b * b), 0.0, 1.0)[..., None]
    return np.asarray(linear(colours[0]) * middle + linear(colours[1]) * (1.0 - middle))


def busy_backdrop(rng: np.random.Generator, size: tuple[int, int]) -> Array:
    """[h, w, 3] linear: bricks, shelves or a street, as nobody should photograph clothes in front of."""
    painters = (_bricks, _shelves, _street)
    picture = painters[int(rng.integers(3))](rng, size)
    light = rng.normal(1.0, 0.06, (size[1], size[0], 1))
    return np.asarray(np.clip(picture * light, 0.0, 1.0))


def _tone(rng: np.random.Generator, dark: float = 0.02, light: float = 0.7) -> Array:
    """A linear colour [3]."""
    return np.asarray(rng.uniform(dark, light) * rng.uniform(0.4, 1.0, 3))


def _bricks(rng: np.random.Generator, size: tuple[int, int]) -> Array:
    """Bricks of uneven colours in running bond, with pale joints."""
    width, height = size
    tall = max(int(height * rng.uniform(0.025, 0.045)), 3)
    wide, base = tall * 3, _tone(rng, 0.2, 0.6)
    picture = np.tile(rng.uniform(0.35, 0.75), (height, width, 3))
    for row, top in enumerate(range(0, height, tall)):
        for left in range(-(row % 2) * wide // 2, width, wide):
            brick = base * rng.uniform(0.35, 1.2) * rng.uniform(0.85, 1.15, 3)
            picture[top + 1 : top + tall, max(left + 1, 0) : max(left + wide, 0)] = brick
    return picture


def _shelves(rng: np.random.Generator, size: tuple[int, int]) -> Array:
    """Boards with books and boxes of all colours."""
    width, height = size
    picture = np.tile(_tone(rng, 0.02, 0.2), (height, width, 1))
    tall = int(height * rng.uniform(0.12, 0.2))
    for top in range(0, height, tall):
        left = 0
        while left < width:
            wide = int(rng.integers(2, max(width // 12, 4)))
            high = int(tall * rng.uniform(0.5, 0.9))
            picture[top + tall - high : top + tall, left : left + wide] = _tone(rng)
            left += wide
        picture[top + tall - max(tall // 12, 1) : top + tall] = _tone(rng, 0.2, 0.5)
    return picture


def _street(rng: np.random.Generator, size: tuple[int, int]) -> Array:
    """Fronts with windows, a pavement, and things that stand about."""
    width, height = size
    picture = np.tile(_tone(rng, 0.3, 0.9), (height, width, 1))
    ground, left = int(height * rng.uniform(0.6, 0.8)), 0
    while left < width:
        wide, top = int(rng.integers(width // 8, width // 3)), int(height * rng.uniform(0.0, 0.3))
        picture[top:ground, left : left + wide] = _tone(rng)
        glass, step = _tone(rng), max(height // 14, 6)
        for y in range(top + step // 2, ground - step, step):
            for x in range(left + 2, min(left + wide, width) - step // 2, step):
                picture[y : y + step * 2 // 3, x : x + step // 2] = glass * rng.uniform(0.3, 1.8)
        left += wide
    picture[ground:] = _tone(rng, 0.1, 0.4)
    for _ in range(14):
        x, y = int(rng.integers(0, width)), int(rng.integers(height // 3, height))
        tall, wide = int(rng.integers(4, height // 4)), int(rng.integers(3, width // 7))
        picture[y : y + tall, x : x + wide] = _tone(rng)
    return picture
