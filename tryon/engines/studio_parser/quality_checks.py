"""Photos of people without colour, full of noise, or with few colours left: rules on pixels.

Ranges are those of 114 good pictures (the tuning people and the catalogue, from very dark to very pale skin).
"""

from __future__ import annotations

import cv2
import numpy as np

from tryon.core.anatomy import Atr
from tryon.core.areas import Area, dilate
from tryon.core.ports import Body, Pixels
from tryon.core.words import Refused
from tryon.engines.backdrop import to_lab
from tryon.engines.reasons import of_person

COLOURLESS = 4.0
"""Chroma in Lab that the most colourful twentieth of the person must reach: at most 0.1 on black and white photos, 22
and more on people, whose skin is enough, 16 with a third of the contrast."""

NOISY, ROWS = 6.0, 512
"""Most noise: standard deviation in grey levels of a photo of at most that many rows. 0 on clean renders, 3.5 with
noise of 10 in every channel at 1024 rows, which is worked with, and 8.7 with 25."""

FLAT, FEW_COLOURS = 0.55, 8.0
"""From this share of pixels of the person that equal their neighbour (at most 0.37 on people), a face needs so many
colours: their number over the root of its pixels is 19 and more on people. JPEGs of quality 3 have 0.64 and 6.6, a
palette of 32 colours has 0.93 and 0.2, JPEGs of quality 10 have 0.38 and 25."""

_SECOND = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
"""Second differences both ways (Immerkaer 1996): no slope or straight edge counts, and white noise keeps its size."""


def check_quality(image: Pixels, body: Body) -> Refused | None:
    """The first of these rules that the photo (uint8 [H, W, 3] RGB) breaks, if any."""
    if colourfulness(image, body) < COLOURLESS:
        return of_person("no_colour")
    if noise(image, body) > NOISY:
        return of_person("noisy")
    flat, colours = flatness(image, body)
    return of_person("few_colours") if flat > FLAT and colours < FEW_COLOURS else None


def colourfulness(image: Pixels, body: Body) -> float:
    """See COLOURLESS; infinite without a person."""
    person = image[body.labels > 0]
    if not len(person):
        return float("inf")
    _, a, b = np.moveaxis(to_lab(person[None])[0], -1, 0)
    return float(np.percentile(np.hypot(a, b), 95))


def noise(image: Pixels, body: Body) -> float:
    """See NOISY; of the backdrop, by the median, which no edge on it moves. 0 when the person fills the photo."""
    scale = min(1.0, ROWS / image.shape[0])
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    grey = cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    person = cv2.resize((body.labels > 0).astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
    around: Area = ~dilate(person, 6, 6)
    if not around.any():
        return 0.0
    # Of a normal distribution the median deviation is 0.6745 of the standard deviation.
    return float(np.median(np.abs(cv2.filter2D(grey.astype(np.float32), -1, _SECOND))[around])) / 0.6745


def flatness(image: Pixels, body: Body) -> tuple[float, float]:
    """The two figures of FLAT and FEW_COLOURS; nothing is flat without a face."""
    face = image[body.labels == Atr.FACE].astype(np.int32)
    if not len(face):
        return 0.0, float("inf")
    same = (image[:, 1:] == image[:, :-1]).all(axis=-1)[body.labels[:, 1:] > 0]
    colours = len(np.unique(face @ np.array([65536, 256, 1], np.int32)))
    return float(np.mean(same)) if len(same) else 0.0, colours / float(np.sqrt(len(face)))
