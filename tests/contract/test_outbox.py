"""The outbox: durable on return, in order, sent once, whatever dies."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from tests.contract.test_event_log import event, steps
from tests.peers.firestore_emulator import Emulator
from tests.peers.firestore_proxy import Wire, wire_to
from tryon.core.errors import StoreAway
from tryon.core.events import LogEvent
from tryon.core.uploads import UploadKind
from tryon.stores.firestore.client import Firestore
from tryon.stores.firestore.log import MOST_CHARACTERS, FirestoreLog
from tryon.stores.firestore.places import place
from tryon.stores.outbox import Entry, Outbox
from tryon.stores.outbox_log import OutboxLog, Write


def named(*names: str) -> list[LogEvent]:
    return [event(name) for name in names]


def kept(outbox: Outbox) -> list[str]:
    return [entry.event.step for entry in outbox.pending(100)]


# The file


def test_what_was_appended_is_there_in_order_until_it_is_dropped(outbox: Outbox) -> None:
    outbox.append(named("a", "b"))
    outbox.append([])
    outbox.append(named("c"))
    assert (kept(outbox), outbox.count(), outbox.empty) == (["a", "b", "c"], 3, False)
    outbox.drop(outbox.pending(2))
    assert (kept(outbox), outbox.count()) == (["c"], 1)


def test_an_event_comes_out_as_it_went_in(outbox: Outbox) -> None:
    whole = replace(event("a"), data={"box": [[1, 2], [3]], "note": "é\ud800", "big": 2**70, "none": None})
    outbox.append([whole])
    assert [entry.event for entry in outbox.pending(1)] == [whole]


def test_it_survives_reopening_with_its_ids(outbox: Outbox, tmp_path: Path) -> None:
    outbox.append(named("a"))
    with closing(Outbox(tmp_path / "outbox.sqlite")) as again:
        assert again.pending(9) == outbox.pending(9)
    with closing(Outbox(tmp_path / "other.sqlite")) as other:
        other.append(named("a"))
        assert other.pending(9)[0].id != outbox.pending(9)[0].id


def test_positions_rise_though_the_clock_is_set_back(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox.append(named("a"))
    monkeypatch.setattr(time, "time_ns", lambda: 5)
    outbox.append(named("b", "c"))
    first, *rest = [entry.position for entry in outbox.pending(9)]
    assert rest == [first + 1, first + 2]


def test_positions_are_not_given_again_after_a_drop(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 5)
    outbox.append(named("a"))
    (first,) = outbox.pending(9)
    outbox.drop([first])
    outbox.append(named("b"))
    assert outbox.pending(9)[0].position > first.position


def test_one_sender_at_a_time(outbox: Outbox, tmp_path: Path) -> None:
    with closing(Outbox(tmp_path / "outbox.sqlite")) as other:
        with outbox.turn() as mine, other.turn(wait=False) as theirs:
            assert (mine, theirs) == (True, False)
        with other.turn(wait=False) as theirs:
            assert theirs


def test_what_was_sent_leaves_no_bytes(outbox: Outbox, tmp_path: Path) -> None:
    outbox.append([replace(event("a"), message=f"secret {n}") for n in range(50)])
    outbox.drop(outbox.pending(50))
    assert outbox.scrub()
    found = [path.name for path in tmp_path.iterdir() if b"secret" in path.read_bytes()]
    assert found == []


# Sending


class Far:
    """A log elsewhere in memory. fail: that many writes fail, with `error`. lie: that many do after they were done."""

    def __init__(self, fail: int = 0, lie: int = 0, error: Exception | None = None) -> None:
        self._error = error or StoreAway("away")
        self.entries: dict[str, Entry] = {}
        self.writes: list[list[str]] = []
        self._fail, self._lie = fail, lie

    def sender(self, seconds: float | None = None) -> Write:
        return self._write

    def _write(self, entries: Sequence[Entry]) -> None:
        if self._fail:
            self._fail -= 1
            raise self._error
        self.writes.append([entry.event.step for entry in entries])
        self.entries.update((entry.id, entry) for entry in entries)
        if self._lie:
            self._lie -= 1
            raise StoreAway("it did it, and says that it failed")

    def read(
        self, *, user: str | None = None, key: str | None = None, after: int = 0, limit: int = 1000
    ) -> list[tuple[int, LogEvent]]:
        return [(entry.position, entry.event) for entry in self.entries.values()]

    def latest(self, limit: int, user: str | None = None) -> list[tuple[int, LogEvent]]:
        return []

    def failures(self, limit: int) -> list[tuple[int, LogEvent]]:
        return []

    def last_ends(self, keys: Sequence[str]) -> dict[str, tuple[int, LogEvent]]:
        return {}

    def ends(self, keys: Sequence[str]) -> set[tuple[str, str]]:
        return set()

    def keys(self, kind: UploadKind, upload_id: str) -> set[str]:
        return set()

    def count(self, kind: UploadKind, upload_id: str) -> int:
        return len(self.entries)

    def forget(self, kind: UploadKind, upload_id: str) -> int:
        return len([self.entries.pop(id) for id in list(self.entries)])


def test_a_lost_answer_doubles_nothing(outbox: Outbox) -> None:
    far = Far(lie=1)
    log = OutboxLog(outbox, far)
    log.append(named("a", "b"))
    assert kept(outbox) == ["a", "b"]
    assert steps(log.read()) == ["a", "b"]
    assert (far.writes, outbox.empty) == ([["a", "b"], ["a", "b"]], True)


def test_after_a_failure_appending_does_not_wait_again(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    far = Far(fail=2)
    log = OutboxLog(outbox, far)
    with caplog.at_level(logging.WARNING):
        for name in "abc":
            log.append(named(name))
    assert (kept(outbox), far.writes) == (["a", "b", "c"], [])
    assert [one.getMessage() for one in caplog.records] == ["1 log events wait in the outbox: away"]
    with pytest.raises(StoreAway):
        log.read()
    assert steps(log.read()) == ["a", "b", "c"]


def test_a_thread_sends_what_another_process_left(outbox: Outbox) -> None:
    outbox.append(named("a", "b"))
    far = Far()
    log = OutboxLog(outbox, far, background=True)
    wait_until(lambda: outbox.empty)
    log.append(named("c"))
    log.close()
    assert far.writes == [["a", "b"], ["c"]]


def test_the_thread_outlives_an_error_that_nobody_foresaw(outbox: Outbox) -> None:
    far = Far(fail=1, error=ValueError("a bug of a library"))
    log = OutboxLog(outbox, far, background=True)
    log.append(named("a"))
    wait_until(lambda: outbox.empty)
    log.close()
    assert far.writes == [["a"]]


def test_forgetting_reaches_what_was_not_sent_yet(outbox: Outbox) -> None:
    log = OutboxLog(outbox, Far(fail=1))
    log.append(named("a"))
    assert log.forget(UploadKind.USER, "ann") == 1
    assert (outbox.empty, log.read()) == (True, [])


def wait_until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(0.02)


# Firestore


@pytest.fixture
def wire(firestore_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    with wire_to(firestore_emulator.host) as wire:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", wire.host)
        yield wire


@pytest.mark.parametrize(
    "said", ["Cannot invoke RPC on closed channel!", "Cannot invoke RPC: Channel closed!"]
)
def test_a_connection_that_another_thread_closed_is_opened_again(
    firestore: Firestore, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In grpc's words, before a call and while it begins."""
    here = place("vton_test", "a")
    firestore.put({here: {"a": 1}})
    api, errors = type(firestore._connection.client._firestore_api), [ValueError(said)]
    ask = api.batch_get_documents

    def asked(*args: object, **named: object) -> object:
        if errors:
            raise errors.pop()
        return ask(*args, **named)

    monkeypatch.setattr(api, "batch_get_documents", asked)
    assert firestore.get([here])[here] == {"schema": 1, "a": 1}


