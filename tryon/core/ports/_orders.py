"""Orders that were given to workers on other machines."""

from __future__ import annotations

from typing import Protocol

from tryon.core.recipes import Stage
from tryon.core.records import Placed


class Orders(Protocol):
    """Kept before a call is made, so that a run that takes over from a killed one finds what was paid for. A worker
    reads its order here and leaves its delivery here.

    A part of Records, since an order names users and has to go with them.
    """

    def place(self, order: Placed) -> Placed | None:
        """What is kept under its id: the first one stays. None when one of its uploads was erased."""
        ...

    def order(self, order_id: str) -> Placed | None: ...

    def orders(self, stage: Stage | None = None) -> list[Placed]:
        """Of one stage, or all; the oldest first."""
        ...

    def called(self, order_id: str, call: str) -> None:
        """The call that was made for it; the last one counts. Nothing happens when the order is gone."""
        ...

    def deliver(self, order_id: str, delivery: str) -> bool:
        """The first one stays. False when the order is gone: nobody waits for it."""
        ...

    def finish(self, order_id: str) -> None:
        """What became of it is published, or nobody wants it any more: forget it."""
        ...
