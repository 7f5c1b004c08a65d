"""The durable local outbox: a log event is on this machine's disk before anything else happens, and goes from there to
a log elsewhere, in order, once, however often the network or the process dies."""

from __future__ import annotations

import fcntl
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from tryon.core.events import EventKind, LogEvent
from tryon.stores.sqlite.database import BUSY_SECONDS, Database, Table

MAX_POSITION = 2**53 - 1
"""What JSON readers can hold."""
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS pending (position INTEGER PRIMARY KEY, event TEXT NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS outbox (id TEXT NOT NULL, last INTEGER NOT NULL) STRICT",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """id: of the outbox and the position in it, the same however often the entry is sent. facts: of the event."""

    position: int
    id: str
    facts: Mapping[str, Any]

    @property
    def event(self) -> LogEvent:
        kind = EventKind(self.facts["event"])
        return LogEvent(
            **{**{name: self.facts[name] for name in self.facts if name != "level"}, "event": kind}
        )


class _File(Database):
    def _migrate(self) -> None:
        with self.transaction() as connection:
            for statement in _SCHEMA:
                connection.execute(statement)
            if connection.execute("SELECT 1 FROM outbox").fetchone() is None:
                connection.execute("INSERT INTO outbox VALUES (?, 0)", (uuid4().hex,))


class Outbox(Table):
    """A SQLite file, shared by the threads and processes of one machine.

    Positions rise by the clock, in microseconds, so that an outbox made after the loss of another continues where that
    one was; when the clock stands or is set back they rise by one.
    """

    def __init__(self, path: Path, busy_seconds: float = BUSY_SECONDS) -> None:
        super().__init__(_File(path, busy_seconds))
        # SQLite lets threads that wait for its lock sleep ever longer; a busy writer would starve the sender.
        self._writing = threading.Lock()
        self._turns = path.with_name(f"{path.name}.turn")
        self._id: str = self._query("SELECT id FROM outbox").fetchone()["id"]

    def append(self, events: Sequence[LogEvent]) -> None:
        """All or nothing; they survive a power cut once this returns."""
        with self._writing, self._database.transaction() as connection:
            last = int(connection.execute("SELECT last FROM outbox").fetchone()["last"])
            first = max(last + 1, time.time_ns() // 1000)
            rows = [(first + n, json.dumps(event.facts())) for n, event in enumerate(events)]
            connection.executemany("INSERT INTO pending VALUES (?, ?)", rows)
            connection.execute("UPDATE outbox SET last = ?", (first + len(rows) - 1 if rows else last,))

    @property
    def last(self) -> int:
        """The position given last; 0 before the first."""
        return int(self._query("SELECT last FROM outbox").fetchone()["last"])

    def pending(self, limit: int, last: int = MAX_POSITION) -> list[Entry]:
        """The oldest that were not dropped, in order, up to the position `last`."""
        rows = self._query(
            "SELECT position, event FROM pending WHERE position <= ? ORDER BY position LIMIT ?", (last, limit)
        )
        return [
            Entry(row["position"], f"{self._id} {row['position']}", json.loads(row["event"])) for row in rows
        ]

    def count(self) -> int:
        found: int = self._query("SELECT count(*) FROM pending").fetchone()[0]
        return found

    @property
    def empty(self) -> bool:
        return self._query("SELECT 1 FROM pending LIMIT 1").fetchone() is None

    def drop(self, entries: Sequence[Entry]) -> None:
        """What has arrived: the oldest ones, as `pending` gave them."""
        if entries:
            with self._writing, self._database.transaction() as connection:
                connection.execute("DELETE FROM pending WHERE position <= ?", (entries[-1].position,))

    @contextmanager
    def turn(self, wait: bool = True) -> Iterator[bool]:
        """One sender at a time, among all threads and processes. False: another one is at it.

        The system takes a dead holder's lock away.
        """
        with self._turns.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
                return
            yield True

    def scrub(self) -> bool:
        """Make what was sent unreadable in the file too. False while another process holds it up."""
        return self._database.scrub()

    def close(self) -> None:
        """This thread's connection."""
        self._database.close()
