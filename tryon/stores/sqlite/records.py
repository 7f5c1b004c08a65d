"""Records in SQLite."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence

from tryon.core.recipes import Stage
from tryon.core.records import BlobFacts, History, Publication, Record, Standing, Verdict
from tryon.core.uploads import Item, Registered, UploadFile, UploadKind, UploadRef, User, sidecar_facts
from tryon.core.words import Category, Refused
from tryon.stores.sqlite.database import Database

_COLUMNS = (
    "key, generation, stage, name, user, item, verdict, recipe, uploads, run_id, published_at, token, "
    "seconds, cost_usd, sha256, suffix, size, code, message, facts"
)
_VERDICTS = {verdict.value: verdict for verdict in Verdict}


class SqliteRecords:
    def __init__(self, database: Database) -> None:
        self._database = database

    # Uploads ------------------------------------------------------------------------------------------

    def register(self, uploads: Sequence[UploadFile]) -> Registered:
        new: dict[UploadKind, list[str]] = {kind: [] for kind in UploadKind}
        changed: dict[UploadKind, list[str]] = {kind: [] for kind in UploadKind}
        with self._database.transaction() as connection:
            living = {(row["kind"], row["id"]): row for row in connection.execute(_LIVING)}
            for upload in uploads:
                known = living.get((upload.kind.value, upload.id))
                if known is None:
                    connection.execute(_ADD_UPLOAD, _upload_row(upload))
                    new[upload.kind].append(upload.id)
                elif (known["sha256"], known["sidecar"]) != _upload_row(upload)[2:]:
                    connection.execute(_CHANGE_UPLOAD, (*_upload_row(upload)[2:], known["ordinal"]))
                    changed[upload.kind].append(upload.id)
        user, item = UploadKind.USER, UploadKind.ITEM
        return Registered(tuple(new[user]), tuple(changed[user]), tuple(new[item]), tuple(changed[item]))

    def users(self) -> list[User]:
        return [_user(row) for row in self._query(f"{_LIVING} AND kind = 'user' ORDER BY ordinal")]

    def items(self) -> list[Item]:
        return [_item(row) for row in self._query(f"{_LIVING} AND kind = 'item' ORDER BY ordinal")]

    def bury(self, upload: UploadRef, at: str) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE uploads SET buried_at = coalesce(buried_at, ?) WHERE kind = ? AND id = ? AND ordinal = ?",
                (at, upload.kind.value, upload.id, upload.ordinal),
            )

    # Products -----------------------------------------------------------------------------------------

    def publish(self, records: Sequence[Record]) -> list[Publication]:
        with self._database.transaction() as connection:
            buried = {
                row[0]
                for row in connection.execute("SELECT ordinal FROM uploads WHERE buried_at IS NOT NULL")
            }
            return [_publish(connection, record, buried) for record in records]

    def find(self, keys: Sequence[str]) -> Mapping[str, Record]:
        found: dict[str, Record] = {}
        for chunk in _chunks(keys):
            marks = ", ".join("?" * len(chunk))
            rows = self._query(
                f"SELECT {_COLUMNS} FROM products WHERE key IN ({marks}) ORDER BY generation", chunk
            )
            found.update((row["key"], _record(row)) for row in rows)
        return found

    def standings(self, user: str | None) -> Mapping[str, Standing]:
        rows = self._database.connection().cursor()
        rows.row_factory = None
        rows.execute(
            "SELECT key, generation, verdict FROM products WHERE user IS ? ORDER BY generation", (user,)
        )
        return {key: Standing(generation, _VERDICTS[verdict]) for key, generation, verdict in rows}

    def of_user(self, user: str) -> Iterator[Record]:
        for row in self._query(f"SELECT {_COLUMNS} FROM products WHERE user = ?", (user,)):
            yield _record(row)

    def history(self) -> Mapping[Stage, History]:
        rows = self._query("SELECT stage, passes, seconds, cost_usd FROM history")
        return {Stage(row["stage"]): History(row["passes"], row["seconds"], row["cost_usd"]) for row in rows}

    # Leases -------------------------------------------------------------------------------------------

    def claim(self, keys: Sequence[str], holder: str, seconds: float) -> set[str]:
        now = time.time()
        with self._database.transaction() as connection:
            taken = {
                row["key"]
                for row in _leases(connection, keys)
                if row["holder"] != holder and _alive(row, now)
            }
            free = [key for key in dict.fromkeys(keys) if key not in taken]
            connection.executemany(
                "INSERT OR REPLACE INTO leases (key, holder, until) VALUES (?, ?, ?)",
                [(key, holder, now + seconds) for key in free],
            )
        return set(free)

    def release(self, keys: Sequence[str], holder: str) -> None:
        with self._database.transaction() as connection:
            connection.executemany(
                "DELETE FROM leases WHERE key = ? AND holder = ?", [(key, holder) for key in keys]
            )

    def _query(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._database.connection().execute(sql, tuple(values))


_LIVING = "SELECT ordinal, kind, id, sha256, sidecar FROM uploads WHERE buried_at IS NULL"
_ADD_UPLOAD = "INSERT INTO uploads (kind, id, sha256, sidecar) VALUES (?, ?, ?, ?)"
_CHANGE_UPLOAD = "UPDATE uploads SET sha256 = ?, sidecar = ? WHERE ordinal = ?"
_VARIABLES = 900
"""SQLite's historic limit of variables in a statement is 999."""


