"""The publish gate: the only way for a result to become visible.

Of what the depot stored (tryon.core.depot), the step's end is logged durably; then one atomic record makes it visible.
Killed anywhere in between, nothing is half visible: at worst a blob lies around that no record names.
"""

from __future__ import annotations

from collections.abc import Sequence

from tryon.core.depot import Deposit, Depot, Retry
from tryon.core.events import Journal
from tryon.core.ports import Records
from tryon.core.records import BlobFacts, Publication, Record


class Gate:
    def __init__(self, depot: Depot, records: Records, journal: Journal) -> None:
        self._depot, self._records, self._journal = depot, records, journal

    def publish(self, deposits: Sequence[Deposit], retry: Retry) -> list[tuple[Publication, Record]]:
        """All deposits of one engine batch. Raises StoreError before anything became visible.

        retry: calls each step again when it fails; one that succeeded is not repeated, so the log tells one end of
        each product.
        """
        retry(lambda: self._journal.write([deposit.event for deposit in deposits]))
        records = [deposit.record for deposit in deposits if deposit.offered]
        answers = retry(lambda: self._records.publish(records))
        told = zip(records, answers, strict=True)
        buried = [r for r, a in told if a is Publication.BURIED and isinstance(r.result, BlobFacts)]
        retry(lambda: self._depot.discard(buried))
        left = iter(answers)
        return [(next(left) if one.offered else Publication.BURIED, one.record) for one in deposits]