def test_an_outage_loses_and_doubles_nothing(outbox: Outbox, wire: Wire) -> None:
    with closing(FirestoreLog(Firestore(f"log-{uuid4().hex[:8]}", seconds=20))) as remote:
        log = OutboxLog(outbox, remote, background=True)
        log.append(named("before"))
        wait_until(lambda: outbox.empty)
        wire.go_away()
        for number in range(20):
            log.append(named(str(number)))
        assert outbox.count() == 20
        wire.come_back()
        wait_until(lambda: outbox.empty)
        log.close()
        assert steps(log.read()) == ["before", *map(str, range(20))]


def test_killed_at_any_point_it_loses_and_doubles_nothing(firestore: Firestore, tmp_path: Path) -> None:
    path = tmp_path / "killed.sqlite"
    told: list[int] = []
    for rounds in (30, 45):
        command = [sys.executable, "-m", "tests.contract.outbox_child", str(path), firestore.project]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as child:
            assert child.stdout is not None
            for _ in range(rounds):
                told.append(int(child.stdout.readline()))
            child.send_signal(signal.SIGKILL)
            told += [int(line) for line in child.stdout.read().split("\n")[:-1]]
    with closing(Outbox(path)) as outbox:
        found = [int(step) for step in steps(OutboxLog(outbox, FirestoreLog(firestore)).read())]
    second = told.index(0, 1)
    halves = (told[:second], told[second:])
    at = found.index(0, 1)
    assert [found[:at][: len(halves[0])], found[at:][: len(halves[1])]] == list(halves)
    assert max(at - len(halves[0]), len(found) - at - len(halves[1])) <= 1  # What died before it was told.
    assert found[:at] + found[at:] == [*range(at), *range(len(found) - at)]


def test_whatever_an_event_holds_it_never_holds_others_up(outbox: Outbox, firestore: Firestore) -> None:
    """Lists in lists, half a surrogate, whole numbers of 70 bits, megabytes: Firestore takes none of them."""
    odd = [
        replace(event("lists"), data={"box": [[1, 2], [3]]}),
        replace(event("number"), data={"big": 2**70}),
        replace(event("key"), data={"": 1, "__a__": 2}),
        replace(event("deep"), data={"a": _nested(30)}),
        replace(event("text"), message="half \ud800", data={"half": "\ud800"}),
        replace(event("long"), message="x" * 3_000_000),
        replace(event("large"), data={"all": ["x" * 100] * 30_000}),
        event("plain"),
    ]
    log = OutboxLog(outbox, FirestoreLog(firestore))
    log.append(odd)
    found = [one for _, one in log.read()]
    assert found[:4] == odd[:4]
    assert (found[4].message, found[4].data) == ("half ?", {"half": "\ud800"})
    assert (len(found[5].message), found[5].step) == (MOST_CHARACTERS, "long")
    assert found[6].data == {"too_long": len(json.dumps(odd[6].data))}
    assert found[7] == odd[7]


def _nested(levels: int) -> object:
    return {"a": _nested(levels - 1)} if levels else 1


def test_apps_read_the_fields_of_the_contract(outbox: Outbox, firestore: Firestore) -> None:
    OutboxLog(outbox, FirestoreLog(firestore)).append([event("a")])
    ((_, facts),) = firestore.rows("vton_logs")
    assert {name: facts[name] for name in event("a").facts()} == event("a").facts()
    assert facts["about"] == ["item/tee", "user/ann"]
