"""Stores that fail: any store's calls raise, time out, lie, or hand out truncated bytes."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tryon.core.errors import StoreError


class Fault(StrEnum):
    RAISE = "raise"
    """Nothing was done, and the caller is told so."""
    TIME_OUT = "time_out"
    """Nothing was done, and the caller hears nothing for a while."""
    LIE = "lie"
    """It was done, but reported as failed: the answer was lost on its way."""
    TRUNCATE = "truncate"
    """A read that ends too early, and says nothing."""


BYTES = frozenset({"blobs.get", "uploads.open"})
"""Calls that answer with bytes, so that they can be cut off."""
TIMEOUT_SECONDS = 0.001
Chooser = Callable[[int, str], Fault | None]
"""(number of the call from 1, `port.method`) -> what goes wrong with it."""


@dataclass
class Faults:
    """Around every call of every store (bench/watched.py). names: of all calls so far, in order."""

    choose: Chooser
    seed: int = 0
    names: list[str] = field(default_factory=list)
    _off: bool = False

    def __post_init__(self) -> None:
        self._lock, self._random = threading.Lock(), random.Random(self.seed)

    def __call__(self, name: str, call: Callable[[], Any], /) -> Any:
        if self._off:
            return call()
        with self._lock:
            self.names.append(name)
            fault, cut = self.choose(len(self.names), name), self._random.random()
        return _suffer(fault, name, call, cut)

    @contextmanager
    def off(self) -> Iterator[None]:
        """To look at the stores as they are."""
        self._off = True
        try:
            yield
        finally:
            self._off = False


def _suffer(fault: Fault | None, name: str, call: Callable[[], Any], cut: float) -> Any:
    """cut: how much of the bytes arrives, 0..1."""
    if fault is Fault.RAISE:
        raise StoreError(f"{name}: the store refuses, as this check asked it to")
    if fault is Fault.TIME_OUT:
        time.sleep(TIMEOUT_SECONDS)
        raise TimeoutError(f"{name}: no answer, as this check asked for")
    answer = call()
    if fault is Fault.LIE:
        raise ConnectionResetError(f"{name}: done, but the answer was lost, as this check asked for")
    return answer[: int(cut * len(answer))] if fault is Fault.TRUNCATE else answer


def at_random(rate: float, seed: int) -> Chooser:
    """rate: share of calls that go wrong, 0..1; every fault that fits the call is as likely."""
    draw = random.Random(seed)

    def choose(number: int, name: str) -> Fault | None:
        fitting = [fault for fault in Fault if fault is not Fault.TRUNCATE or name in BYTES]
        return draw.choice(fitting) if draw.random() < rate else None

    return choose


def only(nth: int, fault: Fault) -> Chooser:
    """Exactly that call."""
    return lambda number, name: fault if number == nth else None
