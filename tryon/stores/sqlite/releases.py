"""Releases, and which of them each user is shown and has made."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tryon.core.recipes import canonical_json
from tryon.core.releases import Release, read_release
from tryon.stores.sqlite.database import Table

_TARGET = (
    "UPDATE uploads SET target = ?, shown = CASE shown WHEN '' THEN ? ELSE shown END "
    "WHERE kind = 'user' AND id = ? AND buried_at IS NULL"
)
_SWITCH = (
    "UPDATE uploads SET shown = target, switched_at = ? "
    "WHERE kind = 'user' AND id = ? AND target = ? AND buried_at IS NULL"
)


class Releases(Table):
    def confirm(self, release: Release, users: Sequence[str]) -> None:
        """REPLACE gives one that was confirmed before a new position: it is the latest again."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO releases (id, facts) VALUES (?, ?)",
                (release.id, canonical_json(release.facts())),
            )
            connection.executemany(_TARGET, [(release.id, release.id, user) for user in users])

    def releases(self) -> list[Release]:
        rows = self._query("SELECT facts FROM releases ORDER BY position")
        return [read_release(json.loads(row["facts"])) for row in rows]

    def confirmed(self, release_id: str) -> Release | None:
        row = self._query("SELECT facts FROM releases WHERE id = ?", (release_id,)).fetchone()
        return read_release(json.loads(row["facts"])) if row else None

    def switch(self, user: str, release_id: str, at: str) -> bool:
        with self._database.transaction() as connection:
            return connection.execute(_SWITCH, (at, user, release_id)).rowcount == 1
