"""The outfits of one person, page by page, in the order of the matrix.

A page begins at a place in that order (tryon.core.lookbook.order), not at a number: outfits that come or go meanwhile
neither hide nor repeat another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice

from tryon.core.errors import InvalidFilter
from tryon.core.lookbook.asked import image_facts
from tryon.core.lookbook.order import Placed, places, places_with, read_token
from tryon.core.lookbook.views import Card, Filter, OutfitPage, State
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import Stage
from tryon.core.records import Record
from tryon.core.wanted import Product, Shelf
from tryon.core.words import Refused, check_id

MOST_OUTFITS, MOST_LOOKED = 200, 1000
"""On a page; and that one request looks at, where a filter does not let all of them through."""


def outfits(
    pipeline: Pipeline,
    user_id: str,
    only: Filter | None = None,
    after: str = "",
    limit: int = 50,
    most_looked: int = MOST_LOOKED,
) -> OutfitPage:
    """after: the `next` of the page before. Raises UnknownUpload, InvalidId, and InvalidFilter for a filter or a page
    that cannot be read."""
    only, limit = _checked(only or Filter()), max(1, min(limit, MOST_OUTFITS))
    shelf = pipeline.shown_shelf(check_id(user_id, "user id"))
    most = max(limit, most_looked) if only.since or only.until else limit
    asked = list(islice(_asked_for(shelf, only, after), most + 1))
    found: list[Card] = []
    looked = 0
    for card in _cards(pipeline, shelf, asked[:most], limit):
        looked += 1
        found += [card] if _is_within(card, only) else []
        if len(found) == limit:
            break
    following = asked[looked - 1].token if looked < len(asked) else ""
    return OutfitPage(user_id, tuple(found), len(shelf.wanted.matrix), following)


def _checked(only: Filter) -> Filter:
    for name, value in (("since", only.since), ("until", only.until)):
        try:
            is_day = not value or date.fromisoformat(value).isoformat() == value
        except ValueError:
            is_day = False
        if not is_day:
            raise InvalidFilter(f"{name}={value[:40]!r} is not a day; write it as 2026-11-21")
    return only


def _asked_for(shelf: Shelf, only: Filter, after: str) -> Iterator[Placed]:
    """In order, from the page's beginning. One release has one engine for all of its try-ons."""
    begin, matrix = read_token(after), shelf.wanted.matrix
    if only.engine and only.engine not in shelf.wanted.release.methods[Stage.TRYON].engines:
        return iter(())
    return places_with(matrix, only.garment, begin) if only.garment else places(matrix, begin)


def _cards(pipeline: Pipeline, shelf: Shelf, asked: Sequence[Placed], limit: int) -> Iterator[Card]:
    """A page's worth of records at a time: the first ones may be enough."""
    for start in range(0, len(asked), limit):
        looks = [shelf.tryon(place.outfit) for place in asked[start : start + limit]]
        records = pipeline.records.find([look.input for look in looks])
        yield from (_card(shelf, look, records.get(look.input)) for look in looks)


def _card(shelf: Shelf, look: Product, record: Record | None) -> Card:
    assert look.outfit is not None, "a try-on is a user in an outfit"
    refused = record.result if record and isinstance(record.result, Refused) else None
    return Card(
        look.name,
        tuple(garment.id for garment in look.outfit.garments),
        State.MISSING if record is None else State.REFUSED if refused else State.PUBLISHED,
        refused.code if refused else "",
        refused.message if refused else "",
        image_facts(record),
        tuple(look.recipe.method.engines),
        shelf.wanted.release.wants_splat(look.outfit),
    )


def _is_within(card: Card, only: Filter) -> bool:
    """With a day, only what was published."""
    if not (only.since or only.until):
        return True
    day = card.image.published_at[:10] if card.image else ""
    return bool(day) and only.since <= day and (not only.until or day <= only.until)
