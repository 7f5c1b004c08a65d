"""Finding and deleting what was made from one upload."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from tryon.core.records import BlobFacts
from tryon.core.uploads import UploadRef
from tryon.stores.firestore import product_facts
from tryon.stores.firestore.base import LEASES, ORDERS, PRODUCTS, Collection
from tryon.stores.firestore.leases import lease_place
from tryon.stores.firestore.places import MOST_VALUES, MOST_WRITES, Facts, Found, Place, in_chunks
from tryon.stores.firestore.product_facts import mention_of, place_of


class Traces(Collection):
    def names(self, paths: Sequence[str], besides: UploadRef | None = None) -> set[str]:
        found: set[str] = set()
        for chunk in in_chunks(paths, MOST_VALUES):
            named = ("paths", "array_contains_any", list(chunk))
            for _, facts in self._store.rows(PRODUCTS, named, only=product_facts.FACTS):
                made = [one for one in product_facts.records(facts) if besides not in one.uploads]
                found |= {one.path for one in made if isinstance(one.result, BlobFacts)}
        return found & set(paths)

    def unpublish(self, upload: UploadRef) -> int:
        """In steps of MOST_WRITES documents; one that dies in between is finished by the next call."""
        mention = ("mentions", "array_contains", mention_of(upload))
        places = [at for at, _ in self._store.rows(PRODUCTS, mention, only=("key",), page=2000)]

        def decide(found: Found) -> tuple[int, Found]:
            made = {at: _made_from(facts, upload) for at, facts in found.items() if facts}
            wanted = {at: product_facts.without(_there(found[at]), made[at]) for at in made if made[at]}
            return sum(map(len, made.values())), wanted

        return sum(self._store.change(chunk, decide) for chunk in in_chunks(places, MOST_WRITES))

    def kept_keys(self, keys: Sequence[str]) -> set[str]:
        found = self._store.get([at for key in keys for at in (lease_place(key), place_of(key))])
        kept = {key for key in keys if found[lease_place(key)] or _failures(found[place_of(key)])}
        return kept.union(*(facts["keys"] for facts in self._orders(keys).values())) & set(keys)

    def drop_keys(self, keys: Sequence[str]) -> int:
        dropped = self._edit([lease_place(key) for key in keys], _no_lease)
        dropped += self._edit([place_of(key) for key in keys], _no_failures)
        dropped += self._edit(list(self._orders(keys)), lambda _: (1, None))
        leases = self._store.rows(LEASES, only=("until",), page=2000)
        lapsed = [at for at, facts in leases if facts["until"] <= time.time()]
        self._edit(lapsed, lambda facts: _no_lease(facts) if facts["until"] <= time.time() else (0, facts))
        return dropped

    def _orders(self, keys: Sequence[str]) -> dict[Place, Facts]:
        """Those that hold one of the keys: there are few orders, and many keys."""
        rows, asked = self._store.rows(ORDERS, only=("keys",)), set(keys)
        return {at: facts for at, facts in rows if not asked.isdisjoint(facts["keys"])}

    def _edit(self, places: Sequence[Place], edit: Callable[[Facts], tuple[int, Facts | None]]) -> int:
        """Apply to every document that is there; the sum of what it counts."""

        def decide(found: Found) -> tuple[int, Found]:
            edited = {at: edit(facts) for at, facts in found.items() if facts}
            return sum(count for count, _ in edited.values()), {at: new for at, (_, new) in edited.items()}

        return sum(self._store.change(chunk, decide) for chunk in in_chunks(places, MOST_WRITES))


def _no_lease(facts: Facts) -> tuple[int, Facts | None]:
    return 1, None


def _no_failures(facts: Facts) -> tuple[int, Facts | None]:
    return _failures(facts), product_facts.without_failures(facts)


def _failures(facts: Facts | None) -> int:
    return len(facts["failures"]) if facts else 0


def _made_from(facts: Facts, upload: UploadRef) -> set[int]:
    return {one.generation for one in product_facts.records(facts) if upload in one.uploads}


def _there(facts: Facts | None) -> Facts:
    assert facts is not None, "only what was found is asked for"
    return facts