def lease_holder() -> str:
    """Names the process, so that a lease of a killed one on this machine lapses at once."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _alive(lease: sqlite3.Row, now: float) -> bool:
    host, pid, _ = (*str(lease["holder"]).split(":", 2), "", "")[:3]
    if (
        host == socket.gethostname()
        and pid.isdigit()
        and not os.path.exists(f"/proc/{pid}")
        and os.path.exists("/proc")
    ):
        return False
    return bool(lease["until"] > now)


def _leases(connection: sqlite3.Connection, keys: Sequence[str]) -> Iterator[sqlite3.Row]:
    for chunk in _chunks(keys):
        marks = ", ".join("?" * len(chunk))
        yield from connection.execute(f"SELECT key, holder, until FROM leases WHERE key IN ({marks})", chunk)


def _chunks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + _VARIABLES] for start in range(0, len(keys), _VARIABLES))


def _publish(connection: sqlite3.Connection, record: Record, buried: set[int]) -> Publication:
    if any(upload.ordinal in buried for upload in record.uploads):
        return Publication.BURIED
    newest = connection.execute(
        "SELECT max(generation) FROM products WHERE key = ?", (record.key,)
    ).fetchone()[0]
    if newest is not None and newest >= record.generation:
        return Publication.LOST
    marks = ", ".join("?" * 20)
    connection.execute(f"INSERT INTO products ({_COLUMNS}) VALUES ({marks})", _record_row(record))
    if record.seconds > 0:
        connection.execute(_ADD_HISTORY, (record.stage.value, record.seconds, record.cost_usd))
    return Publication.WON


_ADD_HISTORY = (
    "INSERT INTO history (stage, passes, seconds, cost_usd) VALUES (?, 1, ?, ?) ON CONFLICT (stage) DO UPDATE "
    "SET passes = passes + 1, seconds = seconds + excluded.seconds, cost_usd = cost_usd + excluded.cost_usd"
)


def _upload_row(upload: UploadFile) -> tuple[str, str, str, str]:
    return (
        upload.kind.value,
        upload.id,
        upload.sha256,
        json.dumps(sidecar_facts(upload.sidecar), sort_keys=True),
    )


def _user(row: sqlite3.Row) -> User:
    consent = json.loads(row["sidecar"])["consent"]
    return User(row["ordinal"], row["id"], row["sha256"], consent["version"], consent["at"])


def _item(row: sqlite3.Row) -> Item:
    categories = json.loads(row["sidecar"])["categories"]
    return Item(row["ordinal"], row["id"], row["sha256"], tuple(Category(c) for c in categories))


def _record_row(record: Record) -> tuple[object, ...]:
    return (
        record.key,
        record.generation,
        record.stage.value,
        record.name,
        record.user,
        record.item,
        record.verdict.value,
        record.recipe,
        json.dumps([[u.kind.value, u.id, u.ordinal] for u in record.uploads]),
        record.run_id,
        record.published_at,
        record.token,
        record.seconds,
        record.cost_usd,
        *_result_row(record.result),
        json.dumps(dict(record.facts)),
    )


def _result_row(result: BlobFacts | Refused) -> tuple[object, ...]:
    if isinstance(result, Refused):
        return "", "", 0, result.code, result.message
    return result.sha256, result.suffix, result.size, "", ""


def _record(row: sqlite3.Row) -> Record:
    refused = row["verdict"] == Verdict.REFUSED.value
    return Record(
        key=row["key"],
        generation=row["generation"],
        stage=Stage(row["stage"]),
        name=row["name"],
        user=row["user"],
        item=row["item"],
        result=Refused(row["code"], row["message"]) if refused else _blob(row),
        recipe=row["recipe"],
        uploads=tuple(UploadRef(UploadKind(kind), i, n) for kind, i, n in json.loads(row["uploads"])),
        run_id=row["run_id"],
        published_at=row["published_at"],
        token=row["token"],
        seconds=row["seconds"],
        cost_usd=row["cost_usd"],
        facts=json.loads(row["facts"]),
    )


def _blob(row: sqlite3.Row) -> BlobFacts:
    return BlobFacts(row["sha256"], row["suffix"], row["size"])
