"""Engine work on other machines, so that a killed run finds what it has paid for.

An order is kept in Records before a call is made, the call's id as soon as it is known, and the worker leaves its
delivery there. Whoever asks for an order that is kept already goes on waiting for its call. A run that was killed
between a call and the keeping of its id starts a second one; workers take a lease of their order, so the engine works
once all the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock

from tryon.core.depot import TAKEN_AWAY
from tryon.core.errors import CallFailed, Cancelled, EngineUnusable, StoreAway, StoreError, Unusable
from tryon.core.orders import Delivery, Order
from tryon.core.ports import Calls, Records
from tryon.core.recipes import Stage
from tryon.core.records import Placed

BUSY, DELIVERED, WITHDRAWN = "busy", "delivered", "withdrawn"
"""What a worker answers: another one works on the order, its delivery is in Records, or nobody waits for it."""

MOST_STARTS = 2
"""Of one order by one run: a worker that dies may have been taken away; one that dies twice has a reason."""
MOST_IN_A_ROW = 6
"""Calls that may fail one after the other, before the workers themselves are taken to be broken."""
KEPT = timedelta(days=7)
"""How long a call's answer can be asked for: https://modal.com/docs/guide/job-queue (read 2026-11)."""


def lease_of(order_id: str) -> str:
    """What a worker claims."""
    return f"order:{order_id}"


@dataclass
class RemoteCompute:
    """now: RFC 3339 UTC, as the journal writes it. holder: names this process in leases.
    slice_seconds: how long it waits before it looks whether it still should."""

    records: Records
    calls: Calls
    now: Callable[[], str]
    holder: str
    parallel: int = 16
    slice_seconds: float = 5.0
    poll_seconds: float = 2.0
    _failed: int = 0
    _lock: Lock = field(default_factory=Lock)
    _starting: Lock = field(default_factory=Lock)

    def unfinished(self, stage: Stage) -> Sequence[Order]:
        """Without those that were published but not forgotten, those too old to be asked for, and those of another
        version, which cannot be read."""
        found = []
        for placed in self.records.orders(stage):
            order = _readable(placed.text)
            if self._is_over(placed, order):
                self.records.finish(placed.id)
            elif order:
                found.append(order)
        return found

    def make(self, order: Order, still: Callable[[], object]) -> Delivery:
        still()
        placed = self.records.place(self._placed(order))
        if placed is None:
            raise CallFailed(TAKEN_AWAY)
        delivery = placed.delivery or self._call(placed, still)
        self._note(failed=False)
        return Delivery.read(delivery)

    def finish(self, order: Order) -> None:
        self.records.finish(order.id)

    def _call(self, placed: Placed, still: Callable[[], object]) -> str:
        """Raises EngineUnusable when nothing but failures comes back from the workers."""
        call, starts = placed.call, 0
        while True:
            starts += not call
            failure: CallFailed | None = None
            answer = ""
            call = call or self._start(placed, still)
            try:
                answer = self._wait(placed, call, still)
            except CallFailed as error:
                failure = error
                # Its worker may have died with the lease in its hands.
                self.records.release([lease_of(placed.id)], call)
            if delivery := self._left(placed.id) or (answer == BUSY and self._of_another(placed.id, still)):
                return delivery
            if starts >= MOST_STARTS:
                self._note(failed=True)
                raise failure or CallFailed(f"the worker answered {answer!r} and left no result")
            call = ""

    def _start(self, placed: Placed, still: Callable[[], object]) -> str:
        """One at a time, so that a kill in between costs one second start at most."""
        with self._starting:
            try:
                still()
            except Cancelled:
                with suppress(StoreError):
                    self.records.finish(placed.id)
                raise
            call = self.calls.spawn(placed.stage, placed.id)
            self.records.called(placed.id, call)
        return call

    def _wait(self, placed: Placed, call: str, still: Callable[[], object]) -> str:
        try:
            while (answer := self.calls.wait(call, self.slice_seconds)) is None:
                still()
        except (CallFailed, StoreAway, Unusable):
            # It is over, or goes on and is asked for again.
            raise
        except BaseException:
            # Most of all: the run was asked to stop.
            self._withdraw(placed.id, call)
            raise
        return answer

    def _withdraw(self, order_id: str, call: str) -> None:
        """What cannot be cancelled stays ordered, and the next run waits for it."""
        with suppress(StoreError):
            self.calls.cancel(call)
            self.records.finish(order_id)

    def _left(self, order_id: str) -> str:
        placed = self.records.order(order_id)
        if placed is None:
            raise CallFailed(
                "its order is gone: another run finished it, or one of the uploads in its batch was erased"
            )
        return placed.delivery

    def _of_another(self, order_id: str, still: Callable[[], object]) -> str:
        """The delivery of the worker that has the lease; empty when it lets go without one."""
        lease, probe = lease_of(order_id), f"{self.holder}:probe"
        while not (delivery := self._left(order_id)):
            if self.records.claim([lease], probe, self.poll_seconds):
                self.records.release([lease], probe)
                return self._left(order_id)
            still()
            time.sleep(self.poll_seconds)
        return delivery

    def _note(self, failed: bool) -> None:
        with self._lock:
            self._failed = self._failed + 1 if failed else 0
            in_a_row = self._failed
        if in_a_row >= MOST_IN_A_ROW:
            raise EngineUnusable(
                f"{in_a_row} calls of workers failed one after the other; look at their logs (`modal app logs`), and "
                "run the app's self-test (docs/modal.md)"
            )

    def _placed(self, order: Order) -> Placed:
        keys = tuple(made.key for made in order.inputs)
        return Placed(order.id, order.stage, order.text(), keys, order.uploads, self.now())

    def _is_over(self, placed: Placed, order: Order | None) -> bool:
        if datetime.now(UTC) - datetime.fromisoformat(placed.placed_at) > KEPT:
            return True
        return order is not None and len(self.records.find(order.inputs)) == len(order.inputs)


def _readable(text: str) -> Order | None:
    try:
        return Order.read(text)
    except ValueError:
        return None
