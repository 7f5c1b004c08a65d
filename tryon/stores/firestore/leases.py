"""Leases: one maker of a key at a time. Clocks of machines that share a database must agree to a few seconds."""

from __future__ import annotations

import time
from collections.abc import Sequence

from tryon.core.records import Lease
from tryon.stores.firestore.base import LEASES, Collection
from tryon.stores.firestore.places import MOST_WRITES, Facts, Found, Place, in_chunks, place
from tryon.stores.holders import OVERDUE_SECONDS, holder_lives


def lease_place(key: str) -> Place:
    return place(LEASES, key)


class Leases(Collection):
    def claim(self, keys: Sequence[str], holder: str, seconds: float) -> set[str]:
        """A step for each MOST_WRITES keys."""

        def decide_for(chunk: Sequence[str], found: Found) -> tuple[set[str], Found]:
            now = time.time()
            free = [key for key in chunk if _is_free(found[lease_place(key)], holder, now)]
            facts = {"holder": holder, "until": now + seconds}
            return set(free), {lease_place(key): {"key": key, **facts} for key in free}

        granted: set[str] = set()
        for chunk in in_chunks(list(dict.fromkeys(keys)), MOST_WRITES):
            places = [lease_place(key) for key in chunk]
            granted |= self._store.change(places, lambda found, chunk=chunk: decide_for(chunk, found))  # type: ignore[misc]
        return granted

    def release(self, keys: Sequence[str], holder: str) -> None:
        def decide(found: Found) -> tuple[None, Found]:
            return None, {at: None for at, facts in found.items() if facts and facts["holder"] == holder}

        for chunk in in_chunks([lease_place(key) for key in keys], MOST_WRITES):
            self._store.change(chunk, decide)

    def leases(self) -> list[Lease]:
        now = time.time()
        rows = [facts for _, facts in self._store.rows(LEASES, page=2000)]
        found = [Lease(facts["key"], facts["holder"], _may_publish(facts, now)) for facts in rows]
        return sorted(found, key=lambda lease: lease.key)


def _is_free(facts: Facts | None, holder: str, now: float) -> bool:
    if facts is None or facts["holder"] == holder or facts["until"] <= now:
        return True
    return holder_lives(facts["holder"]) is False


def _may_publish(facts: Facts, now: float) -> bool:
    """An overdue holder lost its key to whoever wants it, but it may be alive and about to publish."""
    lives = holder_lives(facts["holder"])
    return bool(facts["until"] + OVERDUE_SECONDS > now) if lives is None else lives
