"""The one mutable document of each user."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from tryon.core.words import check_id
from tryon.stores.firestore.base import DOCUMENTS, Collection
from tryon.stores.firestore.places import Place


class FirestoreDocuments(Collection):
    """Implements tryon.core.ports.Documents.

    Its id is the user's, so that an app finds its own and rules can compare it. The facts are Firestore values, since
    apps read them with their own libraries; `schema` stands beside them.
    """

    def write(self, user_id: str, facts: Mapping[str, object]) -> None:
        """Raises TypeError for what is no JSON, and StoreError for what Firestore holds not, as a list in a list."""
        document = json.loads(json.dumps({"facts": dict(facts)}))
        self._store.put({_place(user_id): document})

    def read(self, user_id: str) -> Mapping[str, object] | None:
        here = _place(user_id)
        found = self._store.get([here])[here]
        facts: dict[str, object] | None = found["facts"] if found else None
        return facts

    def list(self) -> Iterator[str]:
        for at, _ in self._store.rows(DOCUMENTS, only=("schema",), page=1000):
            yield at.id

    def delete(self, user_id: str) -> bool:
        here = _place(user_id)
        return self._store.change([here], lambda found: (found[here] is not None, {here: None}))

    def sweep(self, before: datetime, remove: bool) -> int:
        """A write is whole or was not: nobody leaves a half."""
        return 0


def _place(user_id: str) -> Place:
    return Place(DOCUMENTS, check_id(user_id, "user id"))
