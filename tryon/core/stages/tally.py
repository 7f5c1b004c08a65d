"""What became of the products that a run asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from tryon.core.records import Record
from tryon.core.wanted import Product
from tryon.core.words import Refused


class Status(StrEnum):
    MADE = "made"
    KEPT = "kept"
    """It had its verdict already; nothing was spent."""
    FAILED = "failed"
    """Infrastructure gave up. There is no verdict; a rerun tries again."""


@dataclass(frozen=True, slots=True)
class Entry:
    """record: the verdict, None when it failed; then `message` says why."""

    product: Product
    status: Status
    record: Record | None = None
    message: str = ""

    @property
    def refusal(self) -> Refused | None:
        return self.record.result if self.record and isinstance(self.record.result, Refused) else None


@dataclass
class Tally:
    """engine_calls: engine passes (one photo, one person or one try-on each). seconds: their time.
    stopped: why nothing more was tried, where nothing can be stored or a budget is spent."""

    entries: list[Entry] = field(default_factory=list)
    engine_calls: int = 0
    seconds: float = 0.0
    stopped: Exception | None = None

    def add(self, other: Tally) -> None:
        self.entries += other.entries
        self.engine_calls += other.engine_calls
        self.seconds += other.seconds
        self.stopped = self.stopped or other.stopped

    @property
    def published(self) -> int:
        return sum(e.record is not None and e.refusal is None for e in self.entries)

    @property
    def made(self) -> int:
        return sum(e.status is Status.MADE and e.refusal is None for e in self.entries)

    @property
    def refused(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.refusal]

    @property
    def failed(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.status is Status.FAILED]


def by_pair(entries: Iterable[Entry]) -> dict[tuple[str | None, str | None], list[Entry]]:
    """Entries by (user id, item id) of the partition that owns them."""
    found: dict[tuple[str | None, str | None], list[Entry]] = {}
    for entry in entries:
        user, item = entry.product.user, entry.product.item
        found.setdefault((user.id if user else None, item.id if item else None), []).append(entry)
    return found
