"""The depot: where a made result is stored, before it is visible.

A result is written create-only under its own digest, read back and compared, unless one of its uploads was erased or
taken away meanwhile. Nothing is visible yet: that is the gate's part (tryon.core.publish), which may run in another
process on another machine. Killed anywhere in here, at worst a blob lies around that no record names.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Protocol, TypeVar

from tryon.core.encoding import Encoded
from tryon.core.errors import BlobCorrupted
from tryon.core.events import EventKind, LogEvent
from tryon.core.metering import Costs
from tryon.core.ports import Blobs, Records
from tryon.core.records import BlobFacts, Record
from tryon.core.uploads import UploadRef
from tryon.core.wanted import Product
from tryon.core.words import Refused

T = TypeVar("T")

WRITERS = 8
"""Blobs of one batch that are written at the same time."""
TAKEN_AWAY = "one of its uploads was erased or taken away while it was being made"


@dataclass(frozen=True, slots=True)
class Made:
    """An encoded result that passed its quality verdict. facts: JSON values for people."""

    encoded: Encoded
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """seconds: engine time of this product; 0 when no engine ran for it."""

    product: Product
    verdict: Made | Refused
    uploads: tuple[UploadRef, ...]
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Deposit:
    """A verdict that can be published. event: how its step ended.
    offered: False when one of its uploads was erased or taken away, so that it was not stored."""

    record: Record
    event: LogEvent
    offered: bool = True


class Retry(Protocol):
    """Calls something, again if need be, and returns its answer."""

    def __call__(self, call: Callable[[], T], /) -> T: ...


class Depot:
    """now: RFC 3339 UTC, as the journal writes it. costs: what a product costs, for its record."""

    def __init__(
        self, blobs: Blobs, records: Records, now: Callable[[], str], costs: Costs | None = None
    ) -> None:
        self._blobs, self._records, self._now = blobs, records, now
        self._costs = costs or Costs()

    def store(self, outcomes: Sequence[Outcome], run_id: str, retry: Retry) -> list[Deposit]:
        """One deposit for each outcome, in order. Raises StoreError when one could not be stored.

        retry: calls each step again when it fails.
        """
        made = [(outcome, self._record(outcome, run_id)) for outcome in outcomes]
        gone = retry(lambda: self._records.gone([ref for outcome in outcomes for ref in outcome.uploads]))
        # Left out for good, even if a suspended upload is offered again a moment later: they have no blob.
        self._write_all([pair for pair in made if gone.isdisjoint(pair[0].uploads)], retry)
        offered = [gone.isdisjoint(outcome.uploads) for outcome in outcomes]
        return [
            Deposit(record, _ended(record, there), there)
            for (_, record), there in zip(made, offered, strict=True)
        ]

    def discard(self, buried: Sequence[Record]) -> None:
        """One of their uploads was erased after they were stored: the blobs must not stay. One that a record names
        does, and so do all if the id is in use again, whose new results may be the same bytes; an audit decides then.
        """
        if not buried:
            return
        living = {(one.ref.kind, one.ref.id) for one in self._records.kept()}
        gone = self._records.gone([ref for record in buried for ref in record.uploads])
        reused = {ref for ref in gone if (ref.kind, ref.id) in living}
        paths = {record.path for record in buried if reused.isdisjoint(record.uploads)}
        for path in sorted(paths - self._records.names(sorted(paths))):
            self._blobs.delete(path)

    def _write_all(self, outcomes: Sequence[tuple[Outcome, Record]], retry: Retry) -> None:
        """Side by side: each write waits for a disk or a network, not for this process."""
        blobs = [
            (record.name, record.path, outcome.verdict.encoded.data)
            for outcome, record in outcomes
            if isinstance(outcome.verdict, Made)
        ]
        if blobs:
            with ThreadPoolExecutor(min(WRITERS, len(blobs))) as pool:
                list(pool.map(lambda blob: retry(partial(self._write, *blob)), blobs))

    def _write(self, name: str, path: str, data: bytes) -> None:
        """Messages name the product, never the address: they reach logs that cannot be erased."""
        self._blobs.put(path, data)
        first = self._blobs.get(path)
        if first == data:
            return
        if self._blobs.get(path) == first:
            # Twice the same, so it lies there like that and was not only read badly (another record may name a
            # good one). Out of the way, so that the retry can write it anew.
            self._blobs.delete(path)
        raise BlobCorrupted(f"{name} reads back differently from what was written; check the disk")

    def _record(self, outcome: Outcome, run_id: str) -> Record:
        product, verdict = outcome.product, outcome.verdict
        return Record(
            key=product.key,
            generation=product.generation,
            stage=product.stage,
            name=product.name,
            user=product.user.id if product.user else None,
            item=product.item.id if product.item else None,
            result=verdict if isinstance(verdict, Refused) else _blob_facts(verdict.encoded),
            recipe=product.recipe.canonical(),
            uploads=outcome.uploads,
            run_id=run_id,
            published_at=self._now(),
            token=secrets.token_hex(8),
            seconds=outcome.seconds,
            cost_usd=self._costs.usd(product, outcome.uploads, outcome.seconds),
            facts={} if isinstance(verdict, Refused) else verdict.facts,
        )


def _blob_facts(encoded: Encoded) -> BlobFacts:
    return BlobFacts(sha256(encoded.data).hexdigest(), encoded.suffix, len(encoded.data))


def _ended(record: Record, offered: bool) -> LogEvent:
    """offered: as in Deposit."""
    refused = isinstance(record.result, Refused)
    message = record.result.message if isinstance(record.result, Refused) else f"{record.name} is made"
    kind = EventKind.REFUSED if refused else EventKind.FINISHED
    return LogEvent(
        timestamp=record.published_at,
        user_id=record.user,
        item_id=record.item,
        component=f"stage.{record.stage}",
        step=record.name,
        event=kind if offered else EventKind.FAILED,
        run_id=record.run_id,
        recipe=record.key,
        duration_ms=round(record.seconds * 1000, 3),
        message=message if offered else TAKEN_AWAY,
        data={"code": record.result.code}
        if isinstance(record.result, Refused)
        else {"bytes": record.result.size},
    )
