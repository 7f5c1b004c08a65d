"""When a busy service is asked again: as late as it wants, a few times, and not for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, stop_before_delay

from tryon.core.errors import ServicePaused
from tryon.engines.openai_vision.failures import Busy, Stopped

T = TypeVar("T")


class Turns:
    """Shared by all threads: while the service wants to be left alone, nobody asks it.

    attempts: calls for one photo. seconds: after which no further call begins: a stage's lease has to outlast a batch.
    first_wait, longest_wait: seconds between calls where the service does not say; they double.
    """

    def __init__(
        self, attempts: int = 3, seconds: float = 60.0, first_wait: float = 0.5, longest_wait: float = 8.0
    ) -> None:
        self._attempts, self._seconds = attempts, seconds
        self._first_wait, self._longest_wait = first_wait, longest_wait
        self._free_at, self._lock = 0.0, threading.Lock()

    def call(self, ask: Callable[[], T], stopped: threading.Event) -> T:
        """ask's answer, or its last error. stopped: ends all waiting, with Stopped.

        Raises ServicePaused where the service wants to be left alone for longer than `seconds`: that is about the
        account and about no photo, and everything else that is asked would be refused too.
        """

        def wait(seconds: float) -> None:
            stopped.wait(seconds)

        retrying = Retrying(
            stop=stop_after_attempt(self._attempts) | stop_before_delay(self._seconds),
            wait=self._wait,
            retry=retry_if_exception_type(Busy),
            sleep=wait,
            reraise=True,
        )
        answer: T = retrying(self._turn, ask, stopped)
        return answer

    def _turn(self, ask: Callable[[], T], stopped: threading.Event) -> T:
        left = self._free_at - time.monotonic()
        if left > self._seconds:
            raise _paused("the model's service", left)
        if left > 0:
            stopped.wait(left)
        if stopped.is_set():
            raise Stopped("not asked: another photo's answer says that it is in vain")
        try:
            return ask()
        except Busy as error:
            with self._lock:
                self._free_at = max(self._free_at, time.monotonic() + (error.after or 0.0))
            if (error.after or 0.0) > self._seconds:
                raise _paused(str(error), error.after or 0.0) from None
            raise

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        doubled = self._first_wait * 2 ** (state.attempt_number - 1)
        after = error.after if isinstance(error, Busy) else None
        return min(self._longest_wait, doubled) if after is None else after


def _paused(told: str, seconds: float) -> ServicePaused:
    return ServicePaused(f"{told}: it wants to be left alone for {seconds:.0f} s; run it again after that")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from the headers retry-after-ms and retry-after (seconds, or an HTTP date); None without one."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        with suppress(KeyError, ValueError):
            seconds = float(headers[name]) * unit
            if isfinite(seconds):
                return max(0.0, seconds)
    with suppress(KeyError, ValueError, OverflowError):
        date = parsedate_to_datetime(headers["retry-after"])
        return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    return None
