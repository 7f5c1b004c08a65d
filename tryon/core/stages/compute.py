"""Where engines work: in this process, or (tryon.core.stages.remote) on other machines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from tryon.core.orders import Delivery, Order
from tryon.core.recipes import Stage
from tryon.core.stages.workbench import Workbench


class Compute(Protocol):
    @property
    def parallel(self) -> int:
        """Batches that may be in work at the same time."""
        ...

    def unfinished(self, stage: Stage) -> Sequence[Order]:
        """What killed runs left behind: paid work, to be asked for again in the same batches."""
        ...

    def make(self, order: Order, still: Callable[[], object]) -> Delivery:
        """Have it worked, or go on waiting where it was ordered before.

        still: called before the work is paid for and now and then while it waits; what it raises gives the work up.
        Raises CallFailed when nothing came back.
        """
        ...

    def finish(self, order: Order) -> None:
        """Its delivery is published, or given up: forget it."""
        ...


class LocalCompute:
    """One batch after another, in the thread that asks; what a killed process worked on is lost with it."""

    parallel = 1

    def __init__(self, workbench: Workbench) -> None:
        self.workbench = workbench

    def unfinished(self, stage: Stage) -> Sequence[Order]:
        return ()

    def make(self, order: Order, still: Callable[[], object]) -> Delivery:
        return self.workbench.make(order)

    def finish(self, order: Order) -> None:
        """Nothing is kept of an order."""
