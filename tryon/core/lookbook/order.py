"""The order of the matrix, as places that stay what they are when items come and go.

A place is made of ordinals, which are given once: a new item's outfits come at the end, and those of an erased one
leave a gap.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tryon.core.errors import InvalidFilter
from tryon.core.matrix import Matrix
from tryon.core.words import Category, Garment, Outfit

Order = tuple[int, int, int, int]
START: Order = (0, 0, 0, 0)
_TOKEN = re.compile("-".join(["([0-9]{1,18})"] * 4))


class Placed(NamedTuple):
    """order: the owner's ordinal, how many garments, the partner's ordinal, and which of equals."""

    order: Order
    outfit: Outfit

    @property
    def token(self) -> str:
        return "-".join(map(str, self.order))


def read_token(token: str) -> Order:
    """Empty: the start. Raises InvalidFilter."""
    if not token:
        return START
    found = _TOKEN.fullmatch(token)
    if not found:
        raise InvalidFilter(f"{token[:80]!r} is no page; use `next` of the page before")
    a, b, c, d = map(int, found.groups())
    return a, b, c, d


def places(matrix: Matrix, after: Order = START) -> Iterator[Placed]:
    """All outfits after a place. Those of items before it are not even put together."""
    ordinals = _ordinals(matrix)
    for item in matrix.items:
        if item.ordinal >= after[0]:
            found = sorted(_placed(ordinals, outfit) for outfit in matrix.owned(item))
            yield from (place for place in found if place.order > after)


def places_with(matrix: Matrix, name: str, after: Order = START) -> Iterator[Placed]:
    """Those with one garment, or with any garment of one item. name: its id."""
    ordinals = _ordinals(matrix)
    found = (_placed(ordinals, outfit) for outfit in _wearing(matrix, name))
    yield from sorted(place for place in found if place.order > after)


def _ordinals(matrix: Matrix) -> dict[str, int]:
    return {item.id: item.ordinal for item in matrix.items}


def _placed(ordinals: dict[str, int], outfit: Outfit) -> Placed:
    first, last = outfit.garments[0], outfit.garments[-1]
    owner, partner = ordinals[first.item], ordinals[last.item]
    if len(outfit.garments) == 1:
        return Placed((owner, 1, _RANK[first.category], 0), outfit)
    # The owner is the later one; its own top comes before its own bottom with the same partner.
    return Placed((max(owner, partner), 2, min(owner, partner), int(owner < partner)), outfit)


_RANK = {category: number for number, category in enumerate(Category)}


def _wearing(matrix: Matrix, name: str) -> Iterable[Outfit]:
    """Each once."""
    garments = [Garment(item.id, category) for item in matrix.items for category in item.categories]
    tops, bottoms = (
        [g for g in garments if g.category is kind] for kind in (Category.TOPS, Category.BOTTOMS)
    )
    chosen = [g for g in garments if name in (g.id, g.item) and g.category.region is not None]
    found = dict.fromkeys(Outfit((garment,)) for garment in chosen)
    for garment in chosen:
        if garment.category is Category.TOPS:
            found |= dict.fromkeys(Outfit((garment, bottom)) for bottom in bottoms)
        elif garment.category is Category.BOTTOMS:
            found |= dict.fromkeys(Outfit((top, garment)) for top in tops)
    return found
