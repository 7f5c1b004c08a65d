"""Why one outfit of one user can be shown, or exactly why it cannot."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from tryon.core.blocked import blocked
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
    *made, finished = verdicts(pipeline, [*chain, splat or look])
    stale = None if made[-1].record else _stale(pipeline, chain)
    cause, reason = _cause(pipeline, made, stale)
    return Explanation(
        cause,
        reason,
        made[-1],
        made[:-1],
        stale,
        finished if splat else None,
        list(_events(pipeline.log, look.key)),
    )


def verdicts(pipeline: Pipeline, products: Sequence[Product]) -> list[Made]:
    """Each with its verdict, or with the failure that was the last that became of it."""
    found = pipeline.records.find([product.input for product in products])
    ends = pipeline.log.last_ends([product.key for product in products if product.input not in found])
    failures = {key: event for key, (_, event) in ends.items() if event.event is EventKind.FAILED}
    return [Made(p, found.get(p.input), failures.get(p.key)) for p in products]


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
    block = blocked(made)
    if stale and block.cause not in (Cause.INPUT_REFUSED, Cause.FAILED):
        return Cause.STALE, "; ".join(stale.differences)
    begun = "" if block.cause is Cause.INPUT_REFUSED else _begun(pipeline.log, block.product)
    return block.cause, f"{block.reason}{begun}"


def _begun(log: EventLog, product: Product) -> str:
    last = deque(_events(log, product.key), maxlen=1)
    if not last or last[0][1].event is not EventKind.STARTED:
        return ""
    return f"; started at {last[0][1].timestamp} by run {last[0][1].run_id} and not finished"


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


def _events(log: EventLog, key: str) -> Iterator[tuple[int, LogEvent]]:
    """Of one product, oldest first, page by page."""
    position = 0
    while page := log.read(key=key, after=position, limit=PAGE):
        yield from page
        position = page[-1][0]
