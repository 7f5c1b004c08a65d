"""One engine batch, from claim to publication."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Generic, Protocol, TypeVar

from tryon.core.errors import BudgetSpent, ImageRejected, LeaseLost, Unusable
from tryon.core.events import EventKind, LogEvent
from tryon.core.materials import InputRefused
from tryon.core.publish import Made, Outcome
from tryon.core.recipes import Input, Method
from tryon.core.records import Attempt, Publication, Record
from tryon.core.spending import Budget
from tryon.core.stages.desk import Desk
from tryon.core.stages.tally import Entry, Status, Tally
from tryon.core.wanted import Product, Wanted
from tryon.core.words import Refused

JobT = TypeVar("JobT")
Task = tuple[Product, ...]
"""The products of one engine pass: the garments of a photo, the masks of a person, or one single result."""

UNCONFIRMED = (
    "the running code makes another release than the one that was confirmed; see `fashion plan`, then run "
    "`fashion rollout`"
)
TAKEN_AWAY = "one of its uploads was erased or taken away while it was being made"


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


class Batch(Generic[JobT]):
    """held: why products are not to be paid for."""

    def __init__(
        self, desk: Desk, stage: Stage[JobT], wanted: Wanted, run_id: str, held: Mapping[Input, str]
    ) -> None:
        self._desk, self._stage, self._wanted, self._run_id = desk, stage, wanted, run_id
        self._held, self._retry = held, desk.patience.retry
        self._holder = f"{desk.holder}:{run_id}"
        self._tally = Tally()
        self._engine_seconds = 0.0

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

    def stop(self, tasks: Sequence[Task], error: Exception) -> Tally:
        """Every product that has no entry yet fails. The log may be what cannot be written: the console is told."""
        done = {entry.product.input for entry in self._tally.entries}
        left = [tuple(p for p in task if p.input not in done) for task in tasks]
        with suppress(Unusable):
            self._desk.journal.write_or_say(self._events(left, EventKind.FAILED, _said(error)))
        self._tally.entries += [Entry(p, Status.FAILED, None, _said(error)) for task in left for p in task]
        self._tally.stopped = error
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
        """Drop, and count as kept, the tasks whose every product has its verdict."""
        asked = [product.input for task in tasks for product in task]
        found = self._retry(lambda: self._desk.records.find(asked))
        unfinished = []
        for task in tasks:
            if all(p.input in found for p in task):
                self._tally.entries += [Entry(p, Status.KEPT, found[p.input]) for p in task]
            else:
                unfinished.append(task)
        return unfinished

    def _allowed(self, tasks: Sequence[Task]) -> list[Task]:
        """Drop, and count as failed, those that are held and those of another release."""
        method, allowed = self._stage.method(), []
        for task in tasks:
            reason = next((self._held[p.input] for p in task if p.input in self._held), "")
            reason = reason or ("" if task[0].recipe.method == method else UNCONFIRMED)
            if reason:
                self._tally.entries += [Entry(p, Status.FAILED, None, reason) for p in task]
            else:
                allowed.append(task)
        return allowed

    def _make(self, tasks: Sequence[Task]) -> None:
        """Booked before an engine is asked. Engine time that came to nothing was paid too."""
        budget = self._desk.budget
        if not tasks or not budget:
            self._load_and_work(tasks)
            return
        booking, fitting = self._book_fitting(budget, tasks)
        try:
            self._load_and_work(tasks[:fitting])
        finally:
            self._retry(lambda: budget.settle(booking, self._engine_seconds))
            self._engine_seconds = 0.0
        self._make(tasks[fitting:])

    def _book_fitting(self, budget: Budget, tasks: Sequence[Task]) -> tuple[int, int]:
        """The booking, and how many passes it is for: what is left of a budget is used. Raises BudgetSpent when not
        even one fits."""
        stage, passes = tasks[0][0].stage, len(tasks)
        while True:
            try:
                booking = self._retry(partial(budget.book, self._run_id, stage, passes))
            except BudgetSpent:
                if passes == 1:
                    raise
                passes //= 2
            else:
                return booking, passes

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
        except Unusable:
            raise
        except Exception as error:  # noqa: BLE001 - it is logged and counted by _fail
            self._engine_seconds += time.perf_counter() - started
            if len(loaded) == 1:
                self._fail([loaded[0][0]], error, paid=True)
            else:
                for pair in loaded:
                    self._work([pair])
            return
        self._book(loaded, verdicts, time.perf_counter() - started)

    def _book(
        self, loaded: Sequence[tuple[Task, JobT]], verdicts: list[tuple[Made | Refused, ...]], seconds: float
    ) -> None:
        self._engine_seconds += seconds
        self._tally.engine_calls += len(loaded)
        self._tally.seconds += seconds
        share = seconds / len(loaded)
        passes = zip(loaded, verdicts, strict=True)
        self._publish([self._outcomes(task, made, share) for (task, _), made in passes], paid=True)

    def _refuse(self, task: Task, refused: Refused) -> None:
        self._publish([self._outcomes(task, (refused,) * len(task), 0.0)], paid=False)

    def _outcomes(self, task: Task, verdicts: Sequence[Made | Refused], seconds: float) -> list[Outcome]:
        """The engine pass is booked on the first product of its task."""
        spent = [seconds, *[0.0] * (len(task) - 1)]
        return [
            Outcome(product, verdict, self._wanted.uploads_of(product), cost)
            for product, verdict, cost in zip(task, verdicts, spent, strict=True)
        ]

    def _publish(self, passes: Sequence[list[Outcome]], paid: bool) -> None:
        """The products of one engine pass become visible together or not at all: masks that were computed from a
        parse which is made anew would not fit the published one."""
        outcomes = [outcome for made in passes for outcome in made]
        try:
            published = self._desk.gate.publish(outcomes, self._run_id, self._retry)
        except Unusable:
            raise
        except Exception as error:  # noqa: BLE001 - it is logged and counted by _fail
            if len(passes) == 1:
                self._fail([tuple(outcome.product for outcome in outcomes)], error, paid)
            else:
                for made in passes:
                    self._publish([made], paid)
            return
        for outcome, (publication, record) in zip(outcomes, published, strict=True):
            self._tally.entries.append(self._entry(outcome.product, publication, record))

    def _entry(self, product: Product, publication: Publication, record: Record) -> Entry:
        if publication is Publication.WON:
            return Entry(product, Status.MADE, record)
        if publication is Publication.BURIED:
            return Entry(product, Status.FAILED, None, TAKEN_AWAY)
        winner = self._retry(lambda: self._desk.records.find([record.input])).get(record.input)
        if winner is None:
            return Entry(product, Status.FAILED, None, "a later generation of it is published; run it again")
        # Published by this run: the gate's first attempt won, but its answer was lost.
        mine = winner.run_id == self._run_id
        return Entry(product, Status.MADE if mine else Status.KEPT, winner)

    def _fail(self, tasks: Sequence[Task], error: Exception, paid: bool = False) -> None:
        """paid: an engine worked for it; after too many of these it is quarantined."""
        if isinstance(error, Unusable):
            raise error
        self._log(tasks, EventKind.FAILED, _said(error))
        if paid:
            attempts = [self._attempt(p, _said(error)) for task in tasks for p in task]
            self._retry(lambda: self._desk.records.fail(attempts))
        self._tally.entries += [Entry(p, Status.FAILED, None, _said(error)) for task in tasks for p in task]

    def _attempt(self, product: Product, reason: str) -> Attempt:
        user, item = _owner(product)
        now = self._desk.journal.timestamp()
        what = (product.key, product.generation, product.stage, product.name)
        return Attempt(*what, user, item, reason, self._run_id, now)

    def _log(self, tasks: Sequence[Task], kind: EventKind, message: str = "") -> None:
        events = self._events(tasks, kind, message)
        self._retry(lambda: self._desk.journal.write(events))

    def _events(self, tasks: Sequence[Task], kind: EventKind, message: str) -> list[LogEvent]:
        now = self._desk.journal.timestamp()
        return list(_events(tasks, kind, now, self._run_id, message))


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _owner(product: Product) -> tuple[str | None, str | None]:
    return product.user.id if product.user else None, product.item.id if product.item else None


def _events(
    tasks: Sequence[Task], kind: EventKind, now: str, run_id: str, message: str
) -> Iterator[LogEvent]:
    for product in [product for task in tasks for product in task]:
        user, item = _owner(product)
        yield LogEvent(
            timestamp=now,
            user_id=user,
            item_id=item,
            component=f"stage.{product.stage}",
            step=product.name,
            event=kind,
            run_id=run_id,
            recipe=product.key,
            duration_ms=None,
            message=message or f"{product.name} is being made",
        )
