"""The one mutable document of each user, and the masks that it names in the app's own document of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from tryon.core.words import check_id
from tryon.stores.firestore.base import DOCUMENTS, Collection
from tryon.stores.firestore.places import Facts, Found, Place
from tryon.stores.firestore.profiles import MASK, user_place


class FirestoreDocuments(Collection):
    """Implements tryon.core.ports.Documents.

    Its id is the user's, so that an app finds its own and rules can compare it. The facts are Firestore values, since
    apps read them with their own libraries; `schema` stands beside them.

    What the facts say under `Mask` also stands in the app's document of the user (`users/<id>`), changed in the same
    commit. That document is never made or deleted here, and keeps all else that it says.
    """

    def write(self, user_id: str, facts: Mapping[str, object]) -> None:
        """Raises TypeError for what is no JSON, and StoreError for what Firestore holds not, as a list in a list."""
        document = json.loads(json.dumps({"facts": dict(facts)}))
        here, user = _place(user_id), user_place(user_id)

        def decide(found: Found) -> tuple[None, Found]:
            return None, {here: document, **_with_mask(found, user, document["facts"].get(MASK))}

        self._store.change([here, user], decide)

    def read(self, user_id: str) -> Mapping[str, object] | None:
        here = _place(user_id)
        found = self._store.get([here])[here]
        facts: dict[str, object] | None = found["facts"] if found else None
        return facts

    def list(self) -> Iterator[str]:
        for at, _ in self._store.rows(DOCUMENTS, only=("schema",), page=1000):
            yield at.id

    def delete(self, user_id: str) -> bool:
        here, user = _place(user_id), user_place(user_id)

        def decide(found: Found) -> tuple[bool, Found]:
            return found[here] is not None, {here: None, **_with_mask(found, user, None)}

        return self._store.change([here, user], decide)

    def sweep(self, before: datetime, remove: bool) -> int:
        """A write is whole or was not: nobody leaves a half."""
        return 0


def _with_mask(found: Found, user: Place, mask: Facts | None) -> Found:
    """The app's document with this block and no other; nothing where there is no document."""
    old = found[user]
    if old is None:
        return {}
    kept = {name: value for name, value in old.items() if name != MASK}
    return {user: kept if mask is None else {**kept, MASK: mask}}


def _place(user_id: str) -> Place:
    return Place(DOCUMENTS, check_id(user_id, "user id"))
