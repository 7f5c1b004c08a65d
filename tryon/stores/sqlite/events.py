"""The event log in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from tryon.core.events import EventKind, LogEvent
from tryon.stores.sqlite.database import Database, in_chunks

_COLUMNS = "timestamp, user_id, item_id, component, step, event, run_id, recipe, duration_ms, message, data"


class SqliteEventLog:
    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, events: Sequence[LogEvent]) -> None:
        marks = ", ".join("?" * 11)
        with self._database.transaction() as connection:
            connection.executemany(f"INSERT INTO events ({_COLUMNS}) VALUES ({marks})", map(_row, events))

    def read(
        self, *, user: str | None = None, after: int = 0, limit: int = 1000
    ) -> list[tuple[int, LogEvent]]:
        only = "" if user is None else "AND user_id = :user"
        rows = self._database.connection().execute(
            f"SELECT position, {_COLUMNS} FROM events WHERE position > :after {only} ORDER BY position LIMIT :limit",
            {"after": after, "user": user, "limit": limit},
        )
        return [(row["position"], _event(row)) for row in rows]

    def ends(self, keys: Sequence[str]) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for chunk in in_chunks(keys):
            marks = ", ".join("?" * len(chunk))
            found |= {
                (row["run_id"], row["recipe"])
                for row in self._database.connection().execute(
                    f"SELECT run_id, recipe FROM events WHERE recipe IN ({marks}) "
                    "AND event IN ('finished', 'refused')",
                    tuple(chunk),
                )
            }
        return found


def _row(event: LogEvent) -> tuple[object, ...]:
    return (
        event.timestamp,
        event.user_id,
        event.item_id,
        event.component,
        event.step,
        event.event.value,
        event.run_id,
        event.recipe,
        event.duration_ms,
        event.message,
        json.dumps(dict(event.data)),
    )


def _event(row: sqlite3.Row) -> LogEvent:
    facts = {name: row[name] for name in _COLUMNS.split(", ")}
    return LogEvent(**{**facts, "event": EventKind(row["event"]), "data": json.loads(row["data"])})
