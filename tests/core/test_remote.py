"""Engine work on other machines: paid for once, whoever dies."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from tests.contract.verdicts import upload
from tests.core.remoting import Hook, ThreadCalls, nothing
from tests.core.samples import CLOSET
from tests.core.test_produce import (
    ALL,
    BLANK,
    GOWN,
    QUICK,
    SHELF,
    TASKS,
    TOP,
    Press,
    messages,
    names,
    result_of,
)
from tests.fakes import MemoryBlobs, MemoryEventLog, MemoryRecords
from tryon.core.depot import Depot
from tryon.core.errors import CallFailed, DiskFull, EngineUnusable
from tryon.core.events import EventKind, Journal, LogEvent, utc_now
from tryon.core.orders import Order
from tryon.core.publish import Gate
from tryon.core.recipes import Stage
from tryon.core.spending import Budget
from tryon.core.stages.desk import Desk
from tryon.core.stages.produce import produce
from tryon.core.stages.remote import BUSY, DELIVERED, MOST_IN_A_ROW, WITHDRAWN, RemoteCompute, lease_of
from tryon.core.stages.remote_worker import RemoteWorker
from tryon.core.stages.stage import Task
from tryon.core.stages.tally import Status, Tally
from tryon.core.stages.workbench import Workbench
from tryon.core.uploads import UploadKind


class Killed(BaseException):
    """The run dies here."""


@dataclass
class Cloud:
    """Stores that everybody shares, and one app of workers. A batch is two products, so a run has three orders."""

    press: Press = field(default_factory=lambda: Press(batch_size=2))
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    records: MemoryRecords = field(default_factory=MemoryRecords)
    log: MemoryEventLog = field(default_factory=MemoryEventLog)
    printed: list[LogEvent] = field(default_factory=list)
    budget: Budget | None = None

    def __post_init__(self) -> None:
        self.journal = Journal(self.log, lambda _: None, utc_now)
        self.depot = Depot(self.blobs, self.records, self.journal.timestamp)
        bench = Workbench(dict.fromkeys(Stage, self.press), self.depot, self.journal.timestamp, QUICK.retry)
        worker = RemoteWorker(bench, self.records, self.printed.append, self.journal.timestamp)
        self.calls = ThreadCalls(worker)

    def run(
        self, run_id: str = "run", parallel: int = 1, tasks: list[Task] = TASKS, placed: Hook = nothing
    ) -> Tally:
        """A run in a process of its own. placed: where it may die, between publishing and forgetting an order."""
        compute = RemoteCompute(
            self.records, self.calls, self.journal.timestamp, f"{run_id}:1", parallel, 0.01, 0.01
        )
        finish = compute.finish

        def finished(order: Order) -> None:
            placed()
            finish(order)

        compute.finish = finished  # type: ignore[method-assign]
        gate = Gate(self.depot, self.records, self.journal)
        desk = Desk(self.records, self.journal, gate, compute, f"{run_id}:1", QUICK, self.budget)
        return produce(desk, self.press, tasks, SHELF.wanted, run_id)

    def killed(self, placed: Hook = nothing) -> None:
        with pytest.raises(Killed):
            self.run("killed", placed=placed)

    def killed_while_it_waits(self) -> None:
        """The call's id is kept, and its worker goes on."""
        called = self.records.called

        def dies(order_id: str, call: str) -> None:
            called(order_id, call)
            raise Killed

        self.records.called = dies  # type: ignore[method-assign]
        self.killed()
        self.records.called = called  # type: ignore[method-assign]

    def passes(self) -> list[str]:
        return sorted(name for batch in self.press.worked for name in batch)


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    found = Cloud()
    yield found
    found.calls.pool.shutdown(cancel_futures=True)


def waiting_for(event: threading.Event) -> Hook:
    def wait() -> None:
        event.wait(timeout=10)

    return wait


