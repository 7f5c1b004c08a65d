"""What every stage has in common: skip what is there, lease, log, have it made, publish.

A Dagster asset, a Modal function and an HTTP route are thin doors to `produce`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from threading import Event
from typing import NamedTuple, TypeVar

from tryon.core.errors import BudgetSpent, StoreAway, Unusable
from tryon.core.orders import Order
from tryon.core.recipes import Input
from tryon.core.stages.batch import Batch
from tryon.core.stages.desk import Desk
from tryon.core.stages.stage import Stage, Task
from tryon.core.stages.tally import Tally
from tryon.core.wanted import Product, Wanted

JobT = TypeVar("JobT")


class Group(NamedTuple):
    """The tasks of one batch. placed: the order of a killed run that holds them."""

    tasks: list[Task]
    placed: Order | None = None


def produce(desk: Desk, stage: Stage[JobT], tasks: Sequence[Task], wanted: Wanted, run_id: str) -> Tally:
    """Bring every task to a verdict, once across all workers. Never raises for one task's sake: what failed is
    in the tally, and the rest is published. Where a store is away or full, no engine can work, or a budget is spent, it
    stops, and all that is left fails: an engine pass whose result cannot be kept would be paid for nothing."""
    tally = Tally()
    if not tasks:
        return tally
    quarantined = desk.patience.retry(lambda: desk.quarantined(run_id))
    placed = desk.patience.retry(lambda: desk.compute.unfinished(tasks[0][0].stage))
    groups = _groups(tasks, placed, stage.batch_size)
    method, cancelled = stage.method(), Event()

    def run(group: Group) -> Tally:
        batch = Batch(desk, method, wanted, run_id, quarantined, group.placed, cancelled)
        try:
            return batch.run(group.tasks)
        except (Unusable, BudgetSpent, StoreAway) as error:
            return batch.stop(group.tasks, error)

    for made in _side_by_side(desk.compute.parallel, run, groups, cancelled):
        tally.add(made)
    if tally.stopped and (left := [task for group in groups for task in group.tasks]):
        tally.add(Batch(desk, method, wanted, run_id, quarantined).stop(left, tally.stopped))
    return tally


def _groups(tasks: Sequence[Task], placed: Sequence[Order], batch_size: int) -> Iterator[Group]:
    """First what killed runs have paid for, in their batches; the rest as it comes, in full ones."""
    waiting = {_products(task): task for task in tasks}
    for order in placed:
        # An item may have gained or lost a category since: then its task is another one, though a crop is the same.
        lines = [_products([asked.product for asked in line]) for line in order.tasks]
        if mine := [waiting.pop(line) for line in lines if line in waiting]:
            yield Group(mine, order)
    remaining = iter(waiting.values())
    while group := list(islice(remaining, batch_size)):
        yield Group(group)


def _products(task: Sequence[Product]) -> tuple[Input, ...]:
    return tuple(product.input for product in task)


def _side_by_side(
    parallel: int, run: Callable[[Group], Tally], groups: Iterator[Group], cancelled: Event
) -> Iterator[Tally]:
    """Each tally as it comes; no group is begun after one that was stopped. At most `parallel` are in memory."""
    if parallel == 1:
        for group in groups:
            yield (tally := run(group))
            if tally.stopped:
                return
        return
    flying: set[Future[Tally]] = set()
    stopped = False
    # Inside for the batches, outside for the wait for those that an error left in flight.
    with _obeying(cancelled), ThreadPoolExecutor(parallel) as pool, _obeying(cancelled):
        while True:
            room = 0 if stopped else parallel - len(flying)
            flying |= {pool.submit(run, group) for group in islice(groups, room)}
            if not flying:
                return
            done, flying = wait(flying, return_when=FIRST_COMPLETED)
            for tally in (future.result() for future in done):
                stopped = stopped or tally.stopped is not None
                yield tally


@contextmanager
def _obeying(cancelled: Event) -> Iterator[None]:
    """After an error the others finish, as they are paid for; a request to stop is obeyed at once."""
    try:
        yield
    except BaseException as error:
        if not isinstance(error, Exception):
            cancelled.set()
        raise
