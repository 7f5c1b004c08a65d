"""Engine work that was spent in vain, counted for each product in the document of its key."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from tryon.core.recipes import Input
from tryon.core.records import Attempt
from tryon.core.uploads import UploadKind
from tryon.stores.firestore import product_facts, upload_facts
from tryon.stores.firestore.base import PRODUCTS, Collection
from tryon.stores.firestore.places import MOST_WRITES, Facts, Found, Place, in_chunks
from tryon.stores.firestore.product_facts import place_of


class Attempts(Collection):
    def fail(self, attempts: Sequence[Attempt]) -> None:
        """Nothing is counted about what was erased; a tombstone cannot come in between."""
        call = uuid4().hex
        for number, chunk in enumerate(in_chunks(attempts, MOST_WRITES)):
            self._fail(chunk, f"{call} {number}")

    def _fail(self, attempts: Sequence[Attempt], call: str) -> None:
        def decide(found: Found) -> tuple[None, Found]:
            wanted: dict[Place, Facts | None] = {}
            if any(product_facts.counted_by(found[place_of(attempt.key)], call) for attempt in attempts):
                return None, {}
            for attempt in attempts:
                if not any(upload_facts.is_erased(found[at]) for at in _about(attempt)):
                    at = place_of(attempt.key)
                    old = wanted.get(at, found[at])
                    wanted[at] = product_facts.with_failures(old, attempt, call)
            return None, wanted

        about = sorted({at for attempt in attempts for at in _about(attempt)})
        self._store.change([place_of(attempt.key) for attempt in attempts], decide, about)

    def attempts(self) -> list[Attempt]:
        rows = self._store.rows(PRODUCTS, ("failing", "==", True), only=("key", "failures"))
        found = [attempt for _, facts in rows for attempt in product_facts.attempts(facts)]
        return sorted(found, key=lambda attempt: (attempt.at, attempt.key, attempt.generation))

    def retry(self, products: Sequence[Input]) -> None:
        generations: dict[Place, set[int]] = {}
        for key, generation in products:
            generations.setdefault(place_of(key), set()).add(generation)

        def decide(found: Found) -> tuple[None, Found]:
            there = {at: facts for at, facts in found.items() if facts}
            return None, {
                at: product_facts.without_failures(facts, generations[at]) for at, facts in there.items()
            }

        for chunk in in_chunks(list(generations), MOST_WRITES):
            self._store.change(chunk, decide)


def _about(attempt: Attempt) -> list[Place]:
    found = [(UploadKind.USER, attempt.user), (UploadKind.ITEM, attempt.item)]
    return [upload_facts.place_of(kind, upload_id) for kind, upload_id in found if upload_id]
