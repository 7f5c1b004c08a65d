"""Leases: one maker of a key at a time."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence

from tryon.core.records import Lease
from tryon.stores.holders import OVERDUE_SECONDS, holder_lives
from tryon.stores.sqlite.database import Table, in_chunks


class Leases(Table):
    def claim(self, keys: Sequence[str], holder: str, seconds: float) -> set[str]:
        now = time.time()
        with self._database.transaction() as connection:
            taken = {
                row["key"]
                for row in _leases(connection, keys)
                if row["holder"] != holder and _alive(row, now)
            }
            free = [key for key in dict.fromkeys(keys) if key not in taken]
            connection.executemany(
                "INSERT OR REPLACE INTO leases (key, holder, until) VALUES (?, ?, ?)",
                [(key, holder, now + seconds) for key in free],
            )
        return set(free)

    def release(self, keys: Sequence[str], holder: str) -> None:
        with self._database.transaction() as connection:
            connection.executemany(
                "DELETE FROM leases WHERE key = ? AND holder = ?", [(key, holder) for key in keys]
            )

    def leases(self) -> list[Lease]:
        now, rows = time.time(), self._query("SELECT key, holder, until FROM leases ORDER BY key")
        return [Lease(row["key"], row["holder"], _may_publish(row, now)) for row in rows]


def _alive(lease: sqlite3.Row, now: float) -> bool:
    return holder_lives(str(lease["holder"])) is not False and bool(lease["until"] > now)


def _may_publish(lease: sqlite3.Row, now: float) -> bool:
    """An overdue holder lost its key to whoever wants it, but it may be alive and about to publish."""
    lives = holder_lives(str(lease["holder"]))
    return bool(lease["until"] + OVERDUE_SECONDS > now) if lives is None else lives


def _leases(connection: sqlite3.Connection, keys: Sequence[str]) -> Iterator[sqlite3.Row]:
    for chunk in in_chunks(keys):
        marks = ", ".join("?" * len(chunk))
        yield from connection.execute(f"SELECT key, holder, until FROM leases WHERE key IN ({marks})", chunk)