def dying(nth: int = 1) -> Hook:
    """Dies at its nth call."""
    calls = iter(range(1, 100))

    def die() -> None:
        if next(calls) == nth:
            raise Killed

    return die


# Made


def test_every_batch_is_made_by_a_worker_and_published_by_the_run(cloud: Cloud) -> None:
    tally = cloud.run()
    assert (names(tally, Status.MADE), tally.engine_calls, cloud.passes()) == (ALL, 5, sorted(ALL))
    assert len(cloud.calls.started) == 3
    assert [cloud.blobs.get(r.path) for r in cloud.records.published.values()] == [
        result_of(product) for (product,) in TASKS
    ]


def test_no_order_is_left(cloud: Cloud) -> None:
    cloud.run()
    assert (cloud.records.orders(), cloud.records.leases()) == ([], [])


def test_each_step_is_printed_by_the_worker_and_kept_by_the_run(cloud: Cloud) -> None:
    cloud.run()
    ends = [event for event in cloud.log.events if event.event is EventKind.FINISHED]
    assert ends == [event for event in cloud.printed if event.event is EventKind.FINISHED]
    assert [e.step for e in cloud.log.events if e.event is EventKind.STARTED] == ALL
    assert {event.run_id for event in cloud.printed} == {"run"}


def test_refusals_and_failures_of_one_product_come_back_as_such(cloud: Cloud) -> None:
    cloud.press.refused = {TOP: BLANK}
    cloud.press.works = {GOWN: RuntimeError("CUDA error")}
    tally = cloud.run()
    assert [entry.refusal for entry in tally.refused] == [BLANK]
    assert messages(tally) == {GOWN: "RuntimeError: CUDA error"}
    assert tally.made == 3
    assert [attempt.name for attempt in cloud.records.attempts()] == [GOWN]


def test_what_stops_a_worker_stops_the_run(cloud: Cloud) -> None:
    cloud.press.works = {TOP: DiskFull("the model volume is full")}
    tally = cloud.run()
    assert (type(tally.stopped), str(tally.stopped)) == (DiskFull, "the model volume is full")
    assert (len(tally.failed), cloud.press.worked, cloud.records.attempts()) == (5, [ALL[:2]], [])


def test_a_worker_over_other_stores_works_nothing(cloud: Cloud) -> None:
    """What it makes would be published where its blobs are not."""
    cloud.calls.worker = replace(cloud.calls.worker, stores="another project")
    tally = cloud.run()
    assert isinstance(tally.stopped, EngineUnusable)
    assert "other stores than the orchestrator" in str(tally.stopped)
    assert (cloud.press.worked, cloud.records.published, cloud.records.orders()) == ([], {}, [])


def test_a_worker_that_finds_no_order_is_told_from_one_that_fails(cloud: Cloud) -> None:
    elsewhere = replace(cloud.calls.worker, records=MemoryRecords())
    cloud.calls.worker = elsewhere
    tally = cloud.run(tasks=TASKS[:1])
    assert "names another GOOGLE_CLOUD_PROJECT" in messages(tally)[TOP]


def test_a_worker_of_another_version_works_nothing(cloud: Cloud) -> None:
    """Its results would lie under keys that promise another method."""
    other = Press(made=(TASKS[0][0]._replace(recipe=SHELF.parse()[0].recipe),))
    bench = cloud.calls.worker.workbench
    mixed = Workbench(dict.fromkeys(Stage, other), cloud.depot, cloud.journal.timestamp, QUICK.retry)
    cloud.calls.worker = replace(cloud.calls.worker, workbench=mixed)
    tally = cloud.run()
    assert isinstance(tally.stopped, EngineUnusable)
    assert "deploy the workers anew" in str(tally.stopped)
    assert (other.worked, cloud.records.published) == ([], {})
    cloud.calls.worker = replace(cloud.calls.worker, workbench=bench)
    assert cloud.run("again").made == 5


# Side by side


