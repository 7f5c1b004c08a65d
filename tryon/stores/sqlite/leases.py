"""Leases: one maker of a key at a time."""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from collections.abc import Iterator, Sequence

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


def lease_holder() -> str:
    """Names the process, so that a lease of a killed one on this machine lapses at once."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _alive(lease: sqlite3.Row, now: float) -> bool:
    host, pid, _ = (*str(lease["holder"]).split(":", 2), "", "")[:3]
    if (
        host == socket.gethostname()
        and pid.isdigit()
        and not os.path.exists(f"/proc/{pid}")
        and os.path.exists("/proc")
    ):
        return False
    return bool(lease["until"] > now)


def _leases(connection: sqlite3.Connection, keys: Sequence[str]) -> Iterator[sqlite3.Row]:
    for chunk in in_chunks(keys):
        marks = ", ".join("?" * len(chunk))
        yield from connection.execute(f"SELECT key, holder, until FROM leases WHERE key IN ({marks})", chunk)
