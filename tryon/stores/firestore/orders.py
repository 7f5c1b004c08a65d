"""Orders that were given to workers on other machines: a document each, gone when it is published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tryon.core.recipes import Stage
from tryon.core.records import Placed
from tryon.core.uploads import UploadKind, UploadRef
from tryon.stores.firestore import upload_facts
from tryon.stores.firestore.base import ORDERS, Collection
from tryon.stores.firestore.places import Facts, Found, Place, place


def order_place(order_id: str) -> Place:
    return place(ORDERS, order_id)


class Orders(Collection):
    """Implements tryon.core.ports.Orders."""

    def place(self, order: Placed) -> Placed | None:
        """The uploads are read under a lock, so an erasure that began since cannot miss it."""
        here = order_place(order.id)
        about = {ref: upload_facts.place_of(ref.kind, ref.id) for ref in order.uploads}

        def decide(found: Found) -> tuple[Placed | None, Found]:
            if any(_is_buried(found[at], ref) for ref, at in about.items()):
                return None, {}
            there = found[here]
            return (_placed(there), {}) if there else (order, {here: _facts(order)})

        return self._store.change([here], decide, list(about.values()))

    def order(self, order_id: str) -> Placed | None:
        here = order_place(order_id)
        facts = self._store.get([here])[here]
        return _placed(facts) if facts else None

    def orders(self, stage: Stage | None = None) -> list[Placed]:
        """There are about as many as batches in flight, so all are read."""
        found = [_placed(facts) for _, facts in self._store.rows(ORDERS)]
        mine = [order for order in found if stage in (None, order.stage)]
        return sorted(mine, key=lambda order: (order.placed_at, order.id))

    def called(self, order_id: str, call: str) -> None:
        self._change(order_id, lambda order: replace(order, call=call))

    def deliver(self, order_id: str, delivery: str) -> bool:
        return self._change(order_id, lambda order: replace(order, delivery=order.delivery or delivery))

    def finish(self, order_id: str) -> None:
        self._store.delete([order_place(order_id)])

    def _change(self, order_id: str, change: Callable[[Placed], Placed]) -> bool:
        """False when the order is gone."""
        here = order_place(order_id)

        def decide(found: Found) -> tuple[bool, Found]:
            facts = found[here]
            return (True, {here: _facts(change(_placed(facts)))}) if facts else (False, {})

        return self._store.change([here], decide)


def _is_buried(facts: Facts | None, ref: UploadRef) -> bool:
    return any(stone["ordinal"] == ref.ordinal for stone in facts["stones"]) if facts else False


def _facts(order: Placed) -> Facts:
    return {
        "order": order.id,
        "stage": order.stage.value,
        "text": order.text,
        "keys": list(order.keys),
        "uploads": [{"kind": u.kind.value, "id": u.id, "ordinal": u.ordinal} for u in order.uploads],
        "placed_at": order.placed_at,
        "call": order.call,
        "delivery": order.delivery,
    }


def _placed(facts: Facts) -> Placed:
    return Placed(
        facts["order"],
        Stage(facts["stage"]),
        facts["text"],
        tuple(facts["keys"]),
        tuple(UploadRef(UploadKind(u["kind"]), u["id"], u["ordinal"]) for u in facts["uploads"]),
        facts["placed_at"],
        facts["call"],
        facts["delivery"],
    )
