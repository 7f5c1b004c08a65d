"""What every stage has in common: skip what is there, lease, log, load, work with retries, publish.

A Dagster asset, a Modal function and an HTTP route are thin doors to `produce`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Generic, Protocol, TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential
from tenacity.wait import wait_base

from tryon.core.errors import BadInput, BudgetSpent, ImageRejected, InputMissing, LeaseLost
from tryon.core.events import EventKind, Journal, LogEvent
from tryon.core.materials import InputRefused
from tryon.core.ports import Records
from tryon.core.publish import Gate, Made, Outcome
from tryon.core.recipes import Input, Method
from tryon.core.records import Attempt, Publication, Record
from tryon.core.spending import Budget
from tryon.core.stages.tally import Entry, Status, Tally
from tryon.core.wanted import Product, Wanted
from tryon.core.words import Refused

JobT = TypeVar("JobT")
T = TypeVar("T")
Task = tuple[Product, ...]
"""The products of one engine pass: the garments of a photo, the masks of a person, or one single result."""


UNCONFIRMED = (
    "the running code makes another release than the one that was confirmed; see `fashion plan`, then run "
    "`fashion rollout`"
)


class Stage(Protocol[JobT]):
    @property
    def batch_size(self) -> int: ...

    def method(self) -> Method:
        """How it works; a product whose recipe asks for another method is not for this code."""
        ...

    def load(self, task: Task) -> JobT:
        """Read the inputs. InputRefused and ImageRejected are verdicts; any other error is retried."""
        ...

    def work(self, jobs: Sequence[JobT]) -> list[tuple[Made | Refused, ...]]:
        """One engine batch: one verdict for each product of each job's task, in order."""
        ...


@dataclass(frozen=True)
class Patience:
    """How long infrastructure is given to recover. lease_seconds: how long a batch may take before another
    worker may take it over (a killed worker's lease lapses at once where the store can see that it died).
    max_failures: runs that may pay an engine for a product in vain before it is quarantined."""

    attempts: int = 3
    max_failures: int = 3
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
    budget: Budget | None = None


def produce(desk: Desk, stage: Stage[JobT], tasks: Sequence[Task], wanted: Wanted, run_id: str) -> Tally:
    """Bring every task to a verdict, once across all workers. Never raises for one task's sake: what failed is
    in the tally, and the rest is published."""
    tally = Tally()
    remaining = iter({task[0].input: task for task in tasks}.values())
    quarantined = _quarantined(desk, run_id)
    while batch := list(islice(remaining, stage.batch_size)):
        tally.add(_Batch(desk, stage, wanted, run_id, quarantined).run(batch))
        if tally.out_of_budget:
            tally.entries += [
                Entry(p, Status.FAILED, None, tally.out_of_budget) for t in remaining for p in t
            ]
    return tally


def _quarantined(desk: Desk, run_id: str) -> dict[Input, str]:
    """Why products are not paid for again: they failed too often, or in this run already."""
    found: dict[Input, str] = {}
    for attempt in desk.records.attempts():
        if attempt.failures >= desk.patience.max_failures:
            found[attempt.input] = (
                f"quarantined after {attempt.failures} failures ({attempt.reason}); remove the cause, then run "
                "`fashion retry`"
            )
        elif attempt.run_id == run_id:
            found[attempt.input] = f"it failed earlier in this run: {attempt.reason}"
    return found


