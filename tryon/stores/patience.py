"""When a store on the network is asked again: as late as it wants, a few times, and not for ever."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, stop_before_delay

from tryon.core.errors import StoreBusy

T = TypeVar("T")

BUSY_STATUS = frozenset({408, 420, 425, 429})
"""With every 5xx: the same request may be answered later. 420 is Cloudinary's word for 429."""


class Busy(Exception):
    """No usable answer: the request may have been carried out or not. after: seconds that the store asks for."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class NotThere(Exception):
    """The store has nothing of this name."""


class AlreadyThere(Exception):
    """The store has something of this name."""


@dataclass(frozen=True, slots=True)
class Patience:
    """attempts: calls for one answer. seconds: after which no further call begins: one blob must not outlast the lease
    of its batch (900 s). first_wait, longest_wait: seconds between calls where the store does not say; they double."""

    attempts: int = 5
    seconds: float = 60.0
    first_wait: float = 0.2
    longest_wait: float = 8.0

    def call(self, ask: Callable[[], T]) -> T:
        """ask's answer; asks again while it raises Busy. Raises StoreBusy in the end."""
        retrying = Retrying(
            stop=stop_after_attempt(self.attempts) | stop_before_delay(self.seconds),
            wait=self._wait,
            retry=retry_if_exception_type(Busy),
            reraise=True,
        )
        try:
            return retrying(ask)
        except Busy as error:
            told = str(error)
        raise StoreBusy(f"{told}; nothing is half stored: run the same command again later")

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        doubled = self.first_wait * 2.0 ** (state.attempt_number - 1)
        after = error.after if isinstance(error, Busy) else None
        return min(self.longest_wait, doubled) if after is None else after


class Tries:
    """The attempts of one change: whether an earlier one got no answer, and so may have been carried out."""

    def __init__(self) -> None:
        self.unsure = False

    def mark(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except Busy:
            self.unsure = True
            raise


def is_busy(status: int) -> bool:
    return status in BUSY_STATUS or status >= 500


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from the header Retry-After (seconds, or an HTTP date); None without one."""
    text = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    with suppress(ValueError):
        seconds = float(text)
        return max(0.0, seconds) if isfinite(seconds) else None
    with suppress(ValueError):
        date = parsedate_to_datetime(text)
        return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    return None
