"""Which outfits exist, and which pair (user, item) owns each.

Every item has an immutable ordinal. An outfit belongs to the item that completes it: the pair (user, item)
owns the outfits made of `item` and items of lower ordinal. So every outfit has exactly one owner, and a new
item adds exactly its own outfits and touches nobody else's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from tryon.core.errors import UnknownOutfit
from tryon.core.uploads import Item
from tryon.core.words import Category, Garment, Outfit


class Matrix:
    """The outfits of a catalogue. They are the same for every user."""

    def __init__(self, items: Iterable[Item]) -> None:
        self.items = tuple(sorted(items))
        self._ordinals = {item.id: item.ordinal for item in self.items}
        self._garments = frozenset(Garment(i.id, c) for i in self.items for c in i.categories)
        self._owned: dict[str, tuple[Outfit, ...]] = {}

    def singles(self, item: Item) -> tuple[Outfit, ...]:
        """The one-garment outfits of an item; shoes, bags and accessories are cropped but not tried on."""
        return tuple(Outfit((garment,)) for garment in _worn(item))

    def two_piece(self, item: Item) -> tuple[Outfit, ...]:
        """The top-and-bottom outfits that `item` completes, in the order of the partner's ordinal."""
        return tuple(self._completed(item))

    def _completed(self, item: Item) -> Iterator[Outfit]:
        top, bottom = Garment(item.id, Category.TOPS), Garment(item.id, Category.BOTTOMS)
        for other in self.items:
            if other.ordinal > item.ordinal:
                return
            if top in self._garments and Category.BOTTOMS in other.categories:
                yield Outfit((top, Garment(other.id, Category.BOTTOMS)))
            if other is not item and bottom in self._garments and Category.TOPS in other.categories:
                yield Outfit((Garment(other.id, Category.TOPS), bottom))

    def owned(self, item: Item) -> tuple[Outfit, ...]:
        """All outfits of the pair (any user, item); worked out once, as a plan asks for every user."""
        if item.id not in self._owned:
            self._owned[item.id] = self.singles(item) + self.two_piece(item)
        return self._owned[item.id]

    def outfits(self) -> Iterator[Outfit]:
        for item in self.items:
            yield from self.owned(item)

    def owner(self, outfit: Outfit) -> str:
        """Id of the item whose pair owns `outfit`. Raises UnknownOutfit outside the matrix."""
        for garment in outfit.garments:
            if garment not in self._garments:
                raise UnknownOutfit(f"outfit {outfit.id!r}: no item offers the garment {garment.id!r}")
        return max((garment.item for garment in outfit.garments), key=self._ordinals.__getitem__)

    def __len__(self) -> int:
        """Number of outfits a user: tops + bottoms + dresses + tops x bottoms."""
        return self._size

    @cached_property
    def _size(self) -> int:
        count = {c: sum(c in item.categories for item in self.items) for c in Category}
        tops, bottoms = count[Category.TOPS], count[Category.BOTTOMS]
        return tops + bottoms + count[Category.DRESS] + tops * bottoms


def _worn(item: Item) -> Iterator[Garment]:
    return (Garment(item.id, category) for category in item.categories if category.region is not None)


@dataclass(frozen=True, slots=True)
class Rectangle:
    """users x items, both in ordinal order without gaps: what one range run of Dagster can cover."""

    users: tuple[str, ...]
    items: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.users) * len(self.items)


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened to the uploads since the last look. Ids; `cut` is the lowest ordinal of a changed or
    deleted item, None when there is none."""

    users: frozenset[str] = frozenset()
    new_items: frozenset[str] = frozenset()
    cut: int | None = None


def affected(changes: Changes, users: Sequence[str], items: Sequence[Item]) -> list[Rectangle]:
    """The disjoint rectangles that changes touch.

    New or changed user: that user x all items. New item: all users x that item. Changed or deleted item: all
    users x [that item ... last], because later items complete outfits with it.
    """
    everything = tuple(item.id for item in items)
    touched = tuple(
        i.id
        for i in items
        if i.id in changes.new_items or (changes.cut is not None and i.ordinal >= changes.cut)
    )
    wanted = {user: everything if user in changes.users else touched for user in users}
    return cover(wanted, users, everything)


def cover(wanted: Mapping[str, Iterable[str]], users: Sequence[str], items: Sequence[str]) -> list[Rectangle]:
    """Disjoint rectangles that hold exactly the wanted items of every user.

    Neighbouring users with equal runs of items share a rectangle, so the everyday cases (a new user, a new
    item, everything) are one rectangle each.
    """
    index = {item: position for position, item in enumerate(items)}
    rows = [(user, _runs(sorted(index[item] for item in set(wanted.get(user, ()))))) for user in users]
    found: list[Rectangle] = []
    start = 0
    for end in range(1, len(rows) + 1):
        if end == len(rows) or rows[end][1] != rows[start][1]:
            band = tuple(user for user, _ in rows[start:end])
            found += [Rectangle(band, tuple(items[a:b])) for a, b in rows[start][1]]
            start = end
    return found


def _runs(positions: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Sorted positions as half-open runs: [1, 2, 3, 7] -> ((1, 4), (7, 8))."""
    if not positions:
        return ()
    breaks = [i for i, (a, b) in enumerate(pairwise(positions), start=1) if b != a + 1]
    edges = [0, *breaks, len(positions)]
    return tuple((positions[a], positions[b - 1] + 1) for a, b in pairwise(edges))
