"""Why one outfit of one user can be shown, or exactly why it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from tryon.core.differences import Recipe, differences, label, read_recipe
from tryon.core.errors import StoreError, UnknownOutfit
from tryon.core.events import EventKind, EventLog, LogEvent
from tryon.core.explanation import Cause, Explanation, Made, Stale
from tryon.core.pipeline import Pipeline
from tryon.core.ports import Blobs
from tryon.core.recipes import Input
from tryon.core.records import BlobFacts
from tryon.core.stored import read_verified
from tryon.core.wanted import Product, Shelf
from tryon.core.words import Outfit

PAGE = 5000


def why(pipeline: Pipeline, user_id: str, outfit_id: str) -> Explanation:
    """Raises UnknownUpload, and UnknownOutfit with the nearest outfits that do exist."""
    shelf = pipeline.shown_shelf(user_id)
    chain = lineage(shelf, find_outfit(shelf, outfit_id))
    look = chain[-1]
    splat = shelf.splat(look) if look.outfit and shelf.wanted.release.wants_splat(look.outfit) else None
    found = pipeline.records.find([p.input for p in [*chain, *([splat] if splat else [])]])
    made = [Made(product, found.get(product.input)) for product in chain]
    stale = None if made[-1].record else _stale(pipeline, chain)
    cause, reason = _cause(pipeline, made, stale)
    return Explanation(
        cause,
        reason,
        made[-1],
        made[:-1],
        stale,
        Made(splat, found.get(splat.input)) if splat else None,
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


def _cause(pipeline: Pipeline, made: list[Made], stale: Stale | None) -> tuple[Cause, str]:
    """The first thing that stands in the way, root before consequence."""
    look = made[-1]
    if look.record:
        return _verdict(pipeline.blobs, made)
    refused = next((m for m in made if m.reason), None)
    if refused:
        return Cause.INPUT_REFUSED, f"{label(refused.product)} was refused: {refused.reason}"
    root = next(m for m in made if m.record is None).product
    last = _last_event(pipeline.log, root)
    if last and last.event is EventKind.FAILED:
        return Cause.FAILED, f"{label(root)} failed at {last.timestamp}: {last.message}"
    if stale:
        return Cause.STALE, "; ".join(stale.differences)
    begun = f"; started at {last.timestamp} by run {last.run_id} and not finished" if last else ""
    if root is not look.product:
        return Cause.INPUT_MISSING, f"{label(root)} is not made yet{begun}"
    return Cause.NOT_MADE, f"it has not been generated yet{begun}"


def _verdict(blobs: Blobs, made: list[Made]) -> tuple[Cause, str]:
    """A refusal names the first refused input, since that is where to look."""
    look = made[-1]
    if look.record and not look.reason:
        try:
            read_verified(blobs, look.record)
        except StoreError as error:
            return Cause.DAMAGED, str(error)
        return Cause.PUBLISHED, "the published image is the one that its recipe asks for"
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

    def recipe_of(made: Input) -> Recipe | None:
        record = pipeline.records.find([made]).get(made)
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