@pytest.mark.parametrize("parallel", [1, 2, 3])
def test_so_many_batches_are_in_flight_and_no_more(cloud: Cloud, parallel: int) -> None:
    lock, flying, most = threading.Lock(), [0], [0]
    together = threading.Barrier(parallel)

    class Counting(RemoteWorker):
        def run(self, order_id: str, call_id: str) -> str:
            with lock:
                flying[0] += 1
                most[0] = max(most[0], flying[0])
            if len(cloud.calls.started) <= parallel:
                together.wait(timeout=10)
            answer = super().run(order_id, call_id)
            with lock:
                flying[0] -= 1
            return answer

    old = cloud.calls.worker
    cloud.calls.worker = Counting(old.workbench, old.records, old.say, old.now)
    tally = cloud.run(parallel=parallel)
    assert (most[0], sorted(names(tally, Status.MADE))) == (parallel, sorted(ALL))


def test_results_come_as_they_are_ready(cloud: Cloud) -> None:
    """The first batch is the last to be worked; the others are published before it."""
    leave, seen = threading.Event(), list[int]()

    def slow_first() -> None:
        if threading.current_thread().name.endswith("_0"):
            leave.wait(timeout=10)

    cloud.calls.before = slow_first
    thread = threading.Thread(target=lambda: cloud.run(parallel=3))
    thread.start()
    while len(cloud.records.published) < 3:
        assert thread.is_alive()
    seen.append(len(cloud.records.published))
    leave.set()
    thread.join(timeout=10)
    assert (seen, len(cloud.records.published)) == ([3], 5)


def test_an_error_of_one_batch_loses_no_other(cloud: Cloud) -> None:
    cloud.press.works = {TOP: DiskFull("full")}
    tally = cloud.run(parallel=3)
    assert isinstance(tally.stopped, DiskFull)
    assert sorted(names(tally, Status.MADE)) == sorted(ALL[2:])


# Killed


def test_killed_before_the_calls_id_is_known_the_engine_works_once(cloud: Cloud) -> None:
    cloud.calls.spawned = dying()
    cloud.killed()
    cloud.calls.spawned = nothing
    tally = cloud.run("again")
    assert (tally.published, cloud.passes()) == (5, sorted(ALL))
    first = cloud.calls.started[0]
    assert cloud.calls.started.count(first) == 2
    assert len(cloud.calls.started) == 4


def test_killed_while_it_waits_the_next_run_waits_for_the_same_call(cloud: Cloud) -> None:
    leave = threading.Event()
    cloud.calls.before = waiting_for(leave)
    cloud.killed_while_it_waits()
    leave.set()
    tally = cloud.run("again")
    assert (tally.published, cloud.passes(), len(cloud.calls.started)) == (5, sorted(ALL), 3)


def test_killed_before_it_is_published_a_finished_call_is_not_made_again(cloud: Cloud) -> None:
    cloud.records._before_publish = dying()
    cloud.killed()
    cloud.records._before_publish = nothing
    tally = cloud.run("again")
    assert (tally.published, len(cloud.calls.started), cloud.passes()) == (5, 3, sorted(ALL))
    assert {record.run_id for record in cloud.records.published.values()} == {"killed", "again"}


def test_killed_after_it_was_published_its_order_is_forgotten(cloud: Cloud) -> None:
    cloud.killed(placed=dying())
    assert len(cloud.records.orders()) == 1
    tally = cloud.run("again")
    assert (tally.published, len(cloud.calls.started), cloud.records.orders()) == (5, 3, [])


def test_what_stopped_a_killed_runs_worker_does_not_stop_the_next_run(cloud: Cloud) -> None:
    """The model was missing; the run was killed before it heard of it, and somebody has pulled the model since."""
    cloud.press.works = {TOP: DiskFull("the model volume is full")}
    cloud.calls.spawned = dying()
    cloud.killed()
    cloud.calls.settle(1)
    cloud.calls.spawned, cloud.press.works = nothing, {}
    tally = cloud.run("again")
    assert (tally.stopped, tally.published, cloud.records.orders()) == (None, 5, [])


