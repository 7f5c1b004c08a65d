"""Opening the database file: one connection a thread, WAL, migrations in order."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from tryon.core.errors import StoreLocked
from tryon.stores import disk
from tryon.stores.sqlite.errors import Connection, named_errors

BUSY_SECONDS = 30.0


class Database:
    """A SQLite file shared by threads and processes.

    synchronous=FULL: a commit that returned survives a power cut; that is what "published" means.
    busy_seconds: how long a statement waits for another process's lock. A file or a disk that cannot be used
    raises StoreError (DiskFull, ReadOnly, StoreLocked, StoreDamaged), and nothing of the transaction stays.
    secure_delete=ON: deleted rows are overwritten, not left in free pages.
    """

    def __init__(self, path: Path, busy_seconds: float = BUSY_SECONDS) -> None:
        with disk.named_errors(path.parent):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # Photos of people lie in it.
        self.path, self._busy_seconds = path, busy_seconds
        self._local = threading.local()
        self._migrate()

    def connection(self) -> sqlite3.Connection:
        existing: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if existing is not None:
            return existing
        with named_errors(self.path):
            connection = sqlite3.connect(
                self.path, timeout=self._busy_seconds, isolation_level=None, factory=Connection
            )
        connection.path = self.path
        connection.row_factory = sqlite3.Row
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
        except BaseException:
            connection.close()
            raise
        self._local.connection = connection
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """IMMEDIATE: take the write lock first, so a read inside cannot be overtaken before the write."""
        connection = self.connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            # On a full disk SQLite has rolled back by itself.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def scrub(self) -> bool:
        """Make deleted rows unreadable in the file; False while a reader or writer holds it up.

        `secure_delete` zeroes deleted rows, but not the copies that stay in a page when its rows move to another: only
        VACUUM writes a file that never held them. Then the WAL, which holds old pages, is emptied.
        """
        connection = self.connection()
        try:
            connection.execute("VACUUM")
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except StoreLocked:
            return False
        return not busy

    def close(self) -> None:
        """Close this thread's connection."""
        existing: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if existing is not None:
            existing.close()
            self._local.connection = None

    def _migrate(self) -> None:
        steps = migrations()
        with self.transaction() as connection:
            done = int(connection.execute("PRAGMA user_version").fetchone()[0])
            for number, step in enumerate(steps[done:], start=done + 1):
                for statement in _statements(step):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")


def migrations() -> list[str]:
    """Every step of the schema, in order: their count is the schema's version."""
    scripts = {
        s.name: s.read_text()
        for s in (files(__package__) / "migrations").iterdir()
        if s.name.endswith(".sql")
    }
    return [scripts[name] for name in sorted(scripts)]


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
