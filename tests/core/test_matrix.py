"""The laws of the matrix: who owns which outfit, and which rectangles a change touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.samples import BOTTOMS, CLOSET, DRESS, TOPS, catalogues, categories, item, law
from tryon.core.errors import UnknownOutfit
from tryon.core.matrix import Changes, Matrix, Rectangle, affected, cover
from tryon.core.uploads import Item
from tryon.core.words import Category, Garment, Outfit

USERS = ("u0", "u1", "u2", "u3")
Cells = set[tuple[str, str]]
indices = st.sets(st.integers(0, 5))


def cells(rectangles: Sequence[Rectangle]) -> list[tuple[str, str]]:
    return [(user, i) for rectangle in rectangles for user in rectangle.users for i in rectangle.items]


def contiguous(part: Sequence[str], whole: Sequence[str]) -> bool:
    start = whole.index(part[0])
    return tuple(whole[start : start + len(part)]) == tuple(part)


def ids_of(items: Sequence[Item]) -> tuple[str, ...]:
    return tuple(i.id for i in items)


@law
@given(catalogues())
def test_the_outfits_are_the_tops_bottoms_dresses_and_every_top_with_every_bottom(
    items: tuple[Item, ...],
) -> None:
    offered = {c: [Garment(i.id, c) for i in items if c in i.categories] for c in Category}
    singles = {Outfit((g,)) for c in (TOPS, BOTTOMS, DRESS) for g in offered[c]}
    pairs = {Outfit((top, bottom)) for top in offered[TOPS] for bottom in offered[BOTTOMS]}
    assert set(Matrix(items).outfits()) == singles | pairs


@law
@given(catalogues())
def test_every_outfit_has_one_owner(items: tuple[Item, ...]) -> None:
    matrix = Matrix(items)
    owners = {outfit: i.id for i in items for outfit in matrix.owned(i)}
    assert set(Counter(matrix.outfits()).values()) <= {1}
    assert owners == {outfit: matrix.owner(outfit) for outfit in matrix.outfits()}


@law
@given(catalogues())
def test_the_length_is_the_number_of_outfits(items: tuple[Item, ...]) -> None:
    assert len(Matrix(items)) == len(list(Matrix(items).outfits()))


@law
@given(catalogues())
def test_an_outfit_belongs_to_the_item_that_completes_it(items: tuple[Item, ...]) -> None:
    ordinals = {i.id: i.ordinal for i in items}
    for i in items:
        for outfit in Matrix(items).owned(i):
            assert max(ordinals[g.item] for g in outfit.garments) == i.ordinal


@law
@given(catalogues(), categories)
def test_a_new_item_adds_its_own_outfits_and_touches_no_others(
    items: tuple[Item, ...], worn: tuple[Category, ...]
) -> None:
    new = item(items[-1].ordinal + 1 if items else 1, *worn, id="new")
    before, after = Matrix(items), Matrix((*items, new))
    assert set(after.outfits()) - set(before.outfits()) == set(after.owned(new))
    assert all(after.owned(i) == before.owned(i) for i in items)


@law
@given(catalogues(min_size=1), st.data())
def test_a_deleted_item_removes_the_outfits_that_wear_it(
    items: tuple[Item, ...], data: st.DataObject
) -> None:
    gone = data.draw(st.sampled_from(items))
    left = Matrix(i for i in items if i is not gone)
    worn = {o for o in Matrix(items).outfits() if gone.id in {g.item for g in o.garments}}
    assert set(left.outfits()) == set(Matrix(items).outfits()) - worn


@law
@given(catalogues(), st.randoms())
def test_the_order_of_the_listing_does_not_matter(items: tuple[Item, ...], random: Random) -> None:
    shuffled = random.sample(items, len(items))
    assert list(Matrix(shuffled).outfits()) == list(Matrix(items).outfits())


@law
@given(catalogues())
def test_a_pair_owns_its_singles_before_its_two_pieces(items: tuple[Item, ...]) -> None:
    matrix = Matrix(items)
    assert all(matrix.owned(i) == matrix.singles(i) + matrix.two_piece(i) for i in items)
    assert all(len(outfit.garments) == 1 for i in items for outfit in matrix.singles(i))


def test_shoes_bags_and_accessories_are_not_tried_on() -> None:
    shelf = [item(n, category) for n, category in enumerate((Category.SHOES, Category.BAGS), start=1)]
    assert len(Matrix([*shelf, item(3, Category.ACCESSORIES)])) == 0


def test_one_photo_of_a_top_and_a_bottom_is_worn_together() -> None:
    suit = item(1, TOPS, BOTTOMS, id="suit")
    assert [o.id for o in Matrix([suit]).owned(suit)] == [
        "suit.tops",
        "suit.bottoms",
        "suit.tops+suit.bottoms",
    ]


@pytest.mark.parametrize("text", ["i1.bottoms", "i9.tops", "i1.tops+i5.bottoms"])
def test_an_outfit_outside_the_matrix_has_no_owner(text: str) -> None:
    with pytest.raises(UnknownOutfit, match="no item offers"):
        Matrix(CLOSET).owner(Outfit.parse(text))


# Rectangles


@law
@given(st.dictionaries(st.sampled_from(USERS), indices.map(lambda some: {f"i{n}" for n in some})))
def test_rectangles_cover_exactly_what_is_wanted(wanted: Mapping[str, set[str]]) -> None:
    items = tuple(f"i{n}" for n in range(6))
    found = cover(wanted, USERS, items)
    assert sorted(cells(found)) == sorted((user, i) for user in wanted for i in wanted[user])
    assert all(contiguous(r.users, USERS) and contiguous(r.items, items) for r in found)
    assert sum(map(len, found)) == len(cells(found))


def test_everything_is_one_rectangle() -> None:
    everything = ids_of(CLOSET)
    assert cover(dict.fromkeys(USERS, everything), USERS, everything) == [Rectangle(USERS, everything)]


def test_nothing_is_no_rectangle() -> None:
    assert cover({}, USERS, ids_of(CLOSET)) == []
    assert affected(Changes(), USERS, CLOSET) == []


@law
@given(catalogues(min_size=1), st.sampled_from(USERS))
def test_a_new_or_changed_user_is_that_user_with_all_items(items: tuple[Item, ...], who: str) -> None:
    assert affected(Changes(frozenset({who})), USERS, items) == [Rectangle((who,), ids_of(items))]


@law
@given(catalogues(min_size=1), st.data())
def test_a_new_item_is_all_users_with_that_item(items: tuple[Item, ...], data: st.DataObject) -> None:
    new = data.draw(st.sampled_from(items)).id
    assert affected(Changes(new_items=frozenset({new})), USERS, items) == [Rectangle(USERS, (new,))]


@law
@given(catalogues(min_size=1), st.data())
def test_a_changed_item_is_all_users_from_that_item_to_the_last(
    items: tuple[Item, ...], data: st.DataObject
) -> None:
    position = data.draw(st.integers(0, len(items) - 1))
    expected = [Rectangle(USERS, ids_of(items[position:]))]
    assert affected(Changes(cut=items[position].ordinal), USERS, items) == expected


def test_a_deleted_item_is_all_users_from_where_it_stood() -> None:
    left = [i for i in CLOSET if i.ordinal != 3]
    assert affected(Changes(cut=3), USERS, left) == [Rectangle(USERS, ("i4", "i5"))]


@law
@given(catalogues(), st.sets(st.sampled_from(USERS)), indices, st.none() | st.integers(1, 12))
def test_changes_seen_together_are_each_touched_once(
    items: tuple[Item, ...], users: set[str], new: set[int], cut: int | None
) -> None:
    fresh = frozenset(items[n].id for n in new if n < len(items))
    touched = {i.id for i in items if i.id in fresh or (cut is not None and i.ordinal >= cut)}
    expected = {(u, i.id) for u in USERS for i in items if u in users or i.id in touched}
    found = cells(affected(Changes(frozenset(users), fresh, cut), USERS, items))
    assert sorted(found) == sorted(expected)
