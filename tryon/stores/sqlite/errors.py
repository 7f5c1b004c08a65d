"""SQLite's errors by name, and the cursor that raises them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tryon.core.errors import DiskFull, ReadOnly, StoreDamaged, StoreError, StoreLocked, StoreUnusable
from tryon.stores.disk import AGAIN, free, probe

DAMAGED = "look with `fashion doctor`, end all runs, and restore it from a backup (docs/runbook.md)"


@contextmanager
def named_errors(path: Path) -> Iterator[None]:
    """Raise StoreError for what is wrong with the file `path`; a wrong statement keeps its own error."""
    try:
        yield
    except sqlite3.Error as error:
        named = store_error(path, error)
        if named is None:
            raise
        raise named from error


def store_error(path: Path, error: sqlite3.Error) -> StoreError | None:
    """The primary result code is the low byte: https://www.sqlite.org/rescode.html"""
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return _full(path)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreLocked(
                f"another process keeps the database {path} locked; end it (`fuser` on that file names it), {AGAIN}"
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return probe(path.parent) or ReadOnly(
                f"the database {path} may not be written; give this user permission, {AGAIN}"
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StoreDamaged(f"the database {path} is damaged ({error}); {DAMAGED}")
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN:
            # Of a full or read-only disk SQLite often says no more than this.
            return probe(path.parent) or StoreError(
                f"the database {path} cannot be read or written ({error}); check the disk, {AGAIN}"
            )
    return None


def _full(path: Path) -> StoreUnusable:
    """A rollback gives space back, so the disk itself cannot be asked whether it was full a moment ago."""
    return DiskFull(f"no space was left for the database {path}{free(path)}; free some on its disk, {AGAIN}")


class Cursor(sqlite3.Cursor):
    """A statement runs up to its first row inside `execute`, so this is where a store's errors come up."""

    connection: Connection

    def execute(self, sql: str, parameters: object = (), /) -> Cursor:
        with named_errors(self.connection.path):
            super().execute(sql, parameters)  # type: ignore[arg-type]
        return self

    def executemany(self, sql: str, rows: object, /) -> Cursor:
        with named_errors(self.connection.path):
            super().executemany(sql, rows)  # type: ignore[arg-type]
        return self


class Connection(sqlite3.Connection):
    path: Path

    def cursor(self, factory: object = Cursor) -> Cursor:  # type: ignore[override]
        return super().cursor(factory)  # type: ignore[call-overload, no-any-return]

    def execute(self, sql: str, parameters: object = (), /) -> Cursor:
        return self.cursor().execute(sql, parameters)

    def executemany(self, sql: str, rows: object, /) -> Cursor:
        return self.cursor().executemany(sql, rows)
