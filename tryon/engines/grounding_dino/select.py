"""Scored boxes -> one answer a garment. Arrays in, words out: no model is needed to reason about it.

A box belongs to the phrase that fits it best, be it that of something nobody asked for: this is how the sliver of a
shirt under a sweater is told from the sweater. Of boxes that mean the same thing the best stays, whatever its phrase.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tryon.core.ports import Detected
from tryon.core.words import Refused
from tryon.engines.grounding_dino.overlap import areas, suppress
from tryon.engines.grounding_dino.phrases import Question
from tryon.engines.grounding_dino.refusals import (
    not_found,
    not_told_apart,
    too_small,
    without_words,
    won_by_another,
)
from tryon.engines.grounding_dino.scores import Floats

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Limits:
    """threshold: least score of a box, as in the model's own post-processing. overlap: intersection over union
    above which two boxes are one thing. huge: share of the photo above which a box tells nothing where more than
    one thing is to be seen (the model tends to answer one such box). padding: added on every side, of the box's
    longer side. min_side: pixels of a crop's shorter side, as judge_crop asks for."""

    threshold: float = 0.25
    overlap: float = 0.6
    huge: float = 0.9
    padding: float = 0.04
    min_side: int = 64


@dataclass(frozen=True, slots=True)
class Found:
    """boxes: float32 [N, 4], left, top, right, bottom in pixels, inside the photo.
    scores: float32 [N, phrases] in 0..1, how well each box fits each phrase of the question."""

    boxes: Floats
    scores: Floats


def select(
    found: Found, question: Question, size: tuple[int, int], limits: Limits
) -> tuple[Detected | Refused, ...]:
    """One answer for each entry of `question.asked`. size: (width, height) of the photo.

    Refused: no_phrase, garment_not_found, won_by_another, not_told_apart, garment_too_small.
    """
    if not question.phrases:
        return (without_words(),) * len(question.asked)
    sure = found.scores.max(axis=1) >= limits.threshold
    huge = sure & (areas(found.boxes) > limits.huge * size[0] * size[1]) & (not question.alone)
    usable = np.flatnonzero(sure & ~huge)
    kept = Found(found.boxes[usable], found.scores[usable])
    huge_scores = found.scores[huge]
    return _Choice(kept, question, size, limits).answers(huge_scores)


class _Choice:
    """The boxes of one photo that may be used, each given to one phrase."""

    def __init__(self, found: Found, question: Question, size: tuple[int, int], limits: Limits) -> None:
        self._found, self._question, self._limits = found, question, limits
        self._owner = found.scores.argmax(axis=1)
        stay, self._taker = suppress(found.boxes, found.scores.max(axis=1), limits.overlap)
        self._boxes = [padded(found.boxes[place], size, limits.padding) for place in stay]
        self._stay = stay

    def answers(self, huge: Floats) -> tuple[Detected | Refused, ...]:
        """huge: scores [M, phrases] of the boxes that were too large to tell anything."""
        places: dict[int, list[Detected]] = {}
        for place, box in zip(self._stay, self._boxes, strict=True):
            if min(sides(box)) >= self._limits.min_side:
                score = float(self._found.scores[place].max())
                places.setdefault(int(self._owner[place]), []).append(Detected(box, None, score))
        return tuple(self._answer(phrase, places, huge) for phrase in self._question.asked)

    def _answer(
        self, phrase: int | None, places: dict[int, list[Detected]], huge: Floats
    ) -> Detected | Refused:
        """Takes the best box of this phrase away, so that a second garment of the same words gets another one."""
        if phrase is None:
            return without_words()
        if places.get(phrase):
            return places[phrase].pop(0)
        return self._refused(phrase, huge)

    def _refused(self, phrase: int, huge: Floats) -> Refused:
        name, scores = self._question.phrases[phrase], self._found.scores[:, phrase]
        small = [
            box for place, box in zip(self._stay, self._boxes, strict=True) if self._small(place, box, phrase)
        ]
        if small:
            return too_small(name, sides(small[0]), self._limits.min_side)
        winner = self._winner(phrase) if (scores >= self._limits.threshold).any() else phrase
        if winner != phrase:
            return won_by_another(name, self._question.phrases[winner])
        if (huge[:, phrase] >= self._limits.threshold).any():
            return not_told_apart(name)
        return not_found(name)

    def _small(self, place: int, box: Box, phrase: int) -> bool:
        return int(self._owner[place]) == phrase and min(sides(box)) < self._limits.min_side

    def _winner(self, phrase: int) -> int:
        """The phrase that has the box which fits this one best."""
        best = int(self._found.scores[:, phrase].argmax())
        return int(self._owner[self._taker[best]])


def padded(box: Floats | Sequence[float], size: tuple[int, int], share: float) -> Box:
    """Whole pixels around a box and `share` of its longer side, inside the photo of `size` (width, height).

    >>> padded([10.0, 20.5, 110.0, 70.5], (200, 72), 0.04)
    (6, 16, 114, 72)
    """
    left, top, right, bottom = (float(value) for value in box)
    pad = share * max(right - left, bottom - top)
    return (
        max(math.floor(left - pad), 0),
        max(math.floor(top - pad), 0),
        min(math.ceil(right + pad), size[0]),
        min(math.ceil(bottom + pad), size[1]),
    )


def sides(box: Box) -> tuple[int, int]:
    """Width and height."""
    return box[2] - box[0], box[3] - box[1]
