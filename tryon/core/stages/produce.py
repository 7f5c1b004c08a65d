"""What every stage has in common: skip what is there, lease, log, load, work with retries, publish.

A Dagster asset, a Modal function and an HTTP route are thin doors to `produce`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Generic, Protocol, TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential
from tenacity.wait import wait_base

from tryon.core.errors import BadInput, ImageRejected, InputMissing, LeaseLost
from tryon.core.events import EventKind, Journal, LogEvent
from tryon.core.materials import InputRefused
from tryon.core.ports import Records
from tryon.core.publish import Gate, Made, Outcome
from tryon.core.records import Publication, Record
from tryon.core.stages.tally import Entry, Status, Tally
from tryon.core.wanted import Product, Wanted
from tryon.core.words import Refused

JobT = TypeVar("JobT")
T = TypeVar("T")
Task = tuple[Product, ...]
"""The products of one engine pass: the garments of a photo, the masks of a person, or one single result."""


class Stage(Protocol[JobT]):
    @property
    def batch_size(self) -> int: ...

    def load(self, task: Task) -> JobT:
        """Read the inputs. InputRefused and ImageRejected are verdicts; any other error is retried."""
        ...

    def work(self, jobs: Sequence[JobT]) -> list[tuple[Made | Refused, ...]]:
        """One engine batch: one verdict for each product of each job's task, in order."""
        ...


@dataclass(frozen=True)
class Patience:
    """How long infrastructure is given to recover. lease_seconds: how long a batch may take before another
    worker may take it over (a killed worker's lease lapses at once where the store can see that it died)."""

    attempts: int = 3
    wait: wait_base = field(default_factory=lambda: wait_exponential(0.5, max=20))
    lease_seconds: float = 900.0
    poll_seconds: float = 0.2


@dataclass(frozen=True)
class Desk:
    """What a stage needs to bring products into the world. holder: names this worker in leases."""

    records: Records
    journal: Journal
    gate: Gate
    holder: str
    patience: Patience = Patience()


def produce(desk: Desk, stage: Stage[JobT], tasks: Sequence[Task], wanted: Wanted, run_id: str) -> Tally:
    """Bring every task to a verdict, once across all workers. Never raises for one task's sake: what failed is
    in the tally, and the rest is published."""
    tally = Tally()
    remaining = iter({task[0].key: task for task in tasks}.values())
    while batch := list(islice(remaining, stage.batch_size)):
        tally.add(_Batch(desk, stage, wanted, run_id).run(batch))
    return tally


