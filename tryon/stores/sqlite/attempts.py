"""Engine work that was spent in vain, counted for each product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from tryon.core.recipes import Input, Stage
from tryon.core.records import Attempt
from tryon.core.uploads import UploadKind
from tryon.stores.sqlite.database import Table
from tryon.stores.sqlite.tombstones import erased_among

_COLUMNS = "key, generation, stage, name, user, item, reason, run_id, at, failures"
_COUNT = (
    f"INSERT INTO attempts ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key, generation) DO UPDATE "
    "SET failures = failures + excluded.failures, reason = excluded.reason, run_id = excluded.run_id, at = excluded.at"
)


class Attempts(Table):
    def fail(self, attempts: Sequence[Attempt]) -> None:
        with self._database.transaction() as connection:
            erased = erased_among(connection, {place for attempt in attempts for place in _about(attempt)})
            kept = [attempt for attempt in attempts if erased.isdisjoint(_about(attempt))]
            connection.executemany(_COUNT, [tuple(asdict(attempt).values()) for attempt in kept])

    def attempts(self) -> list[Attempt]:
        rows = self._query(f"SELECT {_COLUMNS} FROM attempts ORDER BY at, key, generation")
        return [Attempt(**{**dict(row), "stage": Stage(row["stage"])}) for row in rows]

    def retry(self, products: Sequence[Input]) -> None:
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM attempts WHERE key = ? AND generation = ?", products)


def _about(attempt: Attempt) -> list[tuple[UploadKind, str]]:
    found = [(UploadKind.USER, attempt.user), (UploadKind.ITEM, attempt.item)]
    return [(kind, upload_id) for kind, upload_id in found if upload_id]
