"""Tombstones: which uploads were erased, which are being erased, and their receipts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from tryon.core.uploads import Kept, Tombstone, UploadKind, UploadRef
from tryon.stores.sqlite.database import Table

_THIS = "kind = ? AND id = ? AND ordinal = ?"
_OPEN = f"{_THIS} AND buried_at IS NOT NULL AND erased_at IS NULL"
_BURY = f"UPDATE uploads SET buried_at = ?, sha256 = '', sidecar = '{{}}' WHERE {_THIS} AND buried_at IS NULL"
_BURY_NEW = "INSERT INTO uploads (kind, id, sha256, sidecar, buried_at) VALUES (?, ?, '', '{}', ?)"
_TOMBSTONES = (
    "SELECT ordinal, kind, id, buried_at, coalesce(erased_at, '') AS erased_at, receipt FROM uploads "
    "WHERE buried_at IS NOT NULL ORDER BY ordinal"
)
_HIDDEN = "SELECT ordinal FROM uploads WHERE buried_at IS NOT NULL OR suspended"
_KEPT = (
    "SELECT ordinal, kind, id, coalesce(suspended_at, '') AS suspended_at, "
    "coalesce(sidecar ->> '$.consent.at', '') AS consent_at FROM uploads WHERE buried_at IS NULL ORDER BY ordinal"
)


class Tombstones(Table):
    def bury(self, upload: UploadRef, at: str) -> None:
        with self._database.transaction() as connection:
            connection.execute(_BURY, (at, *_place(upload)))

    def bury_unregistered(self, kind: UploadKind, upload_id: str, at: str) -> UploadRef:
        with self._database.transaction() as connection:
            ordinal = connection.execute(_BURY_NEW, (kind.value, upload_id, at)).lastrowid
        assert ordinal is not None, "an insert into a table with row ids gives one"
        return UploadRef(kind, upload_id, ordinal)

    def tombstones(self) -> list[Tombstone]:
        return [
            Tombstone(_ref(row), row["buried_at"], row["erased_at"], row["receipt"])
            for row in self._query(_TOMBSTONES)
        ]

    def erasing(self) -> list[UploadRef]:
        return [stone.ref for stone in self.tombstones() if not stone.erased_at]

    def gone(self, uploads: Sequence[UploadRef]) -> set[UploadRef]:
        hidden = {row["ordinal"] for row in self._query(_HIDDEN)}
        return {upload for upload in uploads if upload.ordinal in hidden}

    def kept(self) -> list[Kept]:
        return [Kept(_ref(row), row["suspended_at"], row["consent_at"]) for row in self._query(_KEPT)]

    def draft(self, upload: UploadRef, receipt: str) -> None:
        self._write(f"UPDATE uploads SET receipt = ? WHERE {_OPEN}", (receipt,), upload)

    def erased(self, upload: UploadRef, at: str, receipt: str) -> None:
        self._write(f"UPDATE uploads SET erased_at = ?, receipt = ? WHERE {_OPEN}", (at, receipt), upload)

    def _write(self, sql: str, values: tuple[str, ...], upload: UploadRef) -> None:
        with self._database.transaction() as connection:
            connection.execute(sql, (*values, *_place(upload)))


def closed_ids(connection: sqlite3.Connection, listed_at: str | None) -> set[tuple[str, str]]:
    """(kind, id) that must not be registered from a listing that began at `listed_at` (None: now)."""
    rows = connection.execute(
        "SELECT kind, id FROM uploads WHERE buried_at IS NOT NULL AND "
        "(erased_at IS NULL OR (:at IS NOT NULL AND erased_at >= :at))",
        {"at": listed_at},
    )
    return {(row["kind"], row["id"]) for row in rows}


def erased_among(
    connection: sqlite3.Connection, uploads: Iterable[tuple[UploadKind, str]]
) -> set[tuple[UploadKind, str]]:
    """Those with a tombstone that are not there again. One look-up in an index each."""
    return {
        (kind, upload_id)
        for kind, upload_id in uploads
        if connection.execute(_ERASED, {"kind": kind.value, "id": upload_id}).fetchone()
    }


_ERASED = (
    "SELECT 1 FROM uploads WHERE kind = :kind AND id = :id AND buried_at IS NOT NULL AND NOT EXISTS "
    "(SELECT 1 FROM uploads WHERE kind = :kind AND id = :id AND buried_at IS NULL) LIMIT 1"
)


def _place(upload: UploadRef) -> tuple[str, str, int]:
    return upload.kind.value, upload.id, upload.ordinal


def _ref(row: sqlite3.Row) -> UploadRef:
    return UploadRef(UploadKind(row["kind"]), row["id"], row["ordinal"])
