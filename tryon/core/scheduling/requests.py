"""What to ask for next: of everything that is missing, what can be made now and is not being worked on already.

Nothing is remembered between two looks. What was asked for and lost is missing still, so it is asked for again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from tryon.core.matrix import Matrix, Rectangle
from tryon.core.work import MAX_PAIRS, Plan, pieces

Pairs = Mapping[str, Mapping[str, float]]
"""user id -> {item id: predicted engine seconds}."""


@dataclass(frozen=True)
class Partitions:
    """Partitions of each kind. pairs: user id -> item ids."""

    crops: Set[str] = frozenset()
    masks: Set[str] = frozenset()
    pairs: Mapping[str, Set[str]] = field(default_factory=dict)
    documents: Set[str] = frozenset()

    def __or__(self, other: Partitions) -> Partitions:
        users = self.pairs.keys() | other.pairs.keys()
        return Partitions(
            self.crops | other.crops,
            self.masks | other.masks,
            {user: {*self.pairs.get(user, ()), *other.pairs.get(user, ())} for user in users},
            self.documents | other.documents,
        )


NOTHING = Partitions()


@dataclass(frozen=True)
class Order:
    """Ids of users and items as their partitions are ordered: neighbours here are a range there."""

    users: Sequence[str]
    items: Sequence[str]


@dataclass(frozen=True)
class Requests:
    """One entry a run. crops, masks and documents: neighbours in their order."""

    crops: Sequence[tuple[str, ...]] = ()
    masks: Sequence[tuple[str, ...]] = ()
    rectangles: Sequence[Rectangle] = ()
    documents: Sequence[tuple[str, ...]] = ()

    def __len__(self) -> int:
        return len(self.crops) + len(self.masks) + len(self.rectangles) + len(self.documents)

    def first(self, limit: int) -> Requests:
        """The first `limit` runs: inputs before what is made from them."""
        crops = self.crops[:limit]
        masks = self.masks[: limit - len(crops)]
        rectangles = self.rectangles[: limit - len(crops) - len(masks)]
        documents = self.documents[: limit - len(crops) - len(masks) - len(rectangles)]
        return Requests(crops, masks, rectangles, documents)


def neighbours(wanted: Set[str], order: Sequence[str], most: int = MAX_PAIRS) -> Iterator[tuple[str, ...]]:
    """The wanted keys as unbroken runs of `order`, each of `most` keys at most."""
    run: list[str] = []
    for key in order:
        if run and (key not in wanted or len(run) >= most):
            yield tuple(run)
            run = []
        if key in wanted:
            run.append(key)
    if run:
        yield tuple(run)


def ready(plan: Plan, matrix: Matrix) -> Pairs:
    """The missing pairs whose inputs are there: the masks of the user, and every crop that an outfit of the pair is
    made from. So one photo that cannot be cropped holds up its own outfits only."""
    blocked, unparsed = _blocked(set(plan.crops), matrix), set(plan.masks)
    return {
        user: {item: cost for item, cost in row.items() if item not in blocked}
        for user, row in plan.pairs.items()
        if user not in unparsed
    }


def _blocked(uncropped: Set[str], matrix: Matrix) -> set[str]:
    """Items that own an outfit of an item without its crops."""
    if not uncropped:
        return set()
    return {
        item.id
        for item in matrix.items
        if any(garment.item in uncropped for outfit in matrix.owned(item) for garment in outfit.garments)
    }


def without(pairs: Pairs, taken: Mapping[str, Set[str]]) -> Pairs:
    """`pairs` less those that are taken."""
    return {
        user: {item: cost for item, cost in row.items() if item not in taken.get(user, ())}
        for user, row in pairs.items()
    }


def requests(
    plan: Plan,
    outdated: Iterable[str],
    matrix: Matrix,
    order: Order,
    busy: Partitions,
    resting: Partitions,
    chunk_seconds: float,
) -> Requests:
    """Every run to ask for now. busy: what unfinished runs work on. resting: what failed too often to be tried again
    just now. outdated: users whose document (data.json) should say something else."""
    taken = busy | resting
    crops, masks = set(plan.crops) - taken.crops, set(plan.masks) - taken.masks
    # A document names the crops of all items: it is written once they have settled, not after each of them.
    settled = set(plan.crops) <= resting.crops
    documents = set(outdated) - set(plan.masks) - taken.documents if settled else set()
    pairs = without(ready(plan, matrix), taken.pairs)
    return Requests(
        crops=tuple(neighbours(crops, order.items)),
        masks=tuple(neighbours(masks, order.users)),
        rectangles=tuple(pieces(pairs, order.users, order.items, chunk_seconds)),
        documents=tuple(neighbours(documents, order.users)),
    )
