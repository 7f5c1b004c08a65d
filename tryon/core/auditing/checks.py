"""Checks of the catalogue as it is now: they report; the publish gate is what blocks.

One pass over what is wanted gives coverage, staleness and lineage in full, and a sample of what is published, drawn
anew each day. Stored bytes, uploads and the log are checked on that sample; `fashion audit` reads every byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from heapq import nsmallest

from tryon.core.auditing.superseded import Slot
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import Input, Stage
from tryon.core.records import Record, Verdict
from tryon.core.wanted import Product

SAMPLE = 100
"""Products of each family whose bytes, recipe and log are checked: bounded work, however large the catalogue is."""
SHOWN = 20
"""Products that a check names as examples."""


class Family(StrEnum):
    """Products that are made, shown and checked together: one Dagster asset each."""

    CROPS = "product_crops"
    MASKS = "user_masks"
    SINGLES = "garment_tryons"
    TWO_PIECE = "outfit_tryons"
    SPLATS = "outfit_splats"


def family(product: Product) -> Family:
    if product.stage is Stage.TRYON:
        assert product.outfit, "a try-on shows an outfit"
        return Family.SINGLES if len(product.outfit.garments) == 1 else Family.TWO_PIECE
    return {Stage.CROP: Family.CROPS, Stage.MASK: Family.MASKS, Stage.SPLAT: Family.SPLATS}[product.stage]


@dataclass
class Seen:
    """One family: wanted = published + refused + stale + missing. stale: an older image of the same product exists.
    broken: published, but something it is made from has no record. Lists hold the first products only.
    sample: published, lowest rank first; the rank is drawn from the seed."""

    wanted: int = 0
    published: int = 0
    refused: int = 0
    stale: int = 0
    missing: int = 0
    broken: int = 0
    stale_names: list[str] = field(default_factory=list)
    missing_names: list[str] = field(default_factory=list)
    broken_names: list[str] = field(default_factory=list)
    sample: list[tuple[str, Input]] = field(default_factory=list)


def examine(pipeline: Pipeline, seed: str) -> dict[Family, Seen]:
    """Everything wanted against everything published, one user at a time. seed: the day, for the sample."""
    catalogue, shared = pipeline.catalogue(), pipeline.records.standings(None)
    users = pipeline.records.users()
    seen = {one: Seen() for one in Family}
    for user in [None, *users]:
        owner = user.id if user else None
        standings = pipeline.records.standings(owner) if user else shared
        shelf = catalogue.shown_shelf(user, standings) if user else None
        products = list(shelf.everything()) if shelf else catalogue.shown_crops(users)
        older = _older(pipeline, owner, products, standings)
        shelves: dict[Family, list[Product]] = {one: [] for one in Family}
        for product in products:
            shelves[family(product)].append(product)
        for one, mine in shelves.items():
            published = _count(seen[one], mine, standings, older)
            _trace(seen[one], published, standings, shared)
            _draw(seen[one], published, seed)
    return seen


def records_of(pipeline: Pipeline, made: Sequence[Input]) -> list[Record]:
    return list(pipeline.records.find(made).values())


def label(product: Product) -> str:
    return f"{product.user.id}: {product.name}" if product.user else product.name


def _older(
    pipeline: Pipeline, owner: str | None, products: Sequence[Product], standings: Mapping[Input, Verdict]
) -> set[Slot]:
    """Places that an older result takes. Asked only where something is missing: it reads every record."""
    if all(product.input in standings for product in products):
        return set()
    records = pipeline.records.of_user(owner)
    return {Slot(r.stage, r.name) for r in records if r.verdict is Verdict.PUBLISHED}


def _count(
    seen: Seen, products: Iterable[Product], standings: Mapping[Input, Verdict], older: set[Slot]
) -> list[Product]:
    """The published ones."""
    published: list[Product] = []
    for product in products:
        found = standings.get(product.input)
        seen.wanted += 1
        if found is Verdict.PUBLISHED:
            published.append(product)
        seen.refused += found is Verdict.REFUSED
        if found is None and Slot(product.stage, product.name) in older:
            seen.stale += 1
            _note(seen.stale_names, label(product))
        elif found is None:
            seen.missing += 1
            _note(seen.missing_names, label(product))
    seen.published += len(published)
    return published


def _trace(
    seen: Seen,
    published: Iterable[Product],
    standings: Mapping[Input, Verdict],
    shared: Mapping[Input, Verdict],
) -> None:
    """Inputs are crops, which all users share, or the user's own products."""
    for product in published:
        inputs = product.recipe.inputs
        if any(i not in standings and i not in shared for i in inputs):
            seen.broken += 1
            _note(seen.broken_names, label(product))


def _draw(seen: Seen, published: Iterable[Product], seed: str) -> None:
    """The lowest ranks of all: the same sample whatever the order of users is."""
    ranked = [(sha256(f"{seed} {p.key}".encode()).hexdigest(), p.input) for p in published]
    seen.sample = nsmallest(SAMPLE, [*seen.sample, *ranked])


def _note(names: list[str], name: str) -> None:
    if len(names) < SHOWN:
        names.append(name)
