"""Phrases -> prompts that fit the text encoder, and where in them each phrase stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tryon.engines.grounding_dino.phrases import Question, Spans

FRAME = 2
"""[CLS] and [SEP]."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """text: `a white shirt. blue jeans.`. phrases: places in `Question.phrases`, in the order of the text.
    spans: the characters of each, start inclusive, end exclusive."""

    text: str
    phrases: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]


def prompts(question: Question, spans: Spans, most: int) -> tuple[Prompt, ...]:
    """One prompt if it has at most `most` tokens, else several: each has wanted phrases, and every wanted phrase
    meets every phrase of something else in one of them."""
    cost = [len(spans(phrase)) + 1 for phrase in question.phrases]
    room = most - FRAME
    if sum(cost) <= room:
        return (_write(question, range(len(cost))),)
    wanted, others = range(question.wanted), range(question.wanted, len(cost))
    asked = _packed(wanted, cost, room // 2)
    left = room - max(sum(cost[place] for place in group) for group in asked)
    rest = _packed(others, cost, left)
    return tuple(_write(question, (*group, *distract)) for group in asked for distract in rest)


def _packed(places: Sequence[int], cost: Sequence[int], room: int) -> list[list[int]]:
    """In order, as few groups of at most `room` tokens as that allows; a longer phrase stands alone.

    >>> _packed(range(3), [2, 3, 4], 5)
    [[0, 1], [2]]
    """
    groups: list[list[int]] = [[]]
    used = 0
    for place in places:
        if groups[-1] and used + cost[place] > room:
            groups.append([])
            used = 0
        groups[-1].append(place)
        used += cost[place]
    return groups


def _write(question: Question, places: Sequence[int]) -> Prompt:
    text, spans = "", []
    for place in places:
        text += " " if text else ""
        spans.append((len(text), len(text) + len(question.phrases[place])))
        text += question.phrases[place] + "."
    return Prompt(text, tuple(places), tuple(spans))
