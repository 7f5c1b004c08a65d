"""Booking what engine batches cost against the budget."""

from __future__ import annotations

from collections.abc import Callable

from tryon.core.budget import Caps, Spent
from tryon.core.ports import Records
from tryon.core.recipes import Stage
from tryon.core.work import Prices


class Budget:
    """prices: what a pass is expected to cost. now: RFC 3339 UTC, as the journal writes it."""

    def __init__(
        self, records: Records, caps: Caps, prices: Callable[[], Prices], now: Callable[[], str]
    ) -> None:
        self._records, self.caps, self._prices, self._now = records, caps, prices, now

    def book(self, run_id: str, stage: Stage, passes: int) -> int:
        """Before an engine batch. Raises BudgetSpent."""
        return self._records.book(run_id, self._today(), self._prices().usd(stage) * passes, self.caps)

    def settle(self, booking: int, seconds: float) -> None:
        """After it: `seconds` of engine time were used, whatever came of them."""
        self._records.settle(booking, seconds * self._prices().usd_per_second)

    def spent(self, run_id: str = "") -> Spent:
        return self._records.spent(run_id, self._today())

    def _today(self) -> str:
        return self._now()[:10]