def test_a_delivery_outlives_the_providers_memory_of_its_call(cloud: Cloud) -> None:
    cloud.records._before_publish = dying()
    cloud.killed()
    cloud.records._before_publish = nothing
    cloud.calls.settle(1)
    cloud.calls.forget()
    assert cloud.run("again").published == 5
    assert (len(cloud.calls.started), cloud.passes()) == (3, sorted(ALL))


def test_a_call_that_is_not_known_any_more_is_made_once_more(cloud: Cloud) -> None:
    called = cloud.records.called
    cloud.records.called = lambda order_id, call: called(order_id, "gone")  # type: ignore[method-assign]
    cloud.calls.before = dying(1)  # The worker dies with the first call, and so does the run.
    cloud.calls.spawned = dying(1)
    cloud.killed()
    cloud.calls.before = cloud.calls.spawned = nothing
    order = cloud.records.orders()[0]
    called(order.id, "gone")
    cloud.records.called = called  # type: ignore[method-assign]
    tally = cloud.run("again")
    assert (tally.published, cloud.passes()) == (5, sorted(ALL))


def test_only_the_batches_of_a_killed_run_keep_their_shape(cloud: Cloud) -> None:
    """A rerun asks for the killed run's products in the killed run's batches, and for the rest in full ones."""
    cloud.calls.spawned = dying(2)
    cloud.killed()
    cloud.calls.spawned = nothing
    left = [TASKS[4], *TASKS[:4]]
    cloud.run("again", tasks=left)
    assert cloud.press.worked[1:] == [ALL[2:4], [ALL[4]]]


# Workers that fail


def test_a_worker_that_dies_once_is_called_again(cloud: Cloud) -> None:
    cloud.calls.before = dying_call(1)
    tally = cloud.run()
    assert (tally.made, len(cloud.calls.started), cloud.records.attempts()) == (5, 4, [])


def test_a_worker_that_dies_with_its_lease_is_not_waited_for(cloud: Cloud) -> None:
    class Dies(RemoteWorker):
        def run(self, order_id: str, call_id: str) -> str:
            if len(cloud.calls.started) == 1:
                self.records.claim([lease_of(order_id)], call_id, 3600)
                raise MemoryError("the machine is gone, and releases nothing")
            return super().run(order_id, call_id)

    old = cloud.calls.worker
    cloud.calls.worker = Dies(old.workbench, old.records, old.say, old.now)
    assert (cloud.run().made, len(cloud.calls.started)) == (5, 4)


def test_one_bad_product_that_kills_its_worker_fails_alone(cloud: Cloud) -> None:
    class Deadly(RemoteWorker):
        def run(self, order_id: str, call_id: str) -> str:
            placed = self.records.order(order_id)
            assert placed is not None
            if GOWN in placed.text:
                raise MemoryError("out of memory")
            return super().run(order_id, call_id)

    old = cloud.calls.worker
    cloud.calls.worker = Deadly(old.workbench, old.records, old.say, old.now)
    cloud.press.batch_size = 5
    tally = cloud.run()
    assert messages(tally) == {GOWN: "CallFailed: the worker failed: out of memory"}
    assert tally.made == 4
    assert [attempt.name for attempt in cloud.records.attempts()] == [GOWN]


def test_workers_that_only_fail_stop_the_run(cloud: Cloud) -> None:
    cloud.calls.before = always_fails
    cloud.press.batch_size = 1
    tally = cloud.run(tasks=[(product,) for item in CLOSET for product in SHELF.two_piece(item)] + TASKS)
    assert isinstance(tally.stopped, EngineUnusable)
    assert f"{MOST_IN_A_ROW} calls of workers failed" in str(tally.stopped)
    assert "modal app logs" in str(tally.stopped)
    assert len(tally.failed) == 9


def always_fails() -> None:
    raise RuntimeError("a missing secret")


