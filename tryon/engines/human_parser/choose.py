"""Which of several people in a photo is meant, and which of its pixels are theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tryon.core.areas import Area, Shape, shape_of
from tryon.core.ports import Pixels
from tryon.core.words import Refused
from tryon.engines.human_parser.schp import Window
from tryon.engines.human_parser.yolox import Found
from tryon.engines.reasons import of_person
from tryon.engines.whole_checks import SECOND_PERSON

MARGIN = 0.1
"""How far hair, hands and bags may reach beyond a detected box, of its size."""

OWN, FOREIGN = 0.5, 0.8
"""A separate piece of labels is the person's when at least OWN of it lies in their box and less than FOREIGN of it in
another person's."""


@dataclass(frozen=True, slots=True)
class Choice:
    person: Found
    others: tuple[Found, ...]


def choose(people: Sequence[Found], width: int, height: int) -> Choice | Refused:
    """The one person meant: most area, centrality and score, multiplied. Refused when nobody is there, or when another
    is comparable in area and score, wherever they stand: guessing would dress the wrong one. Passers-by are smaller."""
    ranked = sorted(people, key=lambda person: -weight(person, width, height))
    if not ranked or weight(ranked[0], width, height) <= 0:
        return of_person("no_person")
    first, *rest = (prominence(person, width, height) for person in ranked)
    if max(rest, default=0) >= SECOND_PERSON * first:
        return of_person("several_people")
    return Choice(ranked[0], tuple(ranked[1:]))


def weight(person: Found, width: int, height: int) -> float:
    """Prominence x centrality: 1 in the middle of the photo, 0 in a corner."""
    left, top, right, bottom = _clipped(person.box, width, height)
    away = np.hypot((left + right - width) / 2, (top + bottom - height) / 2)
    centrality = 1 - away / (np.hypot(width, height) / 2)
    return float(prominence(person, width, height) * centrality)


def prominence(person: Found, width: int, height: int) -> float:
    """Area in the photo, a share of it, x score."""
    left, top, right, bottom = _clipped(person.box, width, height)
    return max(right - left, 0) * max(bottom - top, 0) / (width * height) * person.score


def window_of(person: Found, width: int, height: int) -> Window:
    """Rows and columns of the person's box with its margin."""
    left, top, right, bottom = person.box
    across, down = MARGIN * (right - left), MARGIN * (bottom - top)
    return _pixels((left - across, top - down, right + across, bottom + down), (height, width))


def keep_own(labels: Pixels, choice: Choice) -> Pixels:
    """uint8 [H, W] labels of everybody -> of the chosen person alone, 0 elsewhere.

    Kept are the largest piece in the person's box and the pieces of their own (see OWN), inside the box and its margin
    and outside other people's boxes. Where two people touch inside both boxes their pixels cannot be told apart.
    """
    shape = shape_of(labels)
    box = _filled(choice.person.box, shape)
    allowed = np.zeros(shape, bool)
    allowed[window_of(choice.person, shape[1], shape[0])] = True
    others = [_filled(other.box, shape) for other in choice.others]
    for other in others:
        allowed &= box | ~other
    pieces = cv2.connectedComponents((allowed & (labels > 0)).astype(np.uint8))[1]
    piece = np.asarray(pieces, np.int32)
    sizes = np.bincount(piece.ravel())
    inside = _shares(piece, box, sizes)
    foreign = np.max([np.zeros(len(sizes)), *(_shares(piece, other, sizes) for other in others)], axis=0)
    kept = (inside >= OWN) & (foreign < FOREIGN)
    inside[0] = 0  # The backdrop's.
    kept[np.argmax(inside * sizes)] = True
    kept[0] = False
    return np.where(kept[piece], labels, np.uint8(0))


def _shares(piece: NDArray[np.int32], area: Area, sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of each piece's pixels, how many lie in the area."""
    return np.bincount(piece[area], minlength=len(sizes)) / np.maximum(sizes, 1)


def _filled(box: tuple[float, float, float, float], shape: Shape) -> Area:
    area = np.zeros(shape, bool)
    area[_pixels(box, shape)] = True
    return area


def _pixels(box: tuple[float, float, float, float], shape: Shape) -> Window:
    left, top, right, bottom = _clipped(box, shape[1], shape[0])
    return slice(int(top), int(np.ceil(bottom))), slice(int(left), int(np.ceil(right)))


def _clipped(box: tuple[float, float, float, float], width: int, height: int) -> tuple[float, ...]:
    return tuple(
        float(np.clip(value, 0, most))
        for value, most in zip(box, (width, height, width, height), strict=True)
    )
