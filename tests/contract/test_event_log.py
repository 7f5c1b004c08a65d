"""Durable, ordered, append-only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from tryon.core.events import EventKind, EventLog, LogEvent
from tryon.stores.sqlite.database import Database
from tryon.stores.sqlite.events import SqliteEventLog


def event(step: str, user: str | None = "ann", kind: EventKind = EventKind.STARTED) -> LogEvent:
    return LogEvent(
        timestamp="2026-11-20T12:00:00.000001Z",
        user_id=user,
        item_id="tee",
        component="stage.tryon",
        step=step,
        event=kind,
        run_id="run",
        recipe="key",
        duration_ms=1.5 if kind is not EventKind.STARTED else None,
        message=f"{step} é",
        data={"bytes": 7, "codes": ["a"]},
    )


def steps(found: list[tuple[int, LogEvent]]) -> list[str]:
    return [each.step for _, each in found]


def test_events_are_read_as_they_were_written(event_log: EventLog) -> None:
    written = [event("a"), event("b", None, EventKind.FAILED), event("c", kind=EventKind.REFUSED)]
    event_log.append(written)
    assert [each for _, each in event_log.read()] == written


def test_events_keep_their_order(event_log: EventLog) -> None:
    for step in "cab":
        event_log.append([event(f"{step}1"), event(f"{step}2")])
    assert steps(event_log.read()) == ["c1", "c2", "a1", "a2", "b1", "b2"]


def test_positions_rise(event_log: EventLog) -> None:
    event_log.append([event(str(n)) for n in range(10)])
    positions = [position for position, _ in event_log.read()]
    assert positions == sorted(set(positions))
    assert min(positions) > 0


def test_a_reader_resumes_after_what_it_has(event_log: EventLog) -> None:
    event_log.append([event(str(n)) for n in range(7)])
    seen: list[str] = []
    position = 0
    while page := event_log.read(after=position, limit=3):
        seen += steps(page)
        position = page[-1][0]
    assert seen == [str(n) for n in range(7)]
    event_log.append([event("late")])
    assert steps(event_log.read(after=position)) == ["late"]


def test_events_of_one_user_are_read_alone(event_log: EventLog) -> None:
    event_log.append([event("a"), event("b", "bob"), event("c", None), event("d")])
    assert steps(event_log.read(user="ann")) == ["a", "d"]
    assert steps(event_log.read(user="zoe")) == []
    first = event_log.read(user="ann", limit=1)
    assert steps(event_log.read(user="ann", after=first[0][0])) == ["d"]


def test_nothing_can_be_appended(event_log: EventLog) -> None:
    event_log.append([])
    assert event_log.read() == []


def test_concurrent_writers_lose_nothing(event_log: EventLog) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: event_log.append([event(f"{n}-{i}") for i in range(5)]), range(8)))
    found = steps(event_log.read())
    assert sorted(found) == sorted(f"{n}-{i}" for n in range(8) for i in range(5))
    assert all(found.index(f"{n}-0") + 4 == found.index(f"{n}-4") for n in range(8))


def test_events_survive_reopening(tmp_path: Path) -> None:
    path = tmp_path / "fashion.sqlite"
    first = Database(path)
    SqliteEventLog(first).append([event("a"), event("b")])
    first.close()
    again = Database(path)
    assert steps(SqliteEventLog(again).read()) == ["a", "b"]
    again.close()


def test_ends_are_told_by_run_and_key(event_log: EventLog) -> None:
    kinds = [EventKind.STARTED, EventKind.FINISHED, EventKind.REFUSED, EventKind.FAILED]
    event_log.append([replace(event("ann"), run_id=f"run {kind}", recipe="a", event=kind) for kind in kinds])
    event_log.append([replace(event("ann"), run_id="run", recipe="b", event=EventKind.FINISHED)])
    assert event_log.ends(["a", "z"]) == {("run finished", "a"), ("run refused", "a")}
    assert event_log.ends([]) == set()
