"""What is asked for: everything that is missing and can be made now, once, in runs of bounded size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.core.samples import CLOSET, catalogues, law, user
from tryon.core.matrix import Matrix, Rectangle
from tryon.core.scheduling.requests import NOTHING, Order, Partitions, Requests, neighbours, ready, requests
from tryon.core.uploads import Item
from tryon.core.work import Plan

USERS = tuple(user(n, f"u{n}") for n in range(100, 104))
LONG = 1e9
Cells = set[tuple[str, str]]
seconds = st.floats(0.01, 100)


@dataclass(frozen=True)
class World:
    """Some of everything is missing, some of it is being made, some of it rests."""

    items: tuple[Item, ...]
    plan: Plan
    outdated: Set[str]
    busy: Partitions
    resting: Partitions
    order: Order

    def ask(self, chunk_seconds: float = LONG) -> Requests:
        matrix = Matrix(self.items)
        return requests(self.plan, self.outdated, matrix, self.order, self.busy, self.resting, chunk_seconds)

    @property
    def taken(self) -> Partitions:
        return self.busy | self.resting


def some(ids: Sequence[str]) -> st.SearchStrategy[set[str]]:
    return st.sets(st.sampled_from(ids)) if ids else st.just(set())


def partitions(users: Sequence[str], items: Sequence[str]) -> st.SearchStrategy[Partitions]:
    pairs = st.dictionaries(st.sampled_from(users), some(items))
    return st.builds(Partitions, some(items), some(users), pairs, some(users))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    items = draw(catalogues())
    users, ids = [u.id for u in USERS], [i.id for i in items]
    row = st.dictionaries(st.sampled_from(ids), seconds) if ids else st.just({})
    plan = Plan(
        crops=sorted(draw(some(ids))),
        masks=sorted(draw(some(users))),
        pairs=draw(st.dictionaries(st.sampled_from(users), row)),
    )
    # Dagster also knows keys of uploads that are suspended, and may have keys in another order than the ordinals.
    order = Order(draw(st.permutations([*users, "gone-user"])), draw(st.permutations([*ids, "gone-item"])))
    busy, resting = draw(partitions(users, ids)), draw(partitions(users, ids))
    return World(items, plan, draw(some(users)), busy, resting, order)


def cells(rectangles: Sequence[Rectangle]) -> list[tuple[str, str]]:
    return [(who, what) for r in rectangles for who in r.users for what in r.items]


def flat(pairs: Mapping[str, Mapping[str, float] | Set[str]]) -> Cells:
    return {(who, what) for who, row in pairs.items() for what in row}


def worn_with(world: World, item: str) -> set[str]:
    """Items whose crops the outfits of this item's pairs are made from."""
    matrix = Matrix(world.items)
    (found,) = [each for each in world.items if each.id == item]
    return {garment.item for outfit in matrix.owned(found) for garment in outfit.garments}


def unbroken(part: Sequence[str], whole: Sequence[str]) -> bool:
    start = whole.index(part[0])
    return list(part) == list(whole[start : start + len(part)])


@law
@given(worlds(), st.floats(0.1, 300))
def test_the_rectangles_are_the_ready_missing_pairs_that_nobody_works_on_each_once(
    world: World, chunk_seconds: float
) -> None:
    asked = cells(world.ask(chunk_seconds).rectangles)
    assert set(Counter(asked).values()) <= {1}
    assert set(asked) == {
        (who, what)
        for who, what in flat(world.plan.pairs)
        if who not in world.plan.masks
        and not worn_with(world, what) & set(world.plan.crops)
        and (who, what) not in flat(world.taken.pairs)
    }


@law
@given(worlds(), st.floats(0.1, 300))
def test_a_rectangle_is_a_range_of_dagsters_keys_and_within_its_bounds(world: World, seconds: float) -> None:
    for rectangle in world.ask(seconds).rectangles:
        assert unbroken(rectangle.users, world.order.users)
        assert unbroken(rectangle.items, world.order.items)
        cost = sum(world.plan.pairs[who][what] for who, what in cells([rectangle]))
        assert len(rectangle) == 1 or cost <= seconds * (1 + 1e-9)


