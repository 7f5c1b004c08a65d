"""The orchestrator's half of a batch: claim, book, have it made."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from threading import Event

from tryon.core.depot import TAKEN_AWAY
from tryon.core.errors import BudgetSpent, Cancelled, LeaseLost, StoreAway, StoreError, Unusable
from tryon.core.events import EventKind
from tryon.core.orders import Asked, Order
from tryon.core.recipes import Input, Method
from tryon.core.spending import Budget
from tryon.core.stages.desk import Desk
from tryon.core.stages.reception import Reception
from tryon.core.stages.stage import Task
from tryon.core.stages.tally import Entry, Status, Tally
from tryon.core.stages.telling import said, tell
from tryon.core.wanted import Wanted

UNCONFIRMED = (
    "the running code makes another release than the one that was confirmed; see `fashion plan`, then run "
    "`fashion rollout`"
)


class Batch:
    """held: why products are not to be paid for. placed: the order of a killed run that holds these tasks; it was
    booked and paid when it was given. cancelled: set when the run was asked to stop."""

    def __init__(
        self,
        desk: Desk,
        method: Method,
        wanted: Wanted,
        run_id: str,
        held: Mapping[Input, str],
        placed: Order | None = None,
        cancelled: Event | None = None,
    ) -> None:
        self._desk, self._method, self._wanted, self._run_id = desk, method, wanted, run_id
        self._held, self._placed, self._retry = held, placed, desk.patience.retry
        self._cancelled = cancelled or Event()
        self._holder = f"{desk.holder}:{run_id}"
        self._tally = Tally()
        self._reception = Reception(desk, run_id, self._tally)
        self._engine_seconds = self._renew_at = 0.0
        self._ordered = False

    def run(self, tasks: Sequence[Task]) -> Tally:
        """Make what is free; for what another worker holds, wait until it is there or its lease lapses."""
        waiting, deadline = self._allowed(self._unfinished(tasks)), 0.0
        while waiting:
            waiting = self._unfinished(self._make_free(waiting))
            # From after the own work, which may take long.
            deadline = deadline or time.monotonic() + 2 * self._desk.patience.lease_seconds
            if waiting and time.monotonic() > deadline:
                self._reception.fail(
                    waiting, LeaseLost("another worker holds this product and does not finish")
                )
                break
            if waiting:
                time.sleep(self._desk.patience.poll_seconds)
        return self._tally

    def stop(self, tasks: Sequence[Task], error: Exception) -> Tally:
        """Every product that has no entry yet fails. The log may be what cannot be written: the console is told."""
        done = {entry.product.input for entry in self._tally.entries}
        left = [product for task in tasks for product in task if product.input not in done]
        with suppress(StoreError):
            now = self._desk.journal.timestamp()
            self._desk.journal.write_or_say(tell(left, EventKind.FAILED, now, self._run_id, said(error)))
        self._tally.entries += [Entry(p, Status.FAILED, None, said(error)) for p in left]
        self._tally.stopped = error
        return self._tally

    def _make_free(self, tasks: Sequence[Task]) -> list[Task]:
        """Make those whose lease is granted; return the others."""
        keys = [task[0].key for task in tasks]
        try:
            granted = self._claim(keys)
            # Looked up again under the lease: its last holder may have published in the meantime.
            self._make(self._unfinished([task for task in tasks if task[0].key in granted]))
        finally:
            # All that were asked for: a claim that raised may have been granted all the same.
            self._retry(lambda: self._desk.records.release(keys, self._holder))
        return [task for task in tasks if task[0].key not in granted]

    def _claim(self, keys: Sequence[str]) -> set[str]:
        seconds = self._desk.patience.lease_seconds
        self._renew_at = time.monotonic() + seconds / 3
        return self._retry(lambda: self._desk.records.claim(keys, self._holder, seconds))

    def _still(self, keys: Sequence[str]) -> None:
        """While others work for it. Raises Cancelled."""
        if self._cancelled.is_set():
            raise Cancelled("the run was asked to stop")
        if time.monotonic() > self._renew_at:
            self._claim(keys)

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
        """Drop, and count as failed, those that are held, those of another release, and those of an item that went
        since they were asked for."""
        allowed = []
        for task in tasks:
            reason = next((self._held[p.input] for p in task if p.input in self._held), "")
            reason = reason or ("" if task[0].recipe.method == self._method else UNCONFIRMED)
            reason = reason or ("" if all(map(self._wanted.offers, task)) else TAKEN_AWAY)
            if reason:
                self._tally.entries += [Entry(p, Status.FAILED, None, reason) for p in task]
            else:
                allowed.append(task)
        return allowed

    def _make(self, tasks: Sequence[Task]) -> None:
        """Booked before an engine is asked. Engine time that came to nothing was paid too, and an order that stays
        is still to be paid: the run that takes it over books nothing."""
        budget = self._desk.budget
        if not tasks or not budget or self._placed:
            self._have_made(tasks)
            return
        booking, fitting = self._book_fitting(budget, tasks)
        try:
            self._have_made(tasks[:fitting])
        finally:
            if not self._ordered:
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

    def _have_made(self, tasks: Sequence[Task]) -> None:
        """The start is in the log before an engine is asked; that of a killed run's order is there already."""
        if tasks and not self._placed:
            products, now = [product for task in tasks for product in task], self._desk.journal.timestamp()
            started = tell(products, EventKind.STARTED, now, self._run_id)
            self._retry(lambda: self._desk.journal.write(started))
        if tasks:
            self._order(tasks)

    def _order(self, tasks: Sequence[Task]) -> None:
        """A call that comes to nothing is taken apart, as one bad product may have taken its worker down. Where a
        system is away the order stays: the next run asks for what is paid for."""
        placed, keys = self._placed, [task[0].key for task in tasks]
        order, self._placed = placed or self._order_of(tasks), None
        try:
            delivery = self._desk.compute.make(order, lambda: self._still(keys))
        except (Unusable, StoreAway):
            self._ordered = True
            raise
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - it is logged and counted
            self._retry(lambda: self._desk.compute.finish(order))
            # Another run may have published what it waited for too.
            left = self._unfinished(tasks)
            if len(tasks) == 1:
                self._reception.fail(left, error, paid=True)
            else:
                for task in left:
                    self._order([task])
            return
        self._engine_seconds += delivery.seconds
        self._reception.receive(tasks, order, delivery)
        self._retry(lambda: self._desk.compute.finish(order))
        if placed and delivery.error:
            # What stopped a worker then may be mended by now.
            self._make(self._reception.missing(tasks))
        elif delivery.error:
            raise delivery.error

    def _order_of(self, tasks: Sequence[Task]) -> Order:
        asked = tuple(tuple(Asked(p, self._wanted.uploads_of(p)) for p in task) for task in tasks)
        return Order(tasks[0][0].stage, self._run_id, asked)