class _Batch(Generic[JobT]):
    """One engine batch from claim to publication."""

    def __init__(self, desk: Desk, stage: Stage[JobT], wanted: Wanted, run_id: str) -> None:
        self._desk, self._stage, self._wanted, self._run_id = desk, stage, wanted, run_id
        self._holder = f"{desk.holder}:{run_id}"
        self._tally = Tally()

    def run(self, tasks: Sequence[Task]) -> Tally:
        """Make what is free; for what another worker holds, wait until it is there or its lease lapses."""
        deadline = time.monotonic() + 2 * self._desk.patience.lease_seconds
        waiting = self._unfinished(tasks)
        while waiting:
            waiting = self._unfinished(self._make_free(waiting))
            if waiting and time.monotonic() > deadline:
                self._fail(waiting, LeaseLost("another worker holds this product and does not finish"))
                break
            if waiting:
                time.sleep(self._desk.patience.poll_seconds)
        return self._tally

    def _make_free(self, tasks: Sequence[Task]) -> list[Task]:
        """Make those whose lease is granted; return the others."""
        records, keys = self._desk.records, [task[0].key for task in tasks]
        seconds = self._desk.patience.lease_seconds
        try:
            granted = self._retry(lambda: records.claim(keys, self._holder, seconds))
            # Looked up again under the lease: its last holder may have published in the meantime.
            self._make(self._unfinished([task for task in tasks if task[0].key in granted]))
        finally:
            # All that were asked for: a claim that raised may have been granted all the same.
            self._retry(lambda: records.release(keys, self._holder))
        return [task for task in tasks if task[0].key not in granted]

    def _unfinished(self, tasks: Sequence[Task]) -> list[Task]:
        """Drop, and count as kept, the tasks whose every product has its wanted generation."""
        keys = [product.key for task in tasks for product in task]
        found = self._retry(lambda: self._desk.records.find(keys))
        unfinished = []
        for task in tasks:
            if all(p.key in found and found[p.key].generation >= p.generation for p in task):
                self._tally.entries += [Entry(p, Status.KEPT, found[p.key]) for p in task]
            else:
                unfinished.append(task)
        return unfinished

    def _make(self, tasks: Sequence[Task]) -> None:
        self._log(tasks, EventKind.STARTED)
        loaded: list[tuple[Task, JobT]] = []
        for task in tasks:
            try:
                loaded.append((task, self._retry(lambda task=task: self._stage.load(task))))  # type: ignore[misc]
            except InputRefused as error:
                self._refuse(task, error.refused)
            except ImageRejected as error:
                self._refuse(task, Refused(f"image_{error.code}", str(error)))
            except Exception as error:  # noqa: BLE001 - one broken input fails its own task only; it is logged
                self._fail([task], error)
        self._work(loaded)

    def _work(self, loaded: Sequence[tuple[Task, JobT]]) -> None:
        """A failing batch is taken apart, so that one bad product cannot take its neighbours down."""
        if not loaded:
            return
        started = time.perf_counter()
        try:
            verdicts = self._retry(lambda: self._stage.work([job for _, job in loaded]))
            if [len(made) for made in verdicts] != [len(task) for task, _ in loaded]:
                raise ValueError("the engine did not give one verdict for each product it was asked for")
        except Exception as error:  # noqa: BLE001 - it is logged and counted by _fail
            if len(loaded) == 1:
                self._fail([loaded[0][0]], error)
            else:
                for pair in loaded:
                    self._work([pair])
            return
        self._book(loaded, verdicts, time.perf_counter() - started)

    def _book(
        self, loaded: Sequence[tuple[Task, JobT]], verdicts: list[tuple[Made | Refused, ...]], seconds: float
    ) -> None:
        self._tally.engine_calls += len(loaded)
        self._tally.seconds += seconds
        share = seconds / len(loaded)
        self._publish(
            [self._outcomes(task, made, share) for (task, _), made in zip(loaded, verdicts, strict=True)]
        )

    def _refuse(self, task: Task, refused: Refused) -> None:
        self._publish([self._outcomes(task, (refused,) * len(task), 0.0)])

    def _outcomes(self, task: Task, verdicts: Sequence[Made | Refused], seconds: float) -> list[Outcome]:
        """The engine pass is booked on the first product of its task."""
        spent = [seconds, *[0.0] * (len(task) - 1)]
        return [
            Outcome(product, verdict, self._wanted.uploads_of(product), cost)
            for product, verdict, cost in zip(task, verdicts, spent, strict=True)
        ]

    def _publish(self, passes: Sequence[list[Outcome]]) -> None:
        """The products of one engine pass become visible together or not at all: masks that were computed from a
        parse which is made anew would not fit the published one."""
        outcomes = [outcome for made in passes for outcome in made]
        try:
            published = self._desk.gate.publish(outcomes, self._run_id, self._retry)
        except Exception as error:  # noqa: BLE001 - it is logged and counted by _fail
            if len(passes) == 1:
                self._fail([tuple(outcome.product for outcome in outcomes)], error)
            else:
                for made in passes:
                    self._publish([made])
            return
        for outcome, (publication, record) in zip(outcomes, published, strict=True):
            self._tally.entries.append(self._entry(outcome.product, publication, record))

    def _entry(self, product: Product, publication: Publication, record: Record) -> Entry:
        if publication is Publication.WON:
            return Entry(product, Status.MADE, record)
        if publication is Publication.BURIED:
            message = "one of its uploads was erased or taken away while it was being made"
            return Entry(product, Status.FAILED, None, message)
        winner = self._retry(lambda: self._desk.records.find([record.key]))[record.key]
        # Published by this run: the gate's first attempt won, but its answer was lost.
        mine = winner.run_id == self._run_id
        return Entry(product, Status.MADE if mine else Status.KEPT, winner)

    def _fail(self, tasks: Sequence[Task], error: Exception) -> None:
        message = f"{type(error).__name__}: {error}"
        self._log(tasks, EventKind.FAILED, message)
        self._tally.entries += [Entry(p, Status.FAILED, None, message) for task in tasks for p in task]

    def _log(self, tasks: Sequence[Task], kind: EventKind, message: str = "") -> None:
        now = self._desk.journal.timestamp()
        events = list(_events(tasks, kind, now, self._run_id, message))
        self._retry(lambda: self._desk.journal.write(events))

    def _retry(self, call: Callable[[], T], /) -> T:
        patience = self._desk.patience
        retrying = Retrying(
            stop=stop_after_attempt(patience.attempts),
            wait=patience.wait,
            retry=retry_if_exception(_may_recover),
            reraise=True,
        )
        return retrying(call)


def _may_recover(error: BaseException) -> bool:
    """Infrastructure may; a wrong input does not; a request to stop (Ctrl-C, Dagster) is obeyed at once."""
    return isinstance(error, Exception) and not isinstance(error, (BadInput, InputMissing, InputRefused))


def _events(
    tasks: Sequence[Task], kind: EventKind, now: str, run_id: str, message: str
) -> Iterator[LogEvent]:
    for task in tasks:
        for product in task:
            yield LogEvent(
                timestamp=now,
                user_id=product.user.id if product.user else None,
                item_id=product.item.id if product.item else None,
                component=f"stage.{product.stage}",
                step=product.name,
                event=kind,
                run_id=run_id,
                recipe=product.key,
                duration_ms=None,
                message=message or f"{product.name} is being made",
            )
