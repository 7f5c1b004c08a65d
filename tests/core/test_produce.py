"""What every stage has in common: skip, lease, log, load, work with retries, publish."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tenacity import wait_none

from tests.contract.verdicts import upload
from tests.core.samples import CLOSET, law, shelf
from tests.fakes import MemoryBlobs, MemoryEventLog, MemoryRecords
from tryon.core.depot import Depot, Made
from tryon.core.encoding import Encoded
from tryon.core.errors import BadInput, BlobMissing, ImageRejected, InputMissing, StoreError
from tryon.core.events import EventKind, Journal, utc_now
from tryon.core.materials import InputRefused
from tryon.core.publish import Gate
from tryon.core.recipes import Method, Stage
from tryon.core.records import Record
from tryon.core.stages.compute import LocalCompute
from tryon.core.stages.desk import Desk, Patience
from tryon.core.stages.produce import produce
from tryon.core.stages.stage import Task
from tryon.core.stages.tally import Status, Tally, by_pair
from tryon.core.stages.workbench import Workbench
from tryon.core.uploads import UploadKind
from tryon.core.wanted import Product, Wanted
from tryon.core.words import Refused

SHELF = shelf()
TASKS: list[Task] = [(product,) for item in CLOSET for product in SHELF.singles(item)]
PARSE: Task = SHELF.parse()
TOP, BOTTOM, GOWN = "i1.tops", "i2.bottoms", "i5.dress"
BLANK = Refused("blank", "the image is one colour")
QUICK = Patience(attempts=3, wait=wait_none(), lease_seconds=30.0, poll_seconds=0.001)


def result_of(product: Product) -> bytes:
    return f"{product.name} {product.generation}".encode()


@dataclass
class Press:
    """A stage that prints the product's name. loads, works: what goes wrong with a product, by name.
    passing: infrastructure errors that go away, one a call. refused: verdicts."""

    batch_size: int = 3
    loads: Mapping[str, Exception] = field(default_factory=dict)
    works: Mapping[str, BaseException] = field(default_factory=dict)
    passing: list[Exception] = field(default_factory=list)
    refused: Mapping[str, Refused] = field(default_factory=dict)
    worked: list[list[str]] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    made: Task = field(default_factory=lambda: TASKS[0])

    def method(self) -> Method:
        return self.made[0].recipe.method

    def warm(self) -> None:
        """It has no model."""

    def load(self, task: Task) -> Task:
        self.loaded.append(task[0].name)
        if task[0].name in self.loads:
            raise self.loads[task[0].name]
        return task

    def work(self, jobs: Sequence[Task]) -> list[tuple[Made | Refused, ...]]:
        self.worked.append([job[0].name for job in jobs])
        if self.passing:
            raise self.passing.pop()
        for job in jobs:
            if job[0].name in self.works:
                raise self.works[job[0].name]
        return [tuple(self.refused.get(p.name) or _printed(p) for p in job) for job in jobs]


def _printed(product: Product) -> Made:
    return Made(Encoded(result_of(product), "txt", "text/plain"))


@dataclass
class Shop:
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    records: MemoryRecords = field(default_factory=MemoryRecords)
    log: MemoryEventLog = field(default_factory=MemoryEventLog)
    patience: Patience = QUICK

    def make(
        self,
        press: Press,
        tasks: Sequence[Task] = TASKS,
        run_id: str = "run",
        holder: str = "me:1",
        wanted: Wanted = SHELF.wanted,
    ) -> Tally:
        journal = Journal(self.log, lambda _: None, utc_now)
        depot = Depot(self.blobs, self.records, journal.timestamp)
        bench = Workbench(dict.fromkeys(Stage, press), depot, journal.timestamp, self.patience.retry)
        gate = Gate(depot, self.records, journal)
        desk = Desk(self.records, journal, gate, LocalCompute(bench), holder, self.patience)
        return produce(desk, press, tasks, wanted, run_id)

    def found(self, name: str) -> Record | None:
        return next((record for record in self.records.published.values() if record.name == name), None)


def names(tally: Tally, status: Status) -> list[str]:
    return [entry.product.name for entry in tally.entries if entry.status is status]


def messages(tally: Tally) -> dict[str, str]:
    return {entry.product.name: entry.message for entry in tally.failed}


ALL = [task[0].name for task in TASKS]


# Made once


def test_every_task_is_made_in_batches() -> None:
    shop, press = Shop(), Press(batch_size=3)
    tally = shop.make(press)
    assert names(tally, Status.MADE) == ALL
    assert press.worked == [ALL[:3], ALL[3:]]
    assert (tally.engine_calls, tally.made, tally.published) == (5, 5, 5)


def test_what_is_there_is_kept() -> None:
    shop, press = Shop(), Press()
    shop.make(Press(), TASKS[:2])
    tally = shop.make(press)
    assert (names(tally, Status.KEPT), names(tally, Status.MADE)) == (ALL[:2], ALL[2:])
    assert press.worked == [ALL[2:3], ALL[3:]]
    assert all(entry.record for entry in tally.entries)


def test_a_refusal_is_kept_too() -> None:
    shop, press = Shop(), Press()
    shop.make(Press(refused={TOP: BLANK}))
    tally = shop.make(press)
    assert (press.worked, [e.refusal for e in tally.refused]) == ([], [BLANK])


def test_a_higher_generation_is_made() -> None:
    shop, press = Shop(), Press()
    shop.make(Press())
    again: Task = (TASKS[0][0]._replace(generation=2),)
    shop.make(press, [again])
    assert press.worked == [[TOP]]
    assert again[0].input in shop.records.find([again[0].input])


def test_a_task_is_one_pass_for_all_its_products() -> None:
    shop, press = Shop(), Press(made=PARSE)
    tally = shop.make(press, [PARSE])
    assert (press.worked, tally.engine_calls, tally.made) == ([["body"]], 1, 6)
    spent = [record.seconds > 0 for record in shop.records.published.values()]
    assert spent == [True, False, False, False, False, False]


def test_a_task_without_one_of_its_products_is_made_whole() -> None:
    shop, press = Shop(), Press(made=PARSE)
    shop.make(Press(made=PARSE), [PARSE[1:]])
    tally = shop.make(press, [PARSE], run_id="again")
    assert press.worked == [["body"]]
    assert (names(tally, Status.MADE), len(names(tally, Status.KEPT))) == (["body"], 5)


def test_no_task_is_no_work() -> None:
    shop, press = Shop(), Press()
    assert (shop.make(press, []), press.worked, shop.log.events) == (Tally(), [], [])


# Retried, taken apart


def test_infrastructure_is_given_time_to_recover() -> None:
    shop, press = Shop(), Press(batch_size=5, passing=[OSError("reset"), TimeoutError()])
    tally = shop.make(press)
    assert (names(tally, Status.MADE), press.worked) == (ALL, [ALL, ALL, ALL])


def test_one_bad_product_fails_alone() -> None:
    shop, press = Shop(), Press(batch_size=5, works={GOWN: RuntimeError("CUDA error")})
    tally = shop.make(press)
    assert messages(tally) == {GOWN: "RuntimeError: CUDA error"}
    assert (names(tally, Status.MADE), shop.found(GOWN)) == (ALL[:4], None)


def test_a_batch_is_taken_apart_after_its_attempts() -> None:
    press = Press(batch_size=5, works={GOWN: RuntimeError("CUDA error")})
    Shop().make(press)
    assert press.worked == [ALL] * 3 + [[name] for name in ALL[:4]] + [[GOWN]] * 3


def test_an_input_that_cannot_be_read_is_retried_and_fails_alone() -> None:
    shop, press = Shop(), Press(loads={TOP: BlobMissing("it is gone")})
    tally = shop.make(press)
    assert messages(tally) == {TOP: "BlobMissing: it is gone"}
    assert (press.loaded.count(TOP), names(tally, Status.MADE)) == (3, ALL[1:])


@pytest.mark.parametrize("error", [InputMissing("not made yet"), BadInput("no such thing")])
def test_what_no_waiting_helps_is_not_retried(error: Exception) -> None:
    press = Press(loads={TOP: error})
    tally = Shop().make(press)
    assert (press.loaded.count(TOP), messages(tally)) == (1, {TOP: f"{type(error).__name__}: {error}"})


def test_a_failed_product_is_tried_again_by_the_next_run() -> None:
    shop = Shop()
    shop.make(Press(works={GOWN: RuntimeError("CUDA error")}))
    assert names(shop.make(Press(), run_id="again"), Status.MADE) == [GOWN]


def test_an_engine_that_answers_too_little_fails_and_does_not_stop_the_run() -> None:
    class Silent(Press):
        def work(self, jobs: Sequence[Task]) -> list[tuple[Made | Refused, ...]]:
            return super().work(jobs)[:-1]

    shop = Shop()
    tally = shop.make(Silent())
    assert (names(tally, Status.FAILED), shop.records.published) == (ALL, {})
    assert all("one verdict for each" in message for message in messages(tally).values())


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), SystemExit(1)])
def test_a_request_to_stop_is_obeyed_at_once(stop: BaseException) -> None:
    shop, press = Shop(), Press(works={TOP: stop})
    with pytest.raises(type(stop)):
        shop.make(press)
    assert (press.worked, shop.records.published) == ([ALL[:3]], {})


def test_after_a_stop_the_leases_are_free() -> None:
    shop = Shop()
    with pytest.raises(KeyboardInterrupt):
        shop.make(Press(works={TOP: KeyboardInterrupt()}))
    keys = {task[0].key for task in TASKS}
    assert shop.records.claim(sorted(keys), "you:2", 1.0) == keys


# Refused


def test_a_refused_input_refuses_without_an_engine_pass() -> None:
    shop, press = Shop(), Press(loads={TOP: InputRefused("i1.tops", BLANK)})
    tally = shop.make(press)
    assert [e.refusal for e in tally.refused] == [Refused("input_refused", f"i1.tops: {BLANK.message}")]
    assert (press.worked, tally.engine_calls) == ([ALL[1:3], ALL[3:]], 4)


def test_a_refused_photo_refuses_all_of_its_task() -> None:
    shop, press = Shop(), Press(loads={"body": ImageRejected("truncated", "the file is cut off")}, made=PARSE)
    tally = shop.make(press, [PARSE])
    assert [e.refusal for e in tally.refused] == [Refused("image_truncated", "the file is cut off")] * 6
    assert press.worked == []


def test_a_refusal_by_the_engine_leaves_its_neighbours() -> None:
    shop = Shop()
    tally = shop.make(Press(refused={TOP: BLANK}))
    record = shop.found(TOP)
    assert record is not None
    assert (record.result, tally.made, len(tally.refused)) == (BLANK, 4, 1)


# Stores that fail


def test_a_store_that_recovers_loses_nothing() -> None:
    shop = Shop(MemoryBlobs(fail_puts=1), MemoryRecords(fail_publishes=1))
    assert names(shop.make(Press()), Status.MADE) == ALL


def test_results_are_not_made_again_while_a_store_recovers() -> None:
    press = Press()
    Shop(records=MemoryRecords(fail_publishes=2)).make(press)
    assert press.worked == [ALL[:3], ALL[3:]]


def test_one_result_that_cannot_be_stored_fails_alone() -> None:
    unwritable = sha256(result_of(TASKS[1][0])).hexdigest()
    shop = Shop(MemoryBlobs(unwritable=(f"{unwritable}.txt",)))
    tally = shop.make(Press())
    assert (list(messages(tally)), names(tally, Status.MADE)) == ([BOTTOM], [n for n in ALL if n != BOTTOM])


def test_a_flipped_bit_publishes_nothing_and_says_so() -> None:
    shop = Shop(MemoryBlobs(flip_bit=True))
    tally = shop.make(Press())
    assert (list(messages(tally)), shop.records.published) == (ALL, {})
    assert all(message.startswith("BlobCorrupted: ") for message in messages(tally).values())


def test_without_a_log_no_engine_is_asked() -> None:
    shop, press = Shop(log=MemoryEventLog(broken=True)), Press()
    with pytest.raises(StoreError, match="event log"):
        shop.make(press)
    assert (press.worked, shop.records.published) == ([], {})


def test_what_was_erased_while_it_was_made_is_not_published() -> None:
    shop = Shop()
    shop.records.register([upload(UploadKind.ITEM, "i1")])

    class Erased(Press):
        def work(self, jobs: Sequence[Task]) -> list[tuple[Made | Refused, ...]]:
            (first, *_) = SHELF.wanted.uploads_of(CROP)
            shop.records.bury(first, "now")
            return super().work(jobs)

    (CROP,) = SHELF.wanted.crops(CLOSET[0])
    tally = shop.make(Erased(made=(CROP,)), [(CROP,)])
    assert (shop.records.published, list(messages(tally))) == ({}, [TOP])
    assert "erased" in messages(tally)[TOP]


# Logged


@law
@given(st.sets(st.sampled_from(ALL)), st.sets(st.sampled_from(ALL)), st.sets(st.sampled_from(ALL)))
def test_every_product_starts_once_and_ends_once(
    refused: set[str], broken: set[str], unread: set[str]
) -> None:
    shop = Shop(patience=replace(QUICK, attempts=1))
    shop.make(
        Press(
            refused=dict.fromkeys(refused, BLANK),
            works=dict.fromkeys(broken, RuntimeError("CUDA error")),
            loads=dict.fromkeys(unread, OSError("no disk")),
        )
    )
    started = [e.step for e in shop.log.events if e.event is EventKind.STARTED]
    ended = {e.step: e.event for e in shop.log.events if e.event is not EventKind.STARTED}
    expected = {
        name: EventKind.FAILED
        if name in broken | unread
        else EventKind.REFUSED
        if name in refused
        else EventKind.FINISHED
        for name in ALL
    }
    assert (started, ended, len(shop.log.events)) == (ALL, expected, 2 * len(ALL))


def test_a_failure_is_logged_with_its_cause() -> None:
    shop = Shop()
    shop.make(Press(works={GOWN: RuntimeError("CUDA error")}))
    (event,) = [e for e in shop.log.events if e.event is EventKind.FAILED]
    assert (event.step, event.user_id, event.item_id, event.level) == (GOWN, "ann", "i5", "error")
    assert event.message == "RuntimeError: CUDA error"


def test_what_is_kept_is_not_logged() -> None:
    shop = Shop()
    shop.make(Press())
    before = len(shop.log.events)
    shop.make(Press(), run_id="again")
    assert len(shop.log.events) == before


# Leases


def test_two_workers_make_each_product_once() -> None:
    shop, start = Shop(), threading.Barrier(2)
    presses = [Press(batch_size=2), Press(batch_size=2)]

    def worker(n: int) -> Tally:
        start.wait(timeout=10)
        return shop.make(presses[n], TASKS if n else TASKS[::-1], run_id=f"run-{n}", holder=f"host:{n}")

    with ThreadPoolExecutor(2) as pool:
        tallies = list(pool.map(worker, range(2)))
    worked = [name for press in presses for batch in press.worked for name in batch]
    assert sorted(worked) == sorted(ALL)
    assert [len(tally.entries) for tally in tallies] == [5, 5]
    assert all(entry.record for tally in tallies for entry in tally.entries)


def test_what_another_worker_makes_is_waited_for() -> None:
    shop = Shop()
    entered, leave = threading.Event(), threading.Event()

    class Slow(Press):
        def work(self, jobs: Sequence[Task]) -> list[tuple[Made | Refused, ...]]:
            entered.set()
            leave.wait(timeout=10)
            return super().work(jobs)

    press = Press()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(shop.make, Slow(), TASKS[:1], "one", "host:1")
        entered.wait(timeout=10)
        second = pool.submit(shop.make, press, TASKS[:1], "two", "host:2")
        leave.set()
        assert names(first.result(timeout=10), Status.MADE) == [TOP]
        assert names(second.result(timeout=10), Status.KEPT) == [TOP]
    assert press.worked == []


def test_what_a_dead_worker_held_is_taken_over() -> None:
    shop, press = Shop(), Press()
    shop.records.claim([TASKS[0][0].key], "host:1:killed", 0.05)
    assert sorted(names(shop.make(press, holder="host:2"), Status.MADE)) == sorted(ALL)


def test_what_another_worker_never_finishes_fails() -> None:
    shop = Shop(patience=replace(QUICK, lease_seconds=0.01))
    shop.records.claim([TASKS[0][0].key], "host:1:stuck", 60)
    tally = shop.make(Press(), holder="host:2")
    assert list(messages(tally)) == [TOP]
    assert messages(tally)[TOP].startswith("LeaseLost: ")


def test_who_comes_too_late_shows_the_winner() -> None:
    """A batch outlived its lease: another worker published in the meantime."""
    shop = Shop()

    class Overtaken(Press):
        def work(self, jobs: Sequence[Task]) -> list[tuple[Made | Refused, ...]]:
            shop.records.release([job[0].key for job in jobs], "host:1:run")
            shop.make(Press(), TASKS[:1], "winner", "host:2")
            return super().work(jobs)

    (entry,) = shop.make(Overtaken(), TASKS[:1], holder="host:1").entries
    assert entry.record is not None
    assert (entry.status, entry.record.run_id) == (Status.KEPT, "winner")


# Tally


def test_entries_are_filed_by_the_pair_that_owns_them() -> None:
    tally = Shop().make(Press())
    tally.add(Shop().make(Press(made=PARSE), [PARSE]))
    filed = by_pair(tally.entries)
    assert list(filed) == [*(("ann", item.id) for item in CLOSET), ("ann", None)]
    assert [len(entries) for entries in filed.values()] == [1, 1, 1, 1, 1, 6]


def test_an_item_that_went_since_it_was_asked_for_fails_its_own_products() -> None:
    """Bases of two-piece outfits may take long to make; an item can be erased meanwhile."""
    shop, press = Shop(), Press()
    tally = shop.make(press, wanted=Wanted(CLOSET[1:], SHELF.wanted.release))
    assert list(messages(tally)) == [TOP]
    assert "erased or taken away" in messages(tally)[TOP]
    assert names(tally, Status.MADE) == ALL[1:]


def test_an_error_of_many_words_is_cut_short() -> None:
    """A log and an order are documents of a store, which takes a million bytes at most."""
    shop = Shop()
    tally = shop.make(Press(works={TOP: RuntimeError("no kernel " * 200_000)}))
    (failed,) = tally.failed
    assert failed.message.startswith("RuntimeError: no kernel")
    assert max(len(event.message) for event in shop.log.events) == len(failed.message) < 2100
