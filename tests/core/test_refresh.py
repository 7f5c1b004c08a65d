"""A deleted item: Dagster's counts of the pairs that owned its outfits are brought up to date, once."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tests.core.samples import CLOSET, catalogues, law, user
from tryon.core.matrix import Changes, affected
from tryon.core.scheduling.refresh import Refresh, Seen, due, refreshing, unseen
from tryon.core.scheduling.requests import Order
from tryon.core.uploads import Item
from tryon.core.work import Plan

USERS = tuple(user(n, f"u{n}") for n in (3, 50, 51, 60, 70))
ORDER = Order([u.id for u in USERS], [i.id for i in CLOSET])
NOTHING_MISSING = Plan()
ordinals = st.frozensets(st.integers(1, 20))


def test_a_deleted_item_touches_itself_and_what_came_later() -> None:
    assert due(Seen(frozenset({1, 2, 3, 4})), {1, 3, 4}) == Refresh(2)


def test_an_item_that_is_back_does_too() -> None:
    assert due(Seen(frozenset({1, 3, 4})), {1, 2, 3, 4}) == Refresh(2)


def test_a_new_item_touches_no_count() -> None:
    assert due(Seen(frozenset({1, 2})), {1, 2, 5}) is None


@law
@given(ordinals, ordinals)
def test_nothing_changed_leaves_what_was_left(items: frozenset[int], other: frozenset[int]) -> None:
    assert due(Seen(items), items) is None
    left = Refresh(3, 50)
    assert due(Seen(items, left), items) == left
    again = due(Seen(items, left), other)
    assert again == left or (again is not None and again.after == 0 and again.cut <= left.cut)


@law
@given(catalogues(min_size=1), st.data())
def test_without_a_cursor_no_refresh_is_forgotten(items: tuple[Item, ...], data: st.DataObject) -> None:
    """Whatever a cursor would have told, the refresh without it touches at least as much."""
    before = frozenset(item.ordinal for item in items)
    after = before - data.draw(st.frozensets(st.sampled_from(sorted(before))))
    people = data.draw(ordinals) - before
    known, unknown = due(Seen(before), after), due(unseen(people, after), after)
    later = [ordinal for ordinal in after if known and ordinal >= known.cut]
    assert not later or (unknown is not None and all(ordinal >= unknown.cut for ordinal in later))


def test_without_a_cursor_and_without_a_gap_nothing_is_refreshed() -> None:
    assert due(unseen([1, 4], [2, 3, 5]), {2, 3, 5}) is None


@law
@given(st.integers(1, 6), st.integers(0, 80), st.sets(st.sampled_from(ORDER.items)), st.integers(1, 4))
def test_tick_by_tick_every_pair_is_refreshed_once_but_those_that_miss_something(
    cut: int, after: int, missing: set[str], room: int
) -> None:
    plan = Plan(pairs={USERS[1].id: dict.fromkeys(missing, 1.0)})
    left: Refresh | None = Refresh(cut, after)
    found: list[tuple[str, str]] = []
    while left:
        rectangles, following = refreshing(left, plan, USERS, CLOSET, ORDER, room)
        assert following is None or following.after > left.after
        found += [(who, what) for r in rectangles for who in r.users for what in r.items]
        left = following
    touched = affected(Changes(cut=cut), [u.id for u in USERS if u.ordinal > after], CLOSET)
    expected = {(who, what) for r in touched for who in r.users for what in r.items}
    assert set(Counter(found).values()) <= {1}
    assert set(found) == expected - {(USERS[1].id, item) for item in missing}


def test_everybody_fits_into_one_run_where_nothing_is_missing() -> None:
    (rectangle,), left = refreshing(Refresh(3), NOTHING_MISSING, USERS, CLOSET, ORDER, 1)
    assert (rectangle.users, rectangle.items, left) == (tuple(ORDER.users), ("i3", "i4", "i5"), None)


def test_without_room_it_waits() -> None:
    assert refreshing(Refresh(3), NOTHING_MISSING, USERS, CLOSET, ORDER, 0) == ([], Refresh(3))
