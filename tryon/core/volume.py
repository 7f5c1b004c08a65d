"""How many bytes a plan adds to the stores: as stored results measure, and before there are any, estimates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from tryon.core.ports import Records
from tryon.core.recipes import Stage
from tryon.core.records import BlobFacts, Record
from tryon.core.words import MaskKind
from tryon.core.work import Plan

MOST_USERS = 3
MOST_RECORDS = 1000
"""Looked at, of each of the users and of the items: a plan must not read the whole catalogue to tell its size."""

RECORD_BYTES = 4700
"""Of one product outside the blobs: its record, its recipe and the events of its making, with their indexes. As the
sample catalogue's SQLite file measures: 202 products in 0.94 MB."""


@dataclass(frozen=True, slots=True)
class Size:
    """What `passes` engine passes left: products with their bytes. measured: False for an estimate."""

    passes: int
    products: int
    bytes: int
    measured: bool = True


ESTIMATES: Mapping[Stage, Size] = {
    Stage.CROP: Size(1, 1, 1_500_000, measured=False),
    Stage.MASK: Size(1, 1 + len(MaskKind), 150_000, measured=False),
    Stage.TRYON: Size(1, 1, 200_000, measured=False),
    Stage.SPLAT: Size(1, 1, 300_000 * 56, measured=False),
}
"""Of one pass, for photos of phones. A crop: an RGBA PNG of about 800 x 1000 pixels of cloth; masks: a few PNGs of two
values; a try-on: a WebP of 768 x 1024 at quality 92; a splat: 300,000 Gaussians of a person at 56 bytes in a PLY."""


@dataclass(frozen=True)
class Volume:
    """sizes: measured ones; a stage without goes by its estimate."""

    sizes: Mapping[Stage, Size] = field(default_factory=dict)

    def of(self, stage: Stage) -> Size:
        return self.sizes.get(stage, ESTIMATES[stage])

    def blobs(self, found: Plan, stages: Iterable[Stage]) -> float:
        """Bytes of results that the planned passes of these stages will leave."""
        return sum(found.passes[stage] * self.of(stage).bytes / self.of(stage).passes for stage in stages)

    def records(self, found: Plan) -> float:
        """Bytes of facts about all of them."""
        products = (found.passes[s] * self.of(s).products / self.of(s).passes for s in Stage)
        return sum(products) * RECORD_BYTES


def measure(records: Records) -> Volume:
    """From a bounded sample of what is stored. A refused product counts: it takes a pass and leaves no blob."""
    sizes: dict[Stage, Size] = {}
    seen: set[tuple[str, ...]] = set()
    for record in _sample(records):
        old, made = sizes.get(record.stage, Size(0, 0, 0)), _pass(record)
        size = record.result.size if isinstance(record.result, BlobFacts) else 0
        sizes[record.stage] = Size(old.passes + (made not in seen), old.products + 1, old.bytes + size)
        seen.add(made)
    return Volume(sizes)


def _sample(records: Records) -> Iterator[Record]:
    for owner in (None, *(user.id for user in records.users()[:MOST_USERS])):
        yield from islice(records.of_user(owner), MOST_RECORDS)


def _pass(record: Record) -> tuple[str, ...]:
    """Names the engine pass: all crops of a photo come from one, and so do all masks of a person."""
    if record.stage is Stage.CROP:
        return record.stage, record.run_id, record.item or ""
    if record.stage is Stage.MASK:
        return record.stage, record.run_id, record.user or ""
    return record.stage, record.key, str(record.generation)
