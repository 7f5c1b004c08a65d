"""Why one outfit of one user can be shown, or exactly why it cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from tryon.core.differences import Recipe, differences, label, read_recipe
from tryon.core.errors import UnknownOutfit
from tryon.core.events import EventKind, EventLog, LogEvent
from tryon.core.pipeline import Pipeline
from tryon.core.records import BlobFacts, Record
from tryon.core.wanted import Product, Shelf
from tryon.core.words import Outfit, Refused

PAGE = 5000


class Cause(StrEnum):
    PUBLISHED = "published"
    REFUSED = "refused"
    INPUT_REFUSED = "input_refused"
    """What it is made from was refused, so it will be refused as well."""
    FAILED = "failed"
    """Infrastructure gave up the last time; there is no verdict."""
    STALE = "stale"
    """An older image exists, but it was made from something that changed since."""
    INPUT_MISSING = "input_missing"
    NOT_MADE = "not_made"


@dataclass(frozen=True)
class Made:
    """A product and its verdict, None while there is none."""

    product: Product
    record: Record | None

    @property
    def verdict(self) -> str:
        return self.record.verdict.value if self.record else "missing"

    @property
    def reason(self) -> str:
        result = self.record.result if self.record else None
        return result.message if isinstance(result, Refused) else ""

    def facts(self) -> dict[str, object]:
        return {
            "stage": self.product.stage.value,
            "name": self.product.name,
            "key": self.product.key,
            "generation": self.product.generation,
            "verdict": self.verdict,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class Stale:
    """record: the older result. differences: what changed since, root causes first."""

    record: Record
    differences: list[str]


@dataclass(frozen=True)
class Explanation:
    """inputs: everything the image is made from, first things first. splat: None when the outfit gets none.
    events: (position, event) of the wanted key, oldest first."""

    cause: Cause
    reason: str
    look: Made
    inputs: list[Made]
    stale: Stale | None
    splat: Made | None
    events: list[tuple[int, LogEvent]]

    def facts(self) -> dict[str, object]:
        product = self.look.product
        assert product.user, "a try-on belongs to a user"
        assert product.item, "a try-on belongs to an item"
        return {
            "user": product.user.id,
            "outfit": product.name,
            "cause": self.cause.value,
            "reason": self.reason,
            "owner": {"user": product.user.id, "item": product.item.id},
            **self.look.facts(),
            "recipe": product.recipe.facts(),
            "inputs": [made.facts() for made in self.inputs],
            "record": _record_facts(self.look.record),
            "stale": _stale_facts(self.stale),
            "splat": {**self.splat.facts(), "record": _record_facts(self.splat.record)}
            if self.splat
            else None,
            "events": [{"position": position, **event.facts()} for position, event in self.events],
        }


def why(pipeline: Pipeline, user_id: str, outfit_id: str) -> Explanation:
    """Raises UnknownUpload, and UnknownOutfit with the nearest outfits that do exist."""
    shelf = pipeline.shelf(pipeline.wanted(), user_id)
    chain = lineage(shelf, find_outfit(shelf, outfit_id))
    look = chain[-1]
    splat = shelf.splat(look) if look.outfit and shelf.wanted.release.wants_splat(look.outfit) else None
    found = pipeline.records.find([p.key for p in [*chain, *([splat] if splat else [])]])
    made = [Made(product, found.get(product.key)) for product in chain]
    stale = None if made[-1].record else _stale(pipeline, chain)
    cause, reason = _cause(pipeline.log, made, stale)
    return Explanation(
        cause,
        reason,
        made[-1],
        made[:-1],
        stale,
        Made(splat, found.get(splat.key)) if splat else None,
        list(_events(pipeline.log, user_id, look.key)),
    )


def find_outfit(shelf: Shelf, outfit_id: str) -> Outfit:
    """The outfit of the matrix with this id."""
    try:
        outfit = Outfit.parse(outfit_id)
        shelf.wanted.owner(outfit)
    except UnknownOutfit as error:
        known = [outfit.id for outfit in shelf.wanted.matrix.outfits()]
        near = get_close_matches(outfit_id, known, 3, 0.5)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise UnknownOutfit(f"{error}{hint}") from None
    return outfit


def lineage(shelf: Shelf, outfit: Outfit) -> list[Product]:
    """All that the outfit's image is made from, each after what it needs; the try-on itself comes last."""
    look = shelf.tryon(outfit)
    regions = dict.fromkeys(garment.category.region for garment in outfit.garments)
    return [
        shelf.body,
        *(shelf.masks[region] for region in regions if region is not None),
        *(shelf.wanted.crop(garment) for garment in outfit.garments),
        *([look.base] if look.base else []),
        look,
    ]


