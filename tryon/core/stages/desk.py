"""What a stage needs to bring products into the world, and how patient it is with infrastructure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential
from tenacity.wait import wait_base

from tryon.core.errors import BadInput, BudgetSpent, InputMissing, Unusable
from tryon.core.events import Journal
from tryon.core.materials import InputRefused
from tryon.core.ports import Records
from tryon.core.publish import Gate
from tryon.core.recipes import Input
from tryon.core.spending import Budget
from tryon.core.stages.compute import Compute

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """How long infrastructure is given to recover. lease_seconds: how long a batch may take before another
    worker may take it over (a killed worker's lease lapses at once where the store can see that it died).
    max_failures: runs that may pay an engine for a product in vain before it is quarantined."""

    attempts: int = 3
    max_failures: int = 3
    wait: wait_base = field(default_factory=lambda: wait_exponential(0.5, max=20))
    lease_seconds: float = 900.0
    poll_seconds: float = 0.2

    def retry(self, call: Callable[[], T], /) -> T:
        """Its answer, or its last error."""
        retrying = Retrying(
            stop=stop_after_attempt(self.attempts),
            wait=self.wait,
            retry=retry_if_exception(_may_recover),
            reraise=True,
        )
        return retrying(call)


def _may_recover(error: BaseException) -> bool:
    """Infrastructure may; a wrong input or a full disk does not by itself; a request to stop (Ctrl-C, Dagster) is
    obeyed at once."""
    final = (BadInput, BudgetSpent, InputMissing, InputRefused, Unusable)
    return isinstance(error, Exception) and not isinstance(error, final)


@dataclass(frozen=True)
class Desk:
    """holder: names this worker in leases. compute: where engines work. budget: None where engine time costs
    nothing."""

    records: Records
    journal: Journal
    gate: Gate
    compute: Compute
    holder: str
    patience: Patience = Patience()
    budget: Budget | None = None

    def quarantined(self, run_id: str) -> dict[Input, str]:
        """Why products are not paid for again: they failed too often, or in this run already."""
        found: dict[Input, str] = {}
        for attempt in self.records.attempts():
            if attempt.failures >= self.patience.max_failures:
                found[attempt.input] = (
                    f"quarantined after {attempt.failures} failures ({attempt.reason}); remove the cause, then run "
                    "`fashion retry`"
                )
            elif attempt.run_id == run_id:
                found[attempt.input] = f"it failed earlier in this run: {attempt.reason}"
        return found
