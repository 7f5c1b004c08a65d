"""The event log behind an outbox: appending needs this machine only, and everything else asks the log elsewhere."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from tryon.core.events import LogEvent
from tryon.core.uploads import UploadKind
from tryon.stores.outbox import Entry, Outbox

MOST_EVENTS = 500
"""Of one request: what a Firestore commit takes."""
HURRY_SECONDS = 5.0
"""So long at most an append waits for a log elsewhere that does not answer, and that once in a rest."""
FIRST_REST, LONGEST_REST = 1.0, 30.0
"""Seconds without trying after a failure; they double."""

Write = Callable[[Sequence[Entry]], None]

_logger = logging.getLogger(__name__)


class Remote(Protocol):
    """A log elsewhere: what tryon.core.events.EventLog asks, but for `append`."""

    def sender(self, seconds: float | None = None) -> Write:
        """For one turn at sending. What it is called with is stored all or nothing, each entry under its id: twice is
        as once. Entries about an upload that was erased, and is not there again, are dropped; of each upload that is
        looked up once. seconds: how long a call may try, at most."""
        ...

    def read(
        self, *, user: str | None = None, key: str | None = None, after: int = 0, limit: int = 1000
    ) -> list[tuple[int, LogEvent]]: ...

    def latest(self, limit: int, user: str | None = None) -> list[tuple[int, LogEvent]]: ...

    def failures(self, limit: int) -> list[tuple[int, LogEvent]]: ...

    def last_ends(self, keys: Sequence[str]) -> dict[str, tuple[int, LogEvent]]: ...

    def ends(self, keys: Sequence[str]) -> set[tuple[str, str]]: ...

    def keys(self, kind: UploadKind, upload_id: str) -> set[str]: ...

    def count(self, kind: UploadKind, upload_id: str) -> int: ...

    def forget(self, kind: UploadKind, upload_id: str) -> int: ...


class OutboxLog:
    """Implements tryon.core.events.EventLog.

    background: a thread sends what is appended; else each `append` does, unless another process is at it or the log
    elsewhere was away a moment ago. What a killed process left is sent by the next one. Readers send first, so they
    see what was appended before; while the log elsewhere is away they raise StoreAway. hurry: as HURRY_SECONDS.
    """

    def __init__(
        self, outbox: Outbox, remote: Remote, background: bool = False, hurry: float = HURRY_SECONDS
    ) -> None:
        self._outbox, self._remote, self._hurry = outbox, remote, hurry
        self._rest, self._resting_until = FIRST_REST, 0.0
        self._wake, self._closed = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="outbox", daemon=True) if background else None
        if self._thread:
            self._wake.set()
            self._thread.start()

    def append(self, events: Sequence[LogEvent]) -> None:
        self._outbox.append(events)
        if self._thread:
            self._wake.set()
        elif time.monotonic() >= self._resting_until:
            self._try(self._hurry)

    def flush(self) -> None:
        """Send all that was appended until now. Raises StoreError for what the log elsewhere raises; nothing is lost
        then. Entries that another sender has sent, but not dropped yet, are still pending, so they are waited for."""
        if not self._outbox.empty:
            with self._outbox.turn():
                self._send(None)

    def read(
        self, *, user: str | None = None, key: str | None = None, after: int = 0, limit: int = 1000
    ) -> list[tuple[int, LogEvent]]:
        self.flush()
        return self._remote.read(user=user, key=key, after=after, limit=limit)

    def latest(self, limit: int, user: str | None = None) -> list[tuple[int, LogEvent]]:
        self.flush()
        return self._remote.latest(limit, user)

    def failures(self, limit: int) -> list[tuple[int, LogEvent]]:
        self.flush()
        return self._remote.failures(limit)

    def last_ends(self, keys: Sequence[str]) -> dict[str, tuple[int, LogEvent]]:
        self.flush()
        return self._remote.last_ends(keys)

    def ends(self, keys: Sequence[str]) -> set[tuple[str, str]]:
        self.flush()
        return self._remote.ends(keys)

    def keys(self, kind: UploadKind, upload_id: str) -> set[str]:
        self.flush()
        return self._remote.keys(kind, upload_id)

    def count(self, kind: UploadKind, upload_id: str) -> int:
        self.flush()
        return self._remote.count(kind, upload_id)

    def forget(self, kind: UploadKind, upload_id: str) -> int:
        """In a turn: what others sent before is found, and whoever sends later looks up again what was erased."""
        with self._outbox.turn():
            self._send(None)
            return self._remote.forget(kind, upload_id)

    def close(self) -> None:
        """Try once more to send the rest, and end the thread."""
        self._closed.set()
        self._wake.set()
        if self._thread:
            self._thread.join()
        else:
            self._try(self._hurry)

    def _send(self, seconds: float | None) -> None:
        """What is there now: others may append for ever. A kill between the two steps sends the same entries again,
        under the same ids."""
        last, write = self._outbox.last, self._remote.sender(seconds)
        while entries := self._outbox.pending(MOST_EVENTS, last):
            write(entries)
            self._outbox.drop(entries)

    def _try(self, seconds: float | None) -> bool:
        """Whether all was sent, or another one is sending; after a failure there is a rest."""
        try:
            with self._outbox.turn(wait=False) as mine:
                if mine:
                    self._send(seconds)
        except Exception as error:  # noqa: BLE001 - it is told, and tried again: the sender must outlive it
            self._resting_until = time.monotonic() + self._rest
            self._rest = min(2 * self._rest, LONGEST_REST)
            _logger.warning("%d log events wait in the outbox: %s", self._outbox.count(), error)
            return False
        self._rest = FIRST_REST
        return True

    def _work(self) -> None:
        while not self._closed.is_set():
            self._wake.wait(LONGEST_REST)
            self._wake.clear()
            if not self._try(None):
                self._closed.wait(max(0.0, self._resting_until - time.monotonic()))
                self._wake.set()
        self._try(self._hurry)
        self._outbox.close()
