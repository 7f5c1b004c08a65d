"""What the app keeps about its users: its own documents, of which a few fields are read, written and deleted here."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tryon.stores.firestore.base import Collection
from tryon.stores.firestore.places import USERS, Facts, Found, Place
from tryon.stores.supabase.profiles import Profile

CONSENT, ADDRESS, MASK = "consent", "userImageUrl", "Mask"
OURS = (CONSENT, ADDRESS, MASK, "tops", "bottoms", "apiRequest")
"""What such a document says for the pipeline, or because of it; an erasure deletes these fields and no others."""


class FirestoreProfiles(Collection):
    """Implements tryon.stores.supabase.profiles.Profiles. A document's id is the user's."""

    def all(self) -> Mapping[str, Profile]:
        rows = self._store.rows(USERS, only=(CONSENT, ADDRESS), page=1000)
        return {at.id: _profile(facts) for at, facts in rows}

    def one(self, user_id: str) -> Profile | None:
        """None also where the document says nothing that `delete` would take."""
        here = user_place(user_id)
        facts = self._store.get([here], only=OURS)[here]
        return _profile(facts) if facts else None

    def delete(self, user_id: str) -> bool:
        here = user_place(user_id)

        def decide(found: Found) -> tuple[bool, Found]:
            old = found[here] or {}
            kept = {name: value for name, value in old.items() if name not in OURS}
            return len(kept) < len(old), {here: kept} if len(kept) < len(old) else {}

        return self._store.change([here], decide)


def user_place(user_id: str) -> Place:
    return Place(USERS, user_id)


def _profile(facts: Facts) -> Profile:
    """As the user agreed: version and time, which may be a timestamp of Firestore. What else the app noted about it is
    its own."""
    consent, address = facts.get(CONSENT), facts.get(ADDRESS)
    if isinstance(consent, Mapping):
        consent = {name: consent[name] for name in ("version", "at") if name in consent}
    sidecar = None if consent is None else json.dumps({CONSENT: consent}).encode()
    return Profile(sidecar, str(address) if address else "")