def _cause(log: EventLog, made: list[Made], stale: Stale | None) -> tuple[Cause, str]:
    """The first thing that stands in the way, root before consequence."""
    look = made[-1]
    if look.record:
        return _verdict(made)
    refused = next((m for m in made if m.reason), None)
    if refused:
        return Cause.INPUT_REFUSED, f"{label(refused.product)} was refused: {refused.reason}"
    root = next(m for m in made if m.record is None).product
    last = _last_event(log, root)
    if last and last.event is EventKind.FAILED:
        return Cause.FAILED, f"{label(root)} failed at {last.timestamp}: {last.message}"
    if stale:
        return Cause.STALE, "; ".join(stale.differences)
    begun = f"; started at {last.timestamp} by run {last.run_id} and not finished" if last else ""
    if root is not look.product:
        return Cause.INPUT_MISSING, f"{label(root)} is not made yet{begun}"
    return Cause.NOT_MADE, f"it has not been generated yet{begun}"


def _verdict(made: list[Made]) -> tuple[Cause, str]:
    """A refusal names the first refused input, since that is where to look."""
    look = made[-1]
    if not look.reason:
        return Cause.PUBLISHED, "it is published for the wanted key"
    root = next(m for m in made if m.reason)
    if root is look:
        return Cause.REFUSED, look.reason
    return Cause.REFUSED, f"{label(root.product)} was refused: {root.reason}"


def _stale(pipeline: Pipeline, chain: list[Product]) -> Stale | None:
    """The newest older image of the same outfit, and what changed since."""
    look, known = chain[-1], {product.key: product for product in chain}
    assert look.user is not None, "a try-on belongs to a user"
    older = [
        record
        for record in pipeline.records.of_user(look.user.id)
        if (record.stage, record.name) == (look.stage, look.name) and isinstance(record.result, BlobFacts)
    ]
    if not older:
        return None
    newest = max(older, key=lambda record: record.published_at)

    def recipe_of(key: str) -> Recipe | None:
        record = pipeline.records.find([key]).get(key)
        return read_recipe(record.recipe) if record else None

    return Stale(newest, differences(read_recipe(newest.recipe), look, known, recipe_of))


def _last_event(log: EventLog, product: Product) -> LogEvent | None:
    events = list(_events(log, product.user.id if product.user else None, product.key))
    return events[-1][1] if events else None


def _events(log: EventLog, user_id: str | None, key: str) -> Iterator[tuple[int, LogEvent]]:
    """Of one key, oldest first, page by page: the log of a user may be long."""
    position = 0
    while page := log.read(user=user_id, after=position, limit=PAGE):
        yield from ((at, event) for at, event in page if event.recipe == key)
        position = page[-1][0]


def _record_facts(record: Record | None) -> Mapping[str, object] | None:
    if record is None:
        return None
    facts: dict[str, object] = {
        "run_id": record.run_id,
        "published_at": record.published_at,
        "seconds": record.seconds,
        "cost_usd": record.cost_usd,
        "facts": dict(record.facts),
    }
    if isinstance(record.result, BlobFacts):
        facts |= {"blob": record.path, "sha256": record.result.sha256, "bytes": record.result.size}
    return facts


def _stale_facts(stale: Stale | None) -> dict[str, object] | None:
    if stale is None:
        return None
    return {
        "key": stale.record.key,
        "published_at": stale.record.published_at,
        "differences": stale.differences,
    }
