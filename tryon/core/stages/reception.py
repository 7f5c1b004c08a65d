"""What came back of a batch: published, counted as failed, and written into the tally."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tryon.core.depot import TAKEN_AWAY
from tryon.core.errors import Unusable
from tryon.core.events import EventKind
from tryon.core.orders import Delivery, Order, Parcel
from tryon.core.recipes import Input
from tryon.core.records import Attempt, Publication, Record
from tryon.core.stages.desk import Desk
from tryon.core.stages.stage import Task
from tryon.core.stages.tally import Entry, Status, Tally
from tryon.core.stages.telling import owner_of, said, tell
from tryon.core.wanted import Product


class Reception:
    def __init__(self, desk: Desk, run_id: str, tally: Tally) -> None:
        self._desk, self._run_id, self._tally = desk, run_id, tally
        self._retry = desk.patience.retry

    def receive(self, tasks: Sequence[Task], order: Order, delivery: Delivery) -> None:
        """A killed run may have ordered more than this one asks for: all of it is paid for, so all of it is taken."""
        parcels = {
            line[0].product.input: parcel for line, parcel in zip(order.tasks, delivery.parcels, strict=True)
        }
        self._take(tasks, parcels)
        asked = {task[0].input for task in tasks}
        ordered = [tuple(asked.product for asked in line) for line in order.tasks]
        if others := [task for task in ordered if task[0].input not in asked]:
            Reception(self._desk, self._run_id, Tally())._take(self._unpublished(others), parcels)

    def _unpublished(self, tasks: Sequence[Task]) -> list[Task]:
        products = [product.input for task in tasks for product in task]
        found = self._retry(lambda: self._desk.records.find(products))
        return [task for task in tasks if any(product.input not in found for product in task)]

    def _take(self, tasks: Sequence[Task], parcels: Mapping[Input, Parcel | None]) -> None:
        sent = [(task, parcel) for task in tasks if (parcel := parcels[task[0].input]) is not None]
        for task, parcel in sent:
            if parcel.failure:
                self._count_failure(task, parcel)
        made = [(task, parcel) for task, parcel in sent if not parcel.failure]
        worked = [parcel.seconds for _, parcel in made if parcel.paid]
        self._tally.engine_calls += len(worked)
        self._tally.seconds += sum(worked)
        if made:
            self._publish(made)

    def missing(self, tasks: Sequence[Task]) -> list[Task]:
        """Those that nothing came back of."""
        told = {entry.product.input for entry in self._tally.entries}
        return [task for task in tasks if task[0].input not in told]

    def _publish(self, made: Sequence[tuple[Task, Parcel]]) -> None:
        """The products of one engine pass become visible together or not at all: masks that were computed from a
        parse which is made anew would not fit the published one."""
        deposits = [deposit for _, parcel in made for deposit in parcel.deposits]
        try:
            published = self._desk.gate.publish(deposits, self._retry)
        except Unusable:
            raise
        except Exception as error:  # noqa: BLE001 - it is logged and counted
            if len(made) == 1:
                ((task, parcel),) = made
                self.fail([task], error, parcel.paid)
            else:
                for one in made:
                    self._publish([one])
            return
        products = [product for task, _ in made for product in task]
        for product, (publication, record) in zip(products, published, strict=True):
            self._tally.entries.append(self._entry(product, publication, record))

    def _entry(self, product: Product, publication: Publication, record: Record) -> Entry:
        if publication is Publication.WON:
            return Entry(product, Status.MADE, record)
        if publication is Publication.BURIED:
            return Entry(product, Status.FAILED, None, TAKEN_AWAY)
        winner = self._retry(lambda: self._desk.records.find([record.input])).get(record.input)
        if winner is None:
            return Entry(product, Status.FAILED, None, "a later generation of it is published; run it again")
        # Published by this run: the gate's first attempt won, but its answer was lost.
        mine = winner.run_id == record.run_id
        return Entry(product, Status.MADE if mine else Status.KEPT, winner)

    def fail(self, tasks: Sequence[Task], error: Exception, paid: bool = False) -> None:
        if isinstance(error, Unusable):
            raise error
        for task in tasks:
            now = self._desk.journal.timestamp()
            events = tell(task, EventKind.FAILED, now, self._run_id, said(error))
            self._count_failure(task, Parcel(failure=said(error), events=tuple(events), paid=paid))

    def _count_failure(self, task: Task, parcel: Parcel) -> None:
        """An engine worked in vain: after too many of these a product is quarantined."""
        self._retry(lambda: self._desk.journal.write(parcel.events))
        if parcel.paid:
            attempts = [self._attempt(product, parcel.failure) for product in task]
            self._retry(lambda: self._desk.records.fail(attempts))
        self._tally.entries += [Entry(p, Status.FAILED, None, parcel.failure) for p in task]

    def _attempt(self, product: Product, reason: str) -> Attempt:
        now, what = (
            self._desk.journal.timestamp(),
            (product.key, product.generation, product.stage, product.name),
        )
        return Attempt(*what, *owner_of(product), reason, self._run_id, now)
