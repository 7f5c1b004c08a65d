"""What a plan finds missing, what it says it costs, and how it is cut into runs."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.samples import ANN, BOB, CLOSET, RELEASE, catalogues, law, products, shelf, user
from tryon.core.catalogue import Catalogue
from tryon.core.matrix import Matrix, Rectangle
from tryon.core.recipes import Input, Stage
from tryon.core.records import History, Verdict
from tryon.core.tariff import flat
from tryon.core.uploads import Item, User
from tryon.core.work import Plan, Prices, chunks, plan

PRICES = Prices({Stage.CROP: 1.0, Stage.MASK: 2.0, Stage.TRYON: 4.0, Stage.SPLAT: 8.0}, tariff=flat(0.5))
USERS = tuple(user(n) for n in range(4))
PUBLISHED, REFUSED = Verdict.PUBLISHED, Verdict.REFUSED
seconds = st.floats(0.01, 100)
Standings = Mapping[Input, Verdict]


def planned(
    items: tuple[Item, ...] = CLOSET,
    users: tuple[User, ...] = (ANN,),
    standings: Standings | None = None,
    prices: Prices = PRICES,
) -> Plan:
    known = standings or {}
    return plan(Catalogue(items, RELEASE, {}), users, lambda _: known, prices)


def all_but(*names: str, verdict: Verdict = PUBLISHED) -> dict[Input, Verdict]:
    """Every product of Ann has a verdict, except the ones named "stage name"."""
    return {p.input: verdict for p in products(shelf()) if f"{p.stage} {p.name}" not in names}


@law
@given(catalogues())
def test_at_first_everything_is_to_make(items: tuple[Item, ...]) -> None:
    found = planned(items, (ANN, BOB))
    looks = sum(outfit.is_look for outfit in Matrix(items).outfits())
    assert found.outfits == found.to_make == 2 * len(Matrix(items))
    assert found.passes == {
        Stage.CROP: len(items),
        Stage.MASK: 2,
        Stage.TRYON: 2 * len(Matrix(items)),
        Stage.SPLAT: 2 * looks,
    }
    assert (found.crops, found.masks) == ([i.id for i in items], ["ann", "bob"])


@law
@given(catalogues())
def test_the_pairs_to_make_are_the_pairs_that_own_something(items: tuple[Item, ...]) -> None:
    matrix = Matrix(items)
    owners = {i.id for i in items if matrix.owned(i)}
    assert planned(items, (ANN, BOB)).pairs.keys() == ({"ann", "bob"} if owners else set())
    assert all(set(row) == owners for row in planned(items, (ANN, BOB)).pairs.values())


def test_with_a_verdict_for_everything_nothing_is_to_make() -> None:
    found = planned(standings=all_but())
    assert found.nothing
    assert (found.outfits, found.published, found.refused, found.to_make) == (9, 9, 0, 0)


def test_a_refusal_is_a_verdict() -> None:
    found = planned(standings=all_but(verdict=REFUSED))
    assert found.nothing
    assert (found.published, found.refused) == (0, 9)


def test_a_missing_look_costs_its_splat_too() -> None:
    found = planned(standings=all_but("tryon i5.dress", "splat i5.dress"))
    assert found.pairs == {"ann": {"i5": 4.0 + 8.0}}


def test_a_missing_splat_alone_is_planned() -> None:
    found = planned(standings=all_but("splat i5.dress"))
    assert (found.to_make, found.passes[Stage.SPLAT], found.pairs) == (0, 1, {"ann": {"i5": 8.0}})


def test_a_missing_mask_is_one_pass_of_the_parser() -> None:
    found = planned(standings=all_but("mask upper", "mask face"))
    assert (found.masks, found.passes[Stage.MASK], found.pairs) == (["ann"], 1, {})


def test_the_cost_is_the_sum_over_the_passes() -> None:
    found = planned()
    expected = 5 * 1.0 + 1 * 2.0 + 9 * 4.0 + 5 * 8.0
    assert found.seconds(PRICES) == expected
    assert found.usd(PRICES) == expected * 0.5


def test_measured_history_counts_before_declared_seconds() -> None:
    history = {Stage.TRYON: History(10, 25.0, 99.0), Stage.MASK: History(0, 0, 0)}
    measured = Prices(PRICES.declared, history, PRICES.tariff)
    # Seconds as they were, at today's price.
    assert (measured.seconds(Stage.TRYON), measured.usd(Stage.TRYON)) == (2.5, 1.25)
    assert measured.seconds(Stage.MASK) == PRICES.declared[Stage.MASK]


# Chunks


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    rows = st.dictionaries(st.sampled_from([i.id for i in CLOSET]), seconds, min_size=1)
    return Plan(pairs=draw(st.dictionaries(st.sampled_from([u.id for u in USERS]), rows)))


def cells(chunk: Rectangle) -> list[tuple[str, str]]:
    return [(who, what) for who in chunk.users for what in chunk.items]


@law
@given(plans(), st.floats(0.1, 300), st.integers(1, 12))
def test_chunks_are_the_missing_pairs_each_once(found: Plan, max_seconds: float, max_pairs: int) -> None:
    cut = [cell for c in chunks(found, USERS, CLOSET, max_seconds, max_pairs) for cell in cells(c)]
    assert sorted(cut) == sorted((who, what) for who, row in found.pairs.items() for what in row)


@law
@given(plans(), st.floats(0.1, 300), st.integers(1, 12))
def test_a_chunk_is_within_both_bounds_or_one_pair(found: Plan, max_seconds: float, max_pairs: int) -> None:
    for chunk in chunks(found, USERS, CLOSET, max_seconds, max_pairs):
        cost = sum(found.pairs[who][what] for who, what in cells(chunk))
        assert len(chunk) == 1 or (cost <= max_seconds * (1 + 1e-9) and len(chunk) <= max_pairs)


@law
@given(plans(), st.floats(0.1, 300), st.integers(1, 12))
def test_a_chunk_has_no_gaps(found: Plan, max_seconds: float, max_pairs: int) -> None:
    people, things = [u.id for u in USERS], [i.id for i in CLOSET]
    for chunk in chunks(found, USERS, CLOSET, max_seconds, max_pairs):
        for part, whole in ((chunk.users, people), (chunk.items, things)):
            start = whole.index(part[0])
            assert list(part) == whole[start : start + len(part)]


@pytest.mark.parametrize(
    ("max_seconds", "max_pairs", "expected"), [(1e9, 500, 1), (1e9, 10, 2), (50.0, 500, 4)]
)
def test_whole_users_stay_together_while_they_fit(max_seconds: float, max_pairs: int, expected: int) -> None:
    row = dict.fromkeys([i.id for i in CLOSET], 10.0)
    cut = list(chunks(Plan(pairs={u.id: row for u in USERS}), USERS, CLOSET, max_seconds, max_pairs))
    assert len(cut) == expected
    assert all(chunk.items == tuple(row) for chunk in cut)
