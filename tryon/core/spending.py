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
        self._booked: dict[int, tuple[Stage, int]] = {}

    def book(self, run_id: str, stage: Stage, passes: int) -> int:
        """Before an engine batch. Raises BudgetSpent."""
        booking = self._records.book(run_id, self._today(), self._prices().usd(stage) * passes, self.caps)
        self._booked[booking] = stage, passes
        return booking

    def settle(self, booking: int, seconds: float) -> None:
        """After it: `seconds` of engine time were used, whatever came of them. Where engines worked, each pass counts
        as having looked at its photo; only its record tells whether the answer was known. A booking of another process
        stays as it was booked."""
        if booking in self._booked:
            stage, passes = self._booked[booking]
            tariff = self._prices().tariff
            self._records.settle(booking, tariff.expected(stage, seconds, passes) if seconds else 0.0)
            del self._booked[booking]

    def spent(self, run_id: str = "") -> Spent:
        return self._records.spent(run_id, self._today())

    def _today(self) -> str:
        return self._now()[:10]
