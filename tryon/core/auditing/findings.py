"""What an audit found and did, and how it tells the log. Ids only: a blob's address never gets there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field

from tryon.core.events import EventKind, LogEvent
from tryon.core.records import Record


@dataclass(frozen=True, slots=True)
class Finding:
    """One record, and what is wrong with it."""

    user: str | None
    item: str | None
    stage: str
    name: str
    key: str
    generation: int
    reason: str


@dataclass
class Audit:
    """What was found; with `repaired`, what was done about it.

    records: looked at. blobs: hashed again. missing, mismatched, unreadable: records whose blob is gone, has other
    bytes, or could not be read (nothing is done about that). dangling: records of erased uploads.
    orphans: paths of blobs that no record names. in_flight: such blobs that a running batch may still publish; they
    are left alone. guests: results of service calls, which no record names; guests_due: those that were kept for long
    enough. foreign: files that this project did not write. strays: temporary files of killed writers.
    superseded: records that nobody needs any more; expired: those past the grace. lapsed: leases of dead holders.
    withdrawn: products that have to be made again. deleted: blobs that were taken away.
    """

    repaired: bool = False
    records: int = 0
    blobs: int = 0
    missing: list[Finding] = field(default_factory=list)
    mismatched: list[Finding] = field(default_factory=list)
    unreadable: list[Finding] = field(default_factory=list)
    dangling: list[Finding] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    in_flight: int = 0
    guests: int = 0
    guests_due: int = 0
    foreign: int = 0
    strays: int = 0
    superseded: int = 0
    expired: int = 0
    lapsed: int = 0
    withdrawn: int = 0
    deleted: int = 0

    @property
    def damaged(self) -> list[Finding]:
        return [*self.missing, *self.mismatched, *self.unreadable]

    @property
    def wrong(self) -> int:
        """Things that are wrong now. After a repair only what it could not mend: products to make again, and
        blobs that cannot be read."""
        if self.repaired:
            return self.withdrawn + len(self.unreadable)
        return len(self.damaged) + len(self.dangling) + len(self.orphans) + self.strays

    def counts(self) -> dict[str, int]:
        """Every figure; lists by their length."""
        values = {name: value for name, value in vars(self).items() if name != "repaired"}
        return {name: value if isinstance(value, int) else len(value) for name, value in values.items()}

    def facts(self) -> dict[str, object]:
        return {**asdict(self), "wrong": self.wrong}


def finding(record: Record, reason: str) -> Finding:
    return Finding(
        record.user, record.item, record.stage.value, record.name, record.key, record.generation, reason
    )


def damage_events(now: str, run_id: str, found: Iterable[Finding], kind: str) -> Iterator[LogEvent]:
    """A failure under the product's key, so that `fashion why` shows it."""
    for one in found:
        data = {"finding": kind, "stage": one.stage, "generation": one.generation}
        yield LogEvent(
            now,
            one.user,
            one.item,
            "audit",
            one.name,
            EventKind.FAILED,
            run_id,
            one.key,
            None,
            one.reason,
            data,
        )


def count_event(now: str, run_id: str, user: str | None, step: str, count: int, message: str) -> LogEvent:
    """Something about several blobs or records of one owner. user: None where nobody may be named."""
    return LogEvent(
        now,
        user,
        None,
        "audit",
        step,
        EventKind.FINISHED,
        run_id,
        None,
        None,
        f"{count} {message}",
        {"count": count},
    )
