"""What happened to one person: the durable log, page by page, and as it grows.

Positions only grow, and an event is seen no earlier than all before it: asking for what comes after the last one that
was seen misses and repeats none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tryon.core.errors import UnknownUpload
from tryon.core.events import LogEvent
from tryon.core.pipeline import Pipeline
from tryon.core.words import check_id

MOST_EVENTS = 500
Event = tuple[int, LogEvent]
"""Position and event."""


@dataclass(frozen=True, slots=True)
class LogPage:
    """events: oldest first. next: the position to ask after."""

    user: str
    events: tuple[Event, ...]
    next: int

    def facts(self) -> dict[str, Any]:
        return {"user": self.user, "events": [event_facts(one) for one in self.events], "next": self.next}


def event_facts(event: Event) -> dict[str, object]:
    return {"position": event[0], **event[1].facts()}


def log_page(pipeline: Pipeline, user_id: str, after: int | None = None, limit: int = 100) -> LogPage:
    """The events after a position; None: the newest ones. Raises UnknownUpload, InvalidId."""
    pipeline.offered_user(check_id(user_id, "user id"))
    most = max(1, min(limit, MOST_EVENTS))
    if after is None:
        found: Sequence[Event] = pipeline.log.latest(most, user_id)[::-1]
    else:
        found = pipeline.log.read(user=user_id, after=after, limit=most)
    return LogPage(user_id, tuple(found), found[-1][0] if found else after or 0)


def events_since(pipeline: Pipeline, user_id: str, ordinal: int, after: int, limit: int) -> Sequence[Event]:
    """Of exactly this upload: raises UnknownUpload once it is erased or suspended, though another one may have its id
    by now. It is looked up last, so that nothing of an erased person is given away that was read before."""
    found = pipeline.log.read(user=user_id, after=after, limit=limit)
    if pipeline.offered_user(user_id).ordinal != ordinal:
        raise UnknownUpload(f"user {user_id!r} was erased; another photo has the id now")
    return found
