"""Products: verdicts by key and generation, and the sums of what they cost."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence

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
                product = Input(row["key"], row["generation"])
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
