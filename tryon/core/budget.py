"""The budget: caps on what engines may cost, checked before every engine batch.

What a batch is expected to cost is booked before it starts and corrected when it ends, in one atomic step each,
so runs side by side cannot spend the same dollar, and a killed run's booking stays: its work may have been paid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from tryon.core.errors import BudgetSpent


@dataclass(frozen=True, slots=True)
class Caps:
    """US dollars; None: no cap. run: of one run. day: of one UTC day. catalogue: of all time."""

    run: float | None = None
    day: float | None = None
    catalogue: float | None = None

    @property
    def any(self) -> bool:
        return any(value is not None for value in asdict(self).values())


@dataclass(frozen=True, slots=True)
class Spent:
    """US dollars booked so far, by the same three bounds."""

    run: float = 0.0
    day: float = 0.0
    catalogue: float = 0.0


def check_budget(caps: Caps, spent: Spent, usd: float) -> None:
    """Raises BudgetSpent naming the first cap that `usd` more would pass."""
    limits: Mapping[str, float | None] = asdict(caps)
    for name, booked in asdict(spent).items():
        limit = limits[name]
        if limit is not None and booked + usd > limit:
            wait = " or wait for the next UTC day" if name == "day" else ""
            raise BudgetSpent(
                f"the next engine pass costs about {usd:.4f} USD, and {booked:.4f} of the {name}'s {limit:.4f} are "
                f"spent; raise FASHION_BUDGET_{name.upper()}{wait}, then run it again"
            )
