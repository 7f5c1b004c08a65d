"""The event log in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from tryon.core.events import EventKind, LogEvent, subjects
from tryon.core.uploads import UploadKind
from tryon.stores.sqlite.database import Table, in_chunks
from tryon.stores.sqlite.tombstones import erased_among

_COLUMNS = "timestamp, user_id, item_id, component, step, event, run_id, recipe, duration_ms, message, data"


class SqliteEventLog(Table):
    def append(self, events: Sequence[LogEvent]) -> None:
        marks = ", ".join("?" * 11)
        about = [subjects(event) for event in events]
        with self._database.transaction() as connection:
            erased = erased_among(connection, set().union(*about))
            rows = [_row(event) for event, named in zip(events, about, strict=True) if not named & erased]
            connection.executemany(f"INSERT INTO events ({_COLUMNS}) VALUES ({marks})", rows)

    def read(
        self, *, user: str | None = None, key: str | None = None, after: int = 0, limit: int = 1000
    ) -> list[tuple[int, LogEvent]]:
        only = "" if user is None else "AND user_id = :user "
        only += "" if key is None else "AND recipe = :key "
        rows = self._database.connection().execute(
            f"SELECT position, {_COLUMNS} FROM events WHERE position > :after {only}ORDER BY position LIMIT :limit",
            {"after": after, "user": user, "key": key, "limit": limit},
        )
        return [(row["position"], _event(row)) for row in rows]

    def latest(self, limit: int, user: str | None = None) -> list[tuple[int, LogEvent]]:
        only = "" if user is None else "WHERE user_id = :user "
        rows = self._database.connection().execute(
            f"SELECT position, {_COLUMNS} FROM events {only}ORDER BY position DESC LIMIT :limit",
            {"user": user, "limit": limit},
        )
        return [(row["position"], _event(row)) for row in rows]

    def failures(self, limit: int) -> list[tuple[int, LogEvent]]:
        rows = self._query(
            f"SELECT position, {_COLUMNS} FROM events WHERE event = 'failed' ORDER BY position DESC LIMIT ?",
            [limit],
        )
        return [(row["position"], _event(row)) for row in rows]

    def last_ends(self, keys: Sequence[str]) -> dict[str, tuple[int, LogEvent]]:
        last = (
            "SELECT position FROM events WHERE recipe = asked.value AND event <> 'started' "
            "ORDER BY position DESC LIMIT 1"
        )
        rows = self._query(
            f"SELECT position, {_COLUMNS} FROM json_each(?) AS asked JOIN events ON position = ({last})",
            [json.dumps(list(keys))],
        )
        return {row["recipe"]: (row["position"], _event(row)) for row in rows}

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

    def keys(self, kind: UploadKind, upload_id: str) -> set[str]:
        where, values = _about(kind, upload_id)
        rows = self._query(
            f"SELECT DISTINCT recipe FROM events WHERE recipe IS NOT NULL AND ({where})", values
        )
        return {row["recipe"] for row in rows}

    def count(self, kind: UploadKind, upload_id: str) -> int:
        where, values = _about(kind, upload_id)
        found: int = self._query(f"SELECT count(*) FROM events WHERE {where}", values).fetchone()[0]
        return found

    def forget(self, kind: UploadKind, upload_id: str) -> int:
        where, values = _about(kind, upload_id)
        with self._database.transaction() as connection:
            return connection.execute(f"DELETE FROM events WHERE {where}", values).rowcount


def _about(kind: UploadKind, upload_id: str) -> tuple[str, tuple[str, ...]]:
    """The events whose `subjects` hold the upload. Ids hold no character that GLOB understands."""
    if kind is UploadKind.USER:
        return "user_id = ?", (upload_id,)
    step = "component GLOB 'stage.*' AND (step GLOB ? OR step GLOB ?)"
    return f"item_id = ? OR ({step})", (upload_id, f"{upload_id}.*", f"*+{upload_id}.*")


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
