"""Opening the database file: one connection a thread, WAL, migrations in order."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

BUSY_SECONDS = 30.0


class Database:
    """A SQLite file shared by threads and processes.

    synchronous=FULL: a commit that returned survives a power cut; that is what "published" means.
    secure_delete=ON: deleted rows are overwritten, not left in free pages.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._local = threading.local()
        self._migrate()

    def connection(self) -> sqlite3.Connection:
        existing: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if existing is not None:
            return existing
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        self._local.connection = connection
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """IMMEDIATE: take the write lock first, so a read inside cannot be overtaken before the write."""
        connection = self.connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def close(self) -> None:
        """Close this thread's connection."""
        existing: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if existing is not None:
            existing.close()
            self._local.connection = None

    def _migrate(self) -> None:
        scripts = {
            s.name: s.read_text()
            for s in (files(__package__) / "migrations").iterdir()
            if s.name.endswith(".sql")
        }
        steps = [scripts[name] for name in sorted(scripts)]
        with self.transaction() as connection:
            done = int(connection.execute("PRAGMA user_version").fetchone()[0])
            for number, step in enumerate(steps[done:], start=done + 1):
                for statement in _statements(step):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")


def _statements(script: str) -> Iterator[str]:
    """executescript would commit the surrounding transaction, so a crash could leave half a migration."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


class Table:
    """Base of the code of one table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def _query(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._database.connection().execute(sql, tuple(values))


MOST_VARIABLES = 900
"""SQLite's historic limit of variables in a statement is 999."""


def in_chunks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + MOST_VARIABLES] for start in range(0, len(keys), MOST_VARIABLES))
