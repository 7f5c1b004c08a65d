"""Calls of workers on other machines."""

from __future__ import annotations

from typing import Protocol

from tryon.core.recipes import Stage


class Calls(Protocol):
    """Starts workers and hears from them. Arguments and answers are ids and words: bytes never travel here."""

    def spawn(self, stage: Stage, order_id: str) -> str:
        """Start a worker of this stage on an order; the call's id. When an answer was lost a second call may run beside
        the first: workers take a lease of their order, so only one of them works.

        Raises StoreUnusable and StoreAway.
        """
        ...

    def wait(self, call_id: str, seconds: float) -> str | None:
        """What the worker answered ("delivered", "busy" or "withdrawn"); None when it still runs after `seconds`.
        Asking again gives the same answer, from any process.

        Raises CallFailed when the call raised, ran out of time, was cancelled, is too old or is unknown;
        StoreUnusable and StoreAway.
        """
        ...

    def cancel(self, call_id: str) -> None:
        """No error when it has ended or is unknown. Raises StoreUnusable and StoreAway."""
        ...