@law
@given(worlds())
def test_inputs_are_asked_for_unless_they_are_being_made_or_rest(world: World) -> None:
    found = world.ask()
    assert {k for keys in found.crops for k in keys} == set(world.plan.crops) - world.taken.crops
    assert {k for keys in found.masks for k in keys} == set(world.plan.masks) - world.taken.masks


@law
@given(worlds())
def test_once_everything_asked_for_is_being_made_nothing_is_asked_for(world: World) -> None:
    """Two ticks never ask for the same thing while it is made; a tick that dies takes nothing with it."""
    assert world.ask() == world.ask()
    found = world.ask()
    pairs: dict[str, set[str]] = {}
    for who, what in cells(found.rectangles):
        pairs.setdefault(who, set()).add(what)
    crops, masks, documents = (
        {k for keys in kind for k in keys} for kind in (found.crops, found.masks, found.documents)
    )
    made = Partitions(crops, masks, pairs, documents)
    busy = world.busy | made
    again = World(world.items, world.plan, world.outdated, busy, world.resting, world.order)
    assert len(again.ask()) == 0


@law
@given(worlds())
def test_documents_wait_for_their_masks_and_for_all_crops_but_those_that_rest(world: World) -> None:
    asked = {k for keys in world.ask().documents for k in keys}
    settled = set(world.plan.crops) <= world.resting.crops
    expected = set(world.outdated) - set(world.plan.masks) - world.taken.documents
    assert asked == (expected if settled else set())


def everything(**missing: list[str]) -> Plan:
    row = dict.fromkeys([i.id for i in CLOSET], 1.0)
    return Plan(pairs={u.id: row for u in USERS}, **missing)  # type: ignore[arg-type]


def test_one_broken_crop_stops_only_the_outfits_that_show_it() -> None:
    """i3 is the second top: its own single, and the bottom i4 that goes with it. i5 is a dress."""
    pairs = ready(everything(crops=["i3"]), Matrix(CLOSET))
    assert {tuple(row) for row in pairs.values()} == {("i1", "i2", "i5")}


def test_one_broken_photo_of_a_person_stops_only_that_person() -> None:
    pairs = ready(everything(masks=["u101"]), Matrix(CLOSET))
    assert set(pairs) == {"u100", "u102", "u103"}


@law
@given(st.sets(st.integers(0, 30)), st.integers(1, 8))
def test_neighbours_are_all_wanted_keys_in_unbroken_runs_of_bounded_length(
    wanted: set[int], most: int
) -> None:
    order = [f"k{n}" for n in range(31)]
    found = list(neighbours({f"k{n}" for n in wanted}, order, most))
    assert [key for keys in found for key in keys] == [f"k{n}" for n in sorted(wanted)]
    assert all(unbroken(keys, order) and len(keys) <= most for keys in found)
    short = [a for a, b in pairwise(found) if len(a) < most and unbroken([*a, *b], order)]
    assert short == []


@law
@given(worlds(), st.integers(0, 12))
def test_the_first_runs_are_those_of_the_inputs(world: World, limit: int) -> None:
    found = world.ask(1.0)
    kept = found.first(limit)
    assert len(kept) == min(limit, len(found))
    assert [*found.crops, *found.masks, *found.rectangles, *found.documents][:limit] == [
        *kept.crops,
        *kept.masks,
        *kept.rectangles,
        *kept.documents,
    ]


@law
@given(worlds())
def test_joining_partitions_loses_and_invents_none(world: World) -> None:
    joined, one, other = world.taken, world.busy, world.resting
    assert flat(joined.pairs) == flat(one.pairs) | flat(other.pairs)
    assert joined.crops == one.crops | other.crops
    assert joined.masks == one.masks | other.masks
    assert joined.documents == one.documents | other.documents
    assert one | NOTHING == Partitions(one.crops, one.masks, one.pairs, one.documents)
