"""Digests of uploaded photos in SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tryon.stores.digests import Digest, Stamp
from tryon.stores.sqlite.database import Table

_REMEMBER = (
    "INSERT OR REPLACE INTO photo_digests (path, size, mtime_ns, ctime_ns, inode, sha256) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)


class SqliteDigests(Table):
    """Implements tryon.stores.digests.Digests."""

    def known(self) -> Mapping[str, Digest]:
        rows = self._query("SELECT path, size, mtime_ns, ctime_ns, inode, sha256 FROM photo_digests")
        return {
            row["path"]: Digest(
                Stamp(row["size"], row["mtime_ns"], row["ctime_ns"], int(row["inode"])), row["sha256"]
            )
            for row in rows
        }

    def remember(self, digests: Mapping[str, Digest]) -> None:
        rows = [
            (path, stamp.size, stamp.mtime_ns, stamp.ctime_ns, str(stamp.inode), sha256)
            for path, (stamp, sha256) in digests.items()
        ]
        with self._database.transaction() as connection:
            connection.executemany(_REMEMBER, rows)

    def forget(self, paths: Iterable[str]) -> None:
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM photo_digests WHERE path = ?", [(path,) for path in paths])
