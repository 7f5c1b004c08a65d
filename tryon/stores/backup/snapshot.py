"""The database as it was at one moment, copied while others write to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tryon.core.errors import StoreDamaged
from tryon.stores.backup.manifest import Entry
from tryon.stores.sqlite.database import BUSY_SECONDS
from tryon.stores.sqlite.errors import DAMAGED, named_errors

Upload = tuple[str, str, int]
"""Kind, id and ordinal."""
_NAMED = (
    "SELECT user, item, sha256, suffix, size, min(stage || ' ' || name) FROM products "
    "WHERE verdict = 'published' GROUP BY user, CASE WHEN user IS NULL THEN item END, sha256, suffix"
)


class NamedBlob(NamedTuple):
    """A blob that a record names. product: what a message calls it."""

    path: str
    entry: Entry
    product: str


@dataclass(frozen=True)
class Snapshot:
    """A copy at `path`, one file, of the living database at `source`."""

    path: Path
    source: Path

    def blobs(self) -> list[NamedBlob]:
        return [
            NamedBlob(
                f"blobs/{f'users/{user}' if user is not None else f'items/{item}'}/{sha256}.{suffix}",
                Entry(sha256, size),
                f"{product} of {user if user is not None else item}",
            )
            for user, item, sha256, suffix, size, product in _rows(self.path, _NAMED)
        ]

    def counts(self) -> dict[str, int]:
        living = "SELECT count(*) FROM uploads WHERE buried_at IS NULL AND kind"
        return {
            "users": _number(self.path, f"{living} = 'user'"),
            "items": _number(self.path, f"{living} = 'item'"),
            "records": _number(self.path, "SELECT count(*) FROM products"),
        }

    @property
    def schema(self) -> int:
        return _number(self.path, "PRAGMA user_version")

    def erased_since(self) -> bool:
        """Whether a tombstone was set after this copy was made."""
        return buried(self.source) != buried(self.path)


@contextmanager
def take(source: Path, folder: Path) -> Iterator[Snapshot]:
    """A checked copy in `folder`, deleted at the end of the block. Writers go on meanwhile."""
    copy = folder / ".snapshot.part"
    _remove(copy)
    try:
        with named_errors(source), closing(_open(source)) as living, closing(_open(copy)) as target:
            copy.chmod(0o600)
            living.backup(target)
            # Without a -wal file beside it, so that one file is all of it.
            target.execute("PRAGMA journal_mode = DELETE")
            check(target, source)
        yield Snapshot(copy, source)
    finally:
        _remove(copy)


def check(connection: sqlite3.Connection, name: Path) -> None:
    """Raises StoreDamaged."""
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise StoreDamaged(f"the database {name} is damaged ({found}); {DAMAGED}")


def buried(database: Path) -> set[Upload]:
    return set(_rows(database, "SELECT kind, id, ordinal FROM uploads WHERE buried_at IS NOT NULL"))


def living(database: Path) -> set[Upload]:
    return set(_rows(database, "SELECT kind, id, ordinal FROM uploads WHERE buried_at IS NULL"))


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)


def _rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with named_errors(path), closing(_open(path)) as connection:
        return connection.execute(sql).fetchall()


def _number(path: Path, sql: str) -> int:
    return int(_rows(path, sql)[0][0])


def _remove(path: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
