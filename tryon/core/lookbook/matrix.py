"""Tops x bottoms, dresses and singles of one person: what is there, and why something is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from tryon.core.blocked import blocked
from tryon.core.coverage import Counts
from tryon.core.errors import InvalidFilter
from tryon.core.explanation import Cause, Made
from tryon.core.failures import Failures, last_failures
from tryon.core.lookbook.asked import made_from
from tryon.core.lookbook.views import Cell, CoverageMatrix, State
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import Input
from tryon.core.records import BlobFacts, Record, Verdict
from tryon.core.wanted import Product, Shelf
from tryon.core.words import Category, Garment, Outfit, Refused, check_id

MOST_CELLS = 10_000
"""Of one page."""
LAST_FAILURES = 500
STALE = "its photo, a crop or the release changed since it was made"


def coverage_matrix(
    pipeline: Pipeline, user_id: str, after: str = "", most: int = MOST_CELLS
) -> CoverageMatrix:
    """after: the `next` of the page before. most: pairs on a page, though it holds one row at least.
    Raises UnknownUpload, InvalidId, InvalidFilter."""
    shelf = pipeline.shown_shelf(check_id(user_id, "user id"))
    tops, bottoms, dresses = (_garments(shelf, kind) for kind in _WORN)
    rows = max(1, min(most, MOST_CELLS) // max(1, len(bottoms)))
    first = _begin(tops, after)
    page = tops[first : first + rows]
    outfits = [Outfit((top, bottom)) for top in page for bottom in bottoms]
    alone = [page, *([bottoms, dresses] if first == 0 else [[], []])]
    singles = [[Outfit((garment,)) for garment in part] for part in alone]
    cells = _cells(pipeline, shelf, [*outfits, *chain(*singles)])
    tops_alone, bottoms_alone, dresses_alone = (tuple(cells[one.id] for one in part) for part in singles)
    return CoverageMatrix(
        user_id,
        tuple(top.id for top in page),
        tuple(bottom.id for bottom in bottoms),
        tuple(tuple(cells[Outfit((top, bottom)).id] for bottom in bottoms) for top in page),
        tops_alone,
        bottoms_alone,
        dresses_alone,
        _count(cells.values()),
        tops[first + rows].id if first + rows < len(tops) else "",
    )


_WORN = (Category.TOPS, Category.BOTTOMS, Category.DRESS)


def _garments(shelf: Shelf, kind: Category) -> list[Garment]:
    return [Garment(item.id, kind) for item in shelf.wanted.items if kind in item.categories]


def _begin(tops: Sequence[Garment], after: str) -> int:
    """Where the page begins that starts with the top `after`."""
    if not after:
        return 0
    found = [number for number, top in enumerate(tops) if top.id == after]
    if not found:
        raise InvalidFilter(f"{after[:80]!r} is no page; use `next` of the page before")
    return found[0]


def _count(cells: Iterable[Cell]) -> Counts:
    states = [cell.state for cell in cells]
    return Counts(len(states), *(states.count(state) for state in State))


def _cells(pipeline: Pipeline, shelf: Shelf, outfits: Sequence[Outfit]) -> dict[str, Cell]:
    """By outfit id. Records are read for what is not published alone."""
    looks = [shelf.tryon(outfit) for outfit in outfits]
    standings = pipeline.records.standings(shelf.user.id)
    others = [look for look in looks if standings.get(look.input) is not Verdict.PUBLISHED]
    records = pipeline.records.find([look.input for look in others])
    missing = [look for look in others if look.input not in records]
    cells = {look.name: Cell(look.name, State.PUBLISHED, "", "") for look in looks}
    cells |= {record.name: _verdict(record) for record in records.values()}
    return cells | (_missing(pipeline, shelf, missing) if missing else {})


def _verdict(record: Record) -> Cell:
    if isinstance(record.result, Refused):
        return Cell(record.name, State.REFUSED, record.result.code, record.result.message)
    return Cell(record.name, State.PUBLISHED, "", "")


def _missing(pipeline: Pipeline, shelf: Shelf, looks: Sequence[Product]) -> dict[str, Cell]:
    """Why, from one reading of the user's records and of the last failures."""
    chains = [made_from(shelf, look) for look in looks]
    found = pipeline.records.find(list({product.input for made in chains for product in made}))
    older = {
        record.name
        for record in pipeline.records.of_user(shelf.user.id)
        if record.stage is looks[0].stage and isinstance(record.result, BlobFacts)
    }
    failures = last_failures(pipeline.log, LAST_FAILURES)
    return {made[-1].name: _why(made, found, failures, made[-1].name in older) for made in chains}


def _why(products: Sequence[Product], found: Mapping[Input, Record], failures: Failures, older: bool) -> Cell:
    name = products[-1].name
    if (made_now := found.get(products[-1].input)) is not None:
        return _verdict(made_now)
    block = blocked([_made(product, found.get(product.input), failures) for product in products])
    if older and block.cause not in (Cause.INPUT_REFUSED, Cause.FAILED):
        return Cell(name, State.STALE, Cause.STALE.value, STALE)
    return Cell(name, State.STALE if older else State.MISSING, block.cause.value, block.reason)


def _made(product: Product, record: Record | None, failures: Failures) -> Made:
    return Made(product, record, None if record else failures.last.get(product.key))
