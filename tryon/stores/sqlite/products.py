"""Products: verdicts by key and generation, and the sums of what they cost."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tryon.core.recipes import Input, Stage
from tryon.core.records import BlobFacts, History, Publication, Record, Verdict
from tryon.core.uploads import UploadKind, UploadRef
from tryon.core.words import Refused
from tryon.stores.sqlite.database import Table, in_chunks
from tryon.stores.sqlite.traces import mention_of

_COLUMNS = (
    "key, generation, stage, name, user, item, verdict, recipe, uploads, run_id, published_at, token, "
    "seconds, cost_usd, sha256, suffix, size, code, message, facts"
)
_VERDICTS = {verdict.value: verdict for verdict in Verdict}
_STAGES = {stage.value: stage for stage in Stage}
_KINDS = {kind.value: kind for kind in UploadKind}
_REFUSED = Verdict.REFUSED.value
_ADD_HISTORY = (
    "INSERT INTO history (stage, passes, seconds, cost_usd) VALUES (?, 1, ?, ?) ON CONFLICT (stage) DO UPDATE "
    "SET passes = passes + 1, seconds = seconds + excluded.seconds, cost_usd = cost_usd + excluded.cost_usd"
)


class Products(Table):
    def publish(self, records: Sequence[Record]) -> list[Publication]:
        with self._database.transaction() as connection:
            buried = {
                row[0]
                for row in connection.execute(
                    "SELECT ordinal FROM uploads WHERE buried_at IS NOT NULL OR suspended"
                )
            }
            return [_publish(connection, record, buried) for record in records]

    def find(self, products: Sequence[Input]) -> Mapping[Input, Record]:
        asked, found = set(products), dict[Input, Record]()
        for chunk in in_chunks(list({key for key, _ in asked})):
            marks = ", ".join("?" * len(chunk))
            for row in self._query(f"SELECT {_COLUMNS} FROM products WHERE key IN ({marks})", chunk):
                product = Input(row[0], row[1])
                if product in asked:
                    found[product] = _record(row)
        return found

    def standings(self, user: str | None) -> Mapping[Input, Verdict]:
        rows = self._database.connection().cursor()
        rows.row_factory = None
        rows.execute("SELECT key, generation, verdict FROM products WHERE user IS ?", (user,))
        return {Input(key, generation): _VERDICTS[verdict] for key, generation, verdict in rows}

    def of_user(self, user: str | None) -> Iterator[Record]:
        for row in self._query(f"SELECT {_COLUMNS} FROM products WHERE user IS ?", (user,)):
            yield _record(row)

    def owners(self) -> list[str | None]:
        return [row["user"] for row in self._query("SELECT DISTINCT user FROM products ORDER BY user")]

    def withdraw(self, records: Sequence[Record]) -> None:
        with self._database.transaction() as connection:
            connection.executemany(
                "DELETE FROM products WHERE key = ? AND generation = ? AND token = ?",
                [(record.key, record.generation, record.token) for record in records],
            )

    def of_upload(self, upload: UploadRef) -> Iterator[Record]:
        """All rows are looked at: an item's outfits lie with every user."""
        for row in self._query(
            f"SELECT {_COLUMNS} FROM products WHERE instr(uploads, ?) > 0", (mention_of(upload),)
        ):
            yield _record(row)

    def history(self) -> Mapping[Stage, History]:
        rows = self._query("SELECT stage, passes, seconds, cost_usd FROM history")
        return {Stage(row["stage"]): History(row["passes"], row["seconds"], row["cost_usd"]) for row in rows}


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
    connection.execute("DELETE FROM attempts WHERE key = ? AND generation = ?", record.input)
    if record.seconds > 0:
        connection.execute(_ADD_HISTORY, (record.stage.value, record.seconds, record.cost_usd))
    return Publication.WON


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


def _record(row: Sequence[Any]) -> Record:
    """row: _COLUMNS, by their places: a page of the lookbook reads dozens."""
    (key, generation, stage, name, user, item, verdict, recipe, uploads, run_id, published_at, token, seconds,
     cost_usd, sha256, suffix, size, code, message, facts) = row  # fmt: skip
    return Record(
        key,
        generation,
        _STAGES[stage],
        name,
        user,
        item,
        Refused(code, message) if verdict == _REFUSED else BlobFacts(sha256, suffix, size),
        recipe,
        tuple(UploadRef(_KINDS[kind], i, n) for kind, i, n in json.loads(uploads)),
        run_id,
        published_at,
        token,
        seconds,
        cost_usd,
        json.loads(facts),
    )