class _Batch(Generic[JobT]):
    """One engine batch from claim to publication."""

    def __init__(
        self, desk: Desk, stage: Stage[JobT], wanted: Wanted, run_id: str, quarantined: Mapping[Input, str]
    ) -> None:
        self._desk, self._stage, self._wanted, self._run_id = desk, stage, wanted, run_id
        self._quarantined = quarantined
        self._engine_seconds = 0.0
        self._holder = f"{desk.holder}:{run_id}"
        self._tally = Tally()

    def run(self, tasks: Sequence[Task]) -> Tally:
        """Make what is free; for what another worker holds, wait until it is there or its lease lapses."""
        deadline = time.monotonic() + 2 * self._desk.patience.lease_seconds
        waiting = self._allowed(self._unfinished(tasks))
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
        granted = records.claim(keys, self._holder, self._desk.patience.lease_seconds)
        try:
            # Looked up again under the lease: its last holder may have published in the meantime.
            self._make(self._unfinished([task for task in tasks if task[0].key in granted]))
        finally:
            records.release(sorted(granted), self._holder)
        return [task for task in tasks if task[0].key not in granted]

    def _unfinished(self, tasks: Sequence[Task]) -> list[Task]:
        """Drop, and count as kept, the tasks whose every product has its verdict."""
        found = self._desk.records.find([product.input for task in tasks for product in task])
        unfinished = []
        for task in tasks:
            if all(p.input in found for p in task):
                self._tally.entries += [Entry(p, Status.KEPT, found[p.input]) for p in task]
            else:
                unfinished.append(task)
        return unfinished

    def _allowed(self, tasks: Sequence[Task]) -> list[Task]:
        """Drop, and count as failed, those that failed too often before and those of another release."""
        method, allowed = self._stage.method(), []
        for task in tasks:
            reason = next((self._quarantined[p.input] for p in task if p.input in self._quarantined), "")
            reason = reason or ("" if task[0].recipe.method == method else UNCONFIRMED)
            if reason:
                self._tally.entries += [Entry(p, Status.FAILED, None, reason) for p in task]
            else:
                allowed.append(task)
        return allowed

    def _make(self, tasks: Sequence[Task]) -> None:
        if not tasks:
            return
        try:
            booking = self._book_cost(tasks)
        except BudgetSpent as error:
            self._fail(tasks, error)
            self._tally.out_of_budget = str(error)
            return
        try:
            self._load_and_work(tasks)
        finally:
            self._settle_cost(booking)

    def _book_cost(self, tasks: Sequence[Task]) -> int | None:
        budget = self._desk.budget
        return budget.book(self._run_id, tasks[0][0].stage, len(tasks)) if budget else None

    def _settle_cost(self, booking: int | None) -> None:
        """Engine time that came to nothing was paid too."""
        if self._desk.budget and booking is not None:
            self._desk.budget.settle(booking, self._engine_seconds)
        self._engine_seconds = 0.0

    def _load_and_work(self, tasks: Sequence[Task]) -> None:
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
            self._engine_seconds += time.perf_counter() - started
            if len(loaded) == 1:
                self._fail([loaded[0][0]], error, paid=True)
            else:
                for pair in loaded:
                    self._work([pair])
            return
        seconds = time.perf_counter() - started
        self._engine_seconds += seconds
        self._book(loaded, verdicts, seconds)

    def _book(
        self, loaded: Sequence[tuple[Task, JobT]], verdicts: list[tuple[Made | Refused, ...]], seconds: float
    ) -> None:
        self._tally.engine_calls += len(loaded)
        self._tally.seconds += seconds
        share = seconds / len(loaded)
        outcomes = [
            outcome
            for (task, _), made in zip(loaded, verdicts, strict=True)
            for outcome in self._outcomes(task, made, share)
        ]
        self._publish(outcomes, paid=True)

    def _refuse(self, task: Task, refused: Refused) -> None:
        self._publish(self._outcomes(task, (refused,) * len(task), 0.0), paid=False)

    def _outcomes(self, task: Task, verdicts: Sequence[Made | Refused], seconds: float) -> list[Outcome]:
        """The engine pass is booked on the first product of its task."""
        spent = [seconds, *[0.0] * (len(task) - 1)]
        return [
            Outcome(product, verdict, self._wanted.uploads_of(product), cost)
            for product, verdict, cost in zip(task, verdicts, spent, strict=True)
        ]

    def _publish(self, outcomes: list[Outcome], paid: bool) -> None:
        try:
            published = self._desk.gate.publish(outcomes, self._run_id, self._retry)
        except Exception as error:  # noqa: BLE001 - it is logged and counted by _fail
            if len(outcomes) == 1:
                self._fail([(outcomes[0].product,)], error, paid)
            else:
                for outcome in outcomes:
                    self._publish([outcome], paid)
            return
        for outcome, (publication, record) in zip(outcomes, published, strict=True):
            self._tally.entries.append(self._entry(outcome.product, publication, record))

    def _entry(self, product: Product, publication: Publication, record: Record) -> Entry:
        if publication is Publication.WON:
            return Entry(product, Status.MADE, record)
        if publication is Publication.BURIED:
            message = "one of its uploads was erased or taken away while it was being made"
            return Entry(product, Status.FAILED, None, message)
        winner = self._desk.records.find([record.input]).get(record.input)
        if winner is None:
            return Entry(product, Status.FAILED, None, "a later generation of it is published; run it again")
        return Entry(product, Status.KEPT, winner)

    def _fail(self, tasks: Sequence[Task], error: Exception, paid: bool = False) -> None:
        """paid: an engine worked for it; after too many of these it is quarantined."""
        message = f"{type(error).__name__}: {error}"
        self._log(tasks, EventKind.FAILED, message)
        if paid:
            self._desk.records.fail([self._attempt(p, message) for task in tasks for p in task])
        self._tally.entries += [Entry(p, Status.FAILED, None, message) for task in tasks for p in task]

    def _attempt(self, product: Product, reason: str) -> Attempt:
        user, item = product.user, product.item
        return Attempt(
            product.key,
            product.generation,
            product.stage,
            product.name,
            user.id if user else None,
            item.id if item else None,
            reason,
            self._run_id,
            self._desk.journal.timestamp(),
        )

    def _log(self, tasks: Sequence[Task], kind: EventKind, message: str = "") -> None:
        now = self._desk.journal.timestamp()
        self._desk.journal.write(list(_events(tasks, kind, now, self._run_id, message)))

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
