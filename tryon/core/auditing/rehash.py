"""Hashing stored blobs again, several at a time; each in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum

from tryon.core.errors import BlobMissing, StoreError
from tryon.core.ports import Blobs
from tryon.core.records import BlobFacts, Record

READERS = 4
"""Blobs that are read at the same time."""


class State(StrEnum):
    SOUND = "sound"
    MISSING = "missing"
    MISMATCHED = "mismatched"
    UNREADABLE = "unreadable"


REASONS = {
    State.MISSING: "is gone",
    State.MISMATCHED: "has other bytes than were published",
    State.UNREADABLE: "cannot be read",
}


class Rehash:
    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def states(self, records: Iterable[Record]) -> Iterator[tuple[Record, State]]:
        """Of every record that has a blob. Blobs that several records name are read once."""
        by_path: dict[str, list[Record]] = {}
        for record in records:
            if isinstance(record.result, BlobFacts):
                by_path.setdefault(record.path, []).append(record)
        with ThreadPoolExecutor(READERS) as pool:
            states = pool.map(self._state, by_path, (named[0].result for named in by_path.values()))
            for named, state in zip(by_path.values(), states, strict=True):
                yield from ((record, state) for record in named)

    def _state(self, path: str, result: object) -> State:
        """Looked at twice before it is called wrong: one bad read is no damage."""
        assert isinstance(result, BlobFacts), "refusals were left out above"
        first = self._look(path, result.sha256)
        return first if first is State.SOUND else self._look(path, result.sha256)

    def _look(self, path: str, sha256: str) -> State:
        try:
            return State.SOUND if self._blobs.digest(path) == sha256 else State.MISMATCHED
        except BlobMissing:
            return State.MISSING
        except (StoreError, OSError):
            return (
                State.UNREADABLE
            )  # Permissions, a bad sector, a network: told, and nothing is taken away for it.


def describe(record: Record, state: State) -> str:
    """Names the product, never the blob's address."""
    return f"the stored file of {record.stage} {record.name} {REASONS[state]}"