def dying_call(nth: int) -> Hook:
    calls = iter(range(1, 100))

    def die() -> None:
        if next(calls) == nth:
            raise RuntimeError("the machine was taken away")

    return die


# Cancelled


def test_a_run_that_is_asked_to_stop_cancels_its_calls(cloud: Cloud) -> None:
    leave = threading.Event()
    cloud.calls.before = waiting_for(leave)
    calls, wait = iter(range(1, 100)), cloud.calls.wait

    def waiting(call_id: str, seconds: float) -> str | None:
        if next(calls) == 3:
            raise KeyboardInterrupt
        return wait(call_id, seconds)

    cloud.calls.wait = waiting  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        cloud.run("stopped", parallel=2)
    assert sorted(cloud.calls.cancelled) == ["call-1", "call-2"]
    assert (cloud.records.orders(), cloud.records.leases()) == ([], [])
    leave.set()
    cloud.calls.settle(2)
    cloud.calls.wait = wait  # type: ignore[method-assign]
    assert cloud.passes() == []
    assert cloud.run("again").made == 5


# The worker's answers


def placed(cloud: Cloud) -> Order:
    """One that a worker has delivered, of a run that was killed."""
    cloud.calls.spawned = dying()
    cloud.killed()
    (order,) = cloud.records.orders()
    cloud.calls.settle(1)
    return Order.read(order.text)


def test_an_order_that_is_gone_is_withdrawn(cloud: Cloud) -> None:
    assert cloud.calls.worker.run("no-such-order", "call-9") == WITHDRAWN


def test_a_second_call_works_nothing(cloud: Cloud) -> None:
    order = placed(cloud)
    assert cloud.calls.worker.run(order.id, "call-9") == DELIVERED
    assert cloud.press.worked == [ALL[:2]]


def test_while_another_works_a_second_call_leaves_its_machine(cloud: Cloud) -> None:
    order = placed(cloud)
    cloud.records.claim([lease_of(order.id)], "call-8", 60)
    assert cloud.calls.worker.run(order.id, "call-9") == BUSY


def test_a_call_that_begins_again_has_its_own_lease_back(cloud: Cloud) -> None:
    """The provider took the machine away and begins the same call on another one."""
    order = placed(cloud)
    cloud.records.claim([lease_of(order.id)], "call-9", 60)
    assert cloud.calls.worker.run(order.id, "call-9") == DELIVERED


def test_what_was_erased_while_a_worker_made_it_leaves_no_blob(cloud: Cloud) -> None:
    cloud.records.register([upload(UploadKind.ITEM, "i1")])
    (crop,) = SHELF.wanted.crops(CLOSET[0])
    work = cloud.press.work

    def erased(jobs: list[Task]) -> object:
        made = work(jobs)
        cloud.blobs._after_put = lambda: _erase(cloud)
        return made

    cloud.press.work = erased  # type: ignore[method-assign, assignment]
    cloud.press.made = (crop,)
    tally = cloud.run(tasks=[(crop,)])
    assert (cloud.blobs.files, cloud.records.published, cloud.records.orders()) == ({}, {}, [])
    assert "erased" in messages(tally)[TOP]


def _erase(cloud: Cloud) -> None:
    (crop,) = SHELF.wanted.crops(CLOSET[0])
    (ref,) = SHELF.wanted.uploads_of(crop)
    cloud.records.bury(ref, "2026-11-21T12:00:00Z")
    cloud.records.drop_keys([crop.key])


def test_nothing_is_ordered_for_an_erased_upload(cloud: Cloud) -> None:
    cloud.records.register([upload(UploadKind.ITEM, "i1")])
    _erase(cloud)
    (crop,) = SHELF.wanted.crops(CLOSET[0])
    cloud.press.made = (crop,)
    tally = cloud.run(tasks=[(crop,)])
    assert (cloud.calls.started, list(messages(tally))) == ([], [TOP])
    assert messages(tally)[TOP].startswith(f"{CallFailed.__name__}: one of its uploads was erased")
