"""Finding and deleting what was made from one upload, in the rows and in the bytes of the file."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from tryon.core.uploads import UploadRef
from tryon.stores.sqlite.database import Table, in_chunks
from tryon.stores.sqlite.orders import orders_with

_KEYED = ("leases", "attempts")
"""Tables with a column `key`, besides the records."""
_NAMES = "user IS ? AND (user IS NOT NULL OR item IS ?) AND sha256 IN ({marks})"


class Traces(Table):
    def names(self, paths: Sequence[str], besides: UploadRef | None = None) -> set[str]:
        but = "" if besides is None else "AND instr(uploads, ?) = 0"
        mention = [] if besides is None else [mention_of(besides)]
        found: set[str] = set()
        for folder, files in _by_folder(paths).items():
            kind, owner = folder.split("/")
            place = (owner, None) if kind == "users" else (None, owner)
            for chunk in in_chunks(files):
                where = _NAMES.format(marks=", ".join("?" * len(chunk)))
                digests = [name.partition(".")[0] for name in chunk]
                rows = self._query(
                    f"SELECT sha256, suffix FROM products WHERE {where} {but}", (*place, *digests, *mention)
                )
                found |= {f"{folder}/{row['sha256']}.{row['suffix']}" for row in rows}
        return found & set(paths)

    def unpublish(self, upload: UploadRef) -> int:
        with self._database.transaction() as connection:
            return connection.execute(
                "DELETE FROM products WHERE instr(uploads, ?) > 0", (mention_of(upload),)
            ).rowcount

    def kept_keys(self, keys: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for table in _KEYED:
            for chunk in in_chunks(keys):
                marks = ", ".join("?" * len(chunk))
                found |= {
                    row["key"]
                    for row in self._query(f"SELECT key FROM {table} WHERE key IN ({marks})", chunk)
                }
        return found | set(orders_with(self._database.connection(), keys))

    def drop_keys(self, keys: Sequence[str]) -> int:
        dropped, tables = 0, _KEYED
        with self._database.transaction() as connection:
            for table in tables:
                for chunk in in_chunks(keys):
                    marks = ", ".join("?" * len(chunk))
                    dropped += connection.execute(
                        f"DELETE FROM {table} WHERE key IN ({marks})", chunk
                    ).rowcount
            orders = set(orders_with(connection, keys).values())
            connection.executemany("DELETE FROM orders WHERE id = ?", [(order,) for order in orders])
            connection.execute("DELETE FROM leases WHERE until <= ?", (time.time(),))
        return dropped + len(orders)

    def scrub(self) -> bool:
        return self._database.scrub()


def mention_of(upload: UploadRef) -> str:
    """As the column `uploads` of a product names it."""
    return json.dumps([upload.kind.value, upload.id, upload.ordinal])


def _by_folder(paths: Sequence[str]) -> dict[str, list[str]]:
    """Blob paths are `users/<id>/<file>` or `items/<id>/<file>`."""
    found: dict[str, list[str]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        found.setdefault(folder, []).append(name)
    return found
