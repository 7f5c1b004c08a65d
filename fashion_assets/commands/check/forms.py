"""A form of request: sent once or many times, and what came of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from fashion_assets.commands.check.asking import Door, Took, Wrong


@dataclass(frozen=True)
class Answered:
    """said: what a person wants to know of it. pictures: how many it was about. failures: one sentence for each of
    them that failed, though the request did not."""

    took: Took
    said: str
    pictures: int = 1
    failures: tuple[str, ...] = ()


Request = Callable[[Door], Answered]
"""Raises Wrong."""


@dataclass(frozen=True)
class Form:
    name: str
    requests: Sequence[Request]


@dataclass(frozen=True)
class Outcome:
    """seconds: of each request that was answered well, without waiting. wall: for all of them, with it. busy: how often
    the service said "later"."""

    name: str
    pictures: int
    seconds: tuple[float, ...]
    wall: float
    busy: int
    said: tuple[str, ...]
    failures: tuple[str, ...]

    @property
    def mean(self) -> float | None:
        return sum(self.seconds) / len(self.seconds) if self.seconds else None

    @property
    def slowest(self) -> float | None:
        return max(self.seconds, default=None)

    def facts(self) -> dict[str, object]:
        return {
            "form": self.name,
            "pictures": self.pictures,
            "failed": len(self.failures),
            "busy": self.busy,
            "wall_s": round(self.wall, 3),
            "mean_s": _rounded(self.mean),
            "slowest_s": _rounded(self.slowest),
            "said": counted(self.said),
            "failures": counted(self.failures),
        }


def send(door: Door, form: Form, at_once: int = 1) -> Outcome:
    """Every request of the form, some at a time; one that fails does not keep the others."""
    started = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        found = list(pool.map(lambda request: _one(door, request), form.requests))
    wall = time.perf_counter() - started
    answers = [answer for answer in found if isinstance(answer, Answered)]
    inside = [failure for answer in answers for failure in answer.failures]
    return Outcome(
        form.name,
        sum(answer.pictures for answer in answers) + len(found) - len(answers),
        tuple(answer.took.seconds for answer in answers),
        wall,
        sum(answer.took.busy for answer in answers),
        tuple(answer.said for answer in answers),
        (*(str(wrong) for wrong in found if isinstance(wrong, Wrong)), *inside),
    )


def _one(door: Door, request: Request) -> Answered | Wrong:
    try:
        return request(door)
    except Wrong as wrong:
        return wrong


def counted(texts: Sequence[str]) -> list[str]:
    """Each once, the most frequent ones first, with how often it came."""
    return [text if count == 1 else f"{count} x {text}" for text, count in Counter(texts).most_common()]


def expect(fact: bool, otherwise: str) -> None:
    if not fact:
        raise Wrong(otherwise)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
