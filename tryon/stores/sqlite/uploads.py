"""Uploads: their ordinals, and which are suspended."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from tryon.core.uploads import Item, Registered, UploadFile, UploadKind, User, sidecar_facts
from tryon.core.words import Category
from tryon.stores.sqlite.database import Table, in_chunks
from tryon.stores.sqlite.tombstones import closed_ids

_COLUMNS = "ordinal, kind, id, sha256, sidecar, suspended, shown, target, switched_at"
_LIVING = f"SELECT {_COLUMNS} FROM uploads WHERE buried_at IS NULL"
_OFFERED = f"{_LIVING} AND NOT suspended"
_ADD_UPLOAD = "INSERT INTO uploads (kind, id, sha256, sidecar) VALUES (?, ?, ?, ?)"
_CHANGE_UPLOAD = (
    "UPDATE uploads SET sha256 = ?, sidecar = ?, suspended = 0, suspended_at = NULL WHERE ordinal = ?"
)
_SUSPEND = (
    "UPDATE uploads SET suspended = 1, suspended_at = coalesce(suspended_at, ?) "
    "WHERE kind = ? AND id = ? AND buried_at IS NULL"
)


class UploadRegister(Table):
    def register(self, uploads: Sequence[UploadFile], listed_at: str | None = None) -> Registered:
        new: dict[UploadKind, list[str]] = {kind: [] for kind in UploadKind}
        changed: dict[UploadKind, list[str]] = {kind: [] for kind in UploadKind}
        with self._database.transaction() as connection:
            living = {(row["kind"], row["id"]): row for row in connection.execute(_LIVING)}
            closed = closed_ids(connection, listed_at)
            for upload in [one for one in uploads if (one.kind.value, one.id) not in closed - living.keys()]:
                known = living.get((upload.kind.value, upload.id))
                if known is None:
                    connection.execute(_ADD_UPLOAD, _upload_row(upload))
                    new[upload.kind].append(upload.id)
                elif (known["sha256"], known["sidecar"]) != _upload_row(upload)[2:] or known["suspended"]:
                    connection.execute(_CHANGE_UPLOAD, (*_upload_row(upload)[2:], known["ordinal"]))
                    changed[upload.kind].append(upload.id)
        user, item = UploadKind.USER, UploadKind.ITEM
        return Registered(tuple(new[user]), tuple(changed[user]), tuple(new[item]), tuple(changed[item]))

    def users(self) -> list[User]:
        return [_user(row) for row in self._query(f"{_OFFERED} AND kind = 'user' ORDER BY ordinal")]

    def items(self) -> list[Item]:
        return [_item(row) for row in self._query(f"{_OFFERED} AND kind = 'item' ORDER BY ordinal")]

    def user(self, user_id: str) -> User | None:
        row = self._query(f"{_OFFERED} AND kind = 'user' AND id = ?", (user_id,)).fetchone()
        return _user(row) if row else None

    def some_items(self, item_ids: Sequence[str]) -> list[Item]:
        rows = (
            row
            for chunk in in_chunks(list(dict.fromkeys(item_ids)))
            for row in self._query(
                f"{_OFFERED} AND kind = 'item' AND id IN ({', '.join('?' * len(chunk))})", chunk
            )
        )
        return sorted(map(_item, rows))

    def items_mark(self) -> str:
        number: int = self._query("SELECT number FROM marks WHERE what = 'items'").fetchone()[0]
        return str(number)

    def suspend(self, uploads: Sequence[tuple[UploadKind, str]], at: str) -> None:
        with self._database.transaction() as connection:
            connection.executemany(_SUSPEND, [(at, kind.value, upload_id) for kind, upload_id in uploads])

    def suspended(self) -> list[tuple[UploadKind, str]]:
        rows = self._query(f"{_LIVING} AND suspended ORDER BY ordinal")
        return [(UploadKind(row["kind"]), row["id"]) for row in rows]


def _upload_row(upload: UploadFile) -> tuple[str, str, str, str]:
    return (
        upload.kind.value,
        upload.id,
        upload.sha256,
        json.dumps(sidecar_facts(upload.sidecar), sort_keys=True),
    )


def _user(row: sqlite3.Row) -> User:
    consent = json.loads(row["sidecar"])["consent"]
    who = (row["ordinal"], row["id"], row["sha256"])
    return User(*who, consent["version"], consent["at"], row["shown"], row["target"], row["switched_at"])


def _item(row: sqlite3.Row) -> Item:
    categories = json.loads(row["sidecar"])["categories"]
    return Item(row["ordinal"], row["id"], row["sha256"], tuple(Category(c) for c in categories))
