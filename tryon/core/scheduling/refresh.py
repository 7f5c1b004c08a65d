"""Which pairs to report anew after an item went or came back.

Their outfits changed, so Dagster's counts of them are out of date, but nothing of them is missing: the run finds every
result there and costs no engine work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from tryon.core.matrix import Changes, Rectangle, affected
from tryon.core.scheduling.requests import Order
from tryon.core.uploads import Item, User
from tryon.core.work import Plan, pieces


@dataclass(frozen=True, slots=True)
class Refresh:
    """Users of a higher ordinal than `after` x items from ordinal `cut` on."""

    cut: int
    after: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What is remembered between two looks. items: ordinals of the items seen last. refresh: what is left of an
    unfinished one."""

    items: frozenset[int]
    refresh: Refresh | None = None


def unseen(users: Iterable[int], items: Iterable[int]) -> Seen:
    """What to believe when nothing is remembered: every ordinal that no user has was an item. That may ask for one
    refresh too many, and never for one too few."""
    present, people = frozenset(items), set(users)
    return Seen((frozenset(range(1, max(present, default=0) + 1)) - people) | present)


def due(seen: Seen, items: Set[int]) -> Refresh | None:
    """The refresh that the present items ask for: outfits of an item that is gone, or back, belong to pairs of that
    item and later ones. A new item has the highest ordinal, and its pairs are missing anyway."""
    newest = max(seen.items, default=0)
    changed = (seen.items - items) | {ordinal for ordinal in items - seen.items if ordinal < newest}
    if not changed:
        return seen.refresh
    return Refresh(min(changed) if seen.refresh is None else min(*changed, seen.refresh.cut))


def refreshing(
    refresh: Refresh, plan: Plan, users: Sequence[User], items: Sequence[Item], order: Order, room: int
) -> tuple[list[Rectangle], Refresh | None]:
    """The rectangles of this refresh that fit into `room` runs (if any fits: those of one user at least), and what is
    left of it. Pairs that miss something are left out: they are reported when they are made."""
    waiting = [user for user in sorted(users) if user.ordinal > refresh.after]
    touched = affected(Changes(cut=refresh.cut), [user.id for user in waiting], items)
    if not touched:
        return [], None
    if room <= 0:
        return [], refresh
    count = len(waiting)
    while True:
        found = _rectangles(waiting[:count], touched[0].items, plan, order)
        if len(found) <= room or count == 1:
            left = Refresh(refresh.cut, waiting[count - 1].ordinal) if count < len(waiting) else None
            return found, left
        count = (count + 1) // 2


def _rectangles(users: Sequence[User], items: Sequence[str], plan: Plan, order: Order) -> list[Rectangle]:
    pairs = {
        user.id: {item: 0.0 for item in items if item not in plan.pairs.get(user.id, ())} for user in users
    }
    return list(pieces(pairs, order.users, order.items, float("inf")))
