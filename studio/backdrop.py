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
