"""What went wrong the last time, for products that still have no verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tryon.core.errors import InputMissing
from tryon.core.events import EventKind, EventLog, LogEvent

LAST = 5000
"""Failures that are looked at, newest first: the log of a large catalogue holds millions of events."""


@dataclass(frozen=True)
class Failure:
    """One reason. products: how many it stands in the way of. run_id, at: of the last time."""

    message: str
    products: int
    run_id: str
    at: str


@dataclass
class Failures:
    """last: key of a product -> its last failure, if that is the last that became of it. met: of those, the ones
    that have no verdict."""

    last: Mapping[str, LogEvent] = field(default_factory=dict)
    met: dict[str, LogEvent] = field(default_factory=dict)

    def note(self, key: str) -> None:
        """key: of a product without a verdict."""
        if key in self.last:
            self.met[key] = self.last[key]

    def grouped(self) -> list[Failure]:
        """By reason, the newest first."""
        groups: dict[str, list[LogEvent]] = {}
        for event in sorted(self.met.values(), key=lambda event: event.timestamp, reverse=True):
            groups.setdefault(_reason(event), []).append(event)
        return [Failure(e[0].message, len(e), e[0].run_id, e[0].timestamp) for e in groups.values()]


def last_failures(log: EventLog, limit: int = LAST) -> Failures:
    """Of the newest `limit` failures those that nothing else followed for the same product."""
    keys = dict.fromkeys(event.recipe for _, event in log.failures(limit) if event.recipe is not None)
    ends = log.last_ends(list(keys))
    return Failures({key: event for key, (_, event) in ends.items() if event.event is EventKind.FAILED})


def is_consequence(event: LogEvent) -> bool:
    """Whether it only says that something else was not there."""
    return event.message.startswith(f"{InputMissing.__name__}: ")


def _reason(event: LogEvent) -> str:
    """Each missing input has a message of its own."""
    return InputMissing.__name__ if is_consequence(event) else event.message
