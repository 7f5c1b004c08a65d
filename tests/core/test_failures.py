"""The last failures, by reason, of what still has no verdict."""

from __future__ import annotations

from tests.core.workshop import USERS, Workshop, uploads
from tests.fakes import MemoryEventLog
from tryon.core.coverage import coverage
from tryon.core.events import EventKind, LogEvent
from tryon.core.failures import Failure, last_failures

NO_KEY = "AccessDenied: OPENAI_API_KEY is not set"


def event(
    key: str | None, minute: int, message: str = NO_KEY, kind: EventKind = EventKind.FAILED
) -> LogEvent:
    at = f"2026-11-21T12:{minute:02}:00.000000Z"
    return LogEvent(at, None, "t", "stage.crop", "t.tops", kind, f"run-{minute}", key, None, message)


def grouped(events: list[LogEvent], missing: str, limit: int = 100) -> list[Failure]:
    """missing: keys, a letter each, of products without a verdict."""
    log = MemoryEventLog()
    log.append(events)
    found = last_failures(log, limit)
    for key in missing:
        found.note(key)
    return found.grouped()


def test_one_line_for_each_reason_the_newest_first() -> None:
    full = "DiskFull: no space"
    events = [event("a", 1), event("b", 2, full), event("a", 3), event("c", 4), event("d", 5)]
    assert grouped(events, "abcx") == [
        Failure(NO_KEY, 2, "run-4", "2026-11-21T12:04:00.000000Z"),
        Failure(full, 1, "run-2", "2026-11-21T12:02:00.000000Z"),
    ]


def test_what_came_out_well_later_is_no_failure_though_it_is_gone_again() -> None:
    events = [event("a", 1), event("a", 2, kind=EventKind.FINISHED), event("b", 3, kind=EventKind.REFUSED)]
    assert grouped(events, "ab") == []


def test_another_start_is_not_a_success() -> None:
    assert len(grouped([event("a", 1), event("a", 2, kind=EventKind.STARTED)], "a")) == 1


def test_failures_of_no_product_are_not_counted() -> None:
    assert grouped([event(None, 1)], "a") == []


def test_missing_inputs_are_one_reason() -> None:
    events = [event(key, 1, f"InputMissing: the mask it needs ({key}) is not made yet") for key in "ab"]
    (found,) = grouped(events, "ab")
    assert found.products == 2


def test_only_the_newest_are_looked_at() -> None:
    assert [found.products for found in grouped([event(key, 1) for key in "abc"], "abc", limit=2)] == [2]


def test_coverage_counts_those_that_have_no_verdict() -> None:
    shop = Workshop(uploads=uploads(users=USERS[:1]))
    pipeline = shop.open()
    pipeline.reconcile()
    crops = [pipeline.wanted().crops(item)[0].key for item in pipeline.records.items()]
    pipeline.log.append([event(key, 1) for key in crops[:3]])
    (found,) = coverage(pipeline).failures.grouped()
    assert (found.message, found.products) == (NO_KEY, 3)
    shop.run()
    assert coverage(shop.open()).failures.grouped() == []
