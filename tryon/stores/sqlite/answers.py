"""What paid services said about photos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tryon.core.uploads import UploadRef
from tryon.stores.sqlite.database import in_chunks
from tryon.stores.sqlite.leases import Leases

NO_UPLOAD = 0
"""Ordinals begin at 1."""

_KEEP = (
    "INSERT INTO answers (key, upload, answer) SELECT :key, :upload, :answer WHERE :upload = 0 "
    "OR EXISTS (SELECT 1 FROM uploads WHERE ordinal = :upload AND buried_at IS NULL) ON CONFLICT DO NOTHING"
)


class SqliteAnswers(Leases):
    """Implements tryon.core.ports.Answers."""

    def answers(self, keys: Sequence[str]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for chunk in in_chunks(keys):
            marks = ", ".join("?" * len(chunk))
            rows = self._query(
                f"SELECT key, answer FROM answers WHERE key IN ({marks}) ORDER BY upload", chunk
            )
            for row in rows:
                found.setdefault(row["key"], row["answer"])
        return found

    def keep_answer(self, key: str, text: str, upload: UploadRef | None = None) -> None:
        """In one step with the look for a tombstone: an erasure that began since cannot miss it."""
        ordinal = upload.ordinal if upload else NO_UPLOAD
        with self._database.transaction() as connection:
            connection.execute(_KEEP, {"key": key, "upload": ordinal, "answer": text})

    def answers_of(self, upload: UploadRef) -> int:
        found: int = self._query(
            "SELECT count(*) FROM answers WHERE upload = ?", (upload.ordinal,)
        ).fetchone()[0]
        return found

    def forget_answers(self, upload: UploadRef) -> int:
        with self._database.transaction() as connection:
            return connection.execute("DELETE FROM answers WHERE upload = ?", (upload.ordinal,)).rowcount
