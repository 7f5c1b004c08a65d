"""Orders that were given to workers on other machines."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from tryon.core.recipes import Stage
from tryon.core.records import Placed
from tryon.core.uploads import UploadKind, UploadRef
from tryon.stores.sqlite.database import Table

_PLACE = (
    "INSERT INTO orders (id, stage, text, keys, uploads, placed_at) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT DO NOTHING"
)
_DELIVER = "UPDATE orders SET delivery = CASE delivery WHEN '' THEN ? ELSE delivery END WHERE id = ?"
_BURIED = "SELECT ordinal FROM uploads WHERE buried_at IS NOT NULL"
_OF_KEYS = (
    "SELECT orders.id, key.value AS key FROM orders, json_each(orders.keys) AS key "
    "WHERE key.value IN (SELECT value FROM json_each(?))"
)


class SqliteOrders(Table):
    """Implements tryon.core.ports.Orders."""

    def place(self, order: Placed) -> Placed | None:
        """In one step with the look for tombstones: an erasure that began since cannot miss it."""
        with self._database.transaction() as connection:
            buried = {row["ordinal"] for row in connection.execute(_BURIED)}
            if any(upload.ordinal in buried for upload in order.uploads):
                return None
            connection.execute(_PLACE, _values(order))
            row = connection.execute("SELECT * FROM orders WHERE id = ?", (order.id,)).fetchone()
        return _placed(row)

    def order(self, order_id: str) -> Placed | None:
        row = self._query("SELECT * FROM orders WHERE id = ?", (order_id,)).fetchone()
        return _placed(row) if row else None

    def orders(self, stage: Stage | None = None) -> list[Placed]:
        rows = self._query("SELECT * FROM orders WHERE ?1 IS NULL OR stage = ?1 ORDER BY placed_at", (stage,))
        return [_placed(row) for row in rows]

    def called(self, order_id: str, call: str) -> None:
        self._change("UPDATE orders SET call = ? WHERE id = ?", (call, order_id))

    def deliver(self, order_id: str, delivery: str) -> bool:
        return self._change(_DELIVER, (delivery, order_id)) > 0

    def finish(self, order_id: str) -> None:
        self._change("DELETE FROM orders WHERE id = ?", (order_id,))

    def _change(self, sql: str, values: Sequence[object]) -> int:
        with self._database.transaction() as connection:
            return connection.execute(sql, tuple(values)).rowcount


def orders_with(connection: sqlite3.Connection, keys: Sequence[str]) -> dict[str, str]:
    """key -> id of an order that holds it."""
    rows = connection.execute(_OF_KEYS, (json.dumps(list(keys)),))
    return {row["key"]: row["id"] for row in rows}


def _values(order: Placed) -> tuple[str, ...]:
    uploads = [[upload.kind.value, upload.id, upload.ordinal] for upload in order.uploads]
    keys = json.dumps(order.keys)
    return order.id, order.stage.value, order.text, keys, json.dumps(uploads), order.placed_at


def _placed(row: sqlite3.Row) -> Placed:
    return Placed(
        row["id"],
        Stage(row["stage"]),
        row["text"],
        tuple(json.loads(row["keys"])),
        tuple(UploadRef(UploadKind(kind), i, n) for kind, i, n in json.loads(row["uploads"])),
        row["placed_at"],
        row["call"],
        row["delivery"],
    )
