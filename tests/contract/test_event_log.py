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


def test_events_of_one_product_are_read_alone(event_log: EventLog) -> None:
    event_log.append([replace(event(f"{n}"), recipe="ab"[n % 2]) for n in range(5)])
    event_log.append([replace(event("none"), recipe=None)])
    assert steps(event_log.read(key="b")) == ["1", "3"]
    assert steps(event_log.read(key="a", limit=1)) == ["0"]
    assert steps(event_log.read(key="a", after=event_log.read(key="a", limit=1)[0][0])) == ["2", "4"]
    assert event_log.read(key="a", user="bob") == []


def test_the_last_events_come_newest_first(event_log: EventLog) -> None:
    event_log.append([event("a"), event("b", "bob"), event("c", None), event("d")])
    assert steps(event_log.latest(3)) == ["d", "c", "b"]
    assert steps(event_log.latest(9, "ann")) == ["d", "a"]
    assert (event_log.latest(1), event_log.latest(9, "zoe")) == (event_log.read()[-1:], [])


def test_the_last_failures_come_newest_first(event_log: EventLog) -> None:
    failed = [replace(event(step), event=EventKind.FAILED) for step in "abc"]
    event_log.append(
        [failed[0], event("x"), failed[1], replace(event("y"), event=EventKind.REFUSED), failed[2]]
    )
    assert steps(event_log.failures(2)) == ["c", "b"]
    assert [each for _, each in event_log.failures(9)] == failed[::-1]


def test_the_last_end_of_a_product_is_no_start(event_log: EventLog) -> None:
    kinds = {"a": ["failed", "finished", "started"], "b": ["refused", "failed"], "c": ["started"]}
    for key, each in kinds.items():
        event_log.append([replace(event(kind), recipe=key, event=EventKind(kind)) for kind in each])
    ends = event_log.last_ends(["a", "b", "c", "unknown"])
    assert {key: last.step for key, (_, last) in ends.items()} == {"a": "finished", "b": "failed"}
    assert ends["b"] in event_log.read()
    assert event_log.last_ends([]) == {}


def test_a_long_log_is_not_read_for_the_last_failures_or_for_one_product(tmp_path: Path) -> None:
    def work(events: int) -> int:
        """Steps of SQLite's machine."""
        database, steps = Database(tmp_path / f"{events}.sqlite"), 0
        log = SqliteEventLog(database)
        log.append([event("bad", kind=EventKind.FAILED)])
        log.append([replace(event("good", "bob"), recipe=f"{n}") for n in range(events)])

        def count() -> int:
            nonlocal steps
            steps += 1
            return 0

        database.connection().set_progress_handler(count, 1)
        assert len(log.failures(5)) == len(log.last_ends(["key", "7"])) == len(log.read(key="key")) == 1
        database.close()
        return steps

    assert work(2000) < work(20) + 50
