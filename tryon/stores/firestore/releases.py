"""Releases, and which of them each user is shown and has made."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tryon.core.recipes import canonical_json
from tryon.core.releases import Release, read_release
from tryon.core.uploads import UploadKind
from tryon.stores.firestore.base import RELEASES, Collection
from tryon.stores.firestore.places import MOST_WRITES, Facts, Found, in_chunks, place
from tryon.stores.firestore.upload_facts import place_of


class Releases(Collection):
    def confirm(self, release: Release, users: Sequence[str]) -> None:
        """One that was confirmed before gets a new position: it is the latest again. The users follow, in steps of
        MOST_WRITES: a release that nobody has yet is shown to nobody."""
        here = place(RELEASES, release.id)

        def decide(found: Found) -> tuple[None, Found]:
            last = self._store.first(RELEASES, order="-position", only=("position",))
            position = last["position"] + 1 if last else 1
            facts = {"id": release.id, "facts": canonical_json(release.facts()), "position": position}
            return None, {here: facts}

        self._store.change([here], decide)
        self._aim(release.id, users)

    def releases(self) -> list[Release]:
        rows = self._store.rows(RELEASES)
        found = sorted((facts for _, facts in rows), key=lambda facts: (facts["position"], facts["id"]))
        return [read_release(json.loads(facts["facts"])) for facts in found]

    def confirmed(self, release_id: str) -> Release | None:
        here = place(RELEASES, release_id)
        facts = self._store.get([here])[here]
        return read_release(json.loads(facts["facts"])) if facts else None

    def switch(self, user: str, release_id: str, at: str) -> bool:
        here = place_of(UploadKind.USER, user)

        def decide(found: Found) -> tuple[bool, Found]:
            old = found[here]
            if not old or not old["living"] or old["target"] != release_id:
                return False, {}
            return True, {here: {**old, "shown": release_id, "switched_at": at}}

        return self._store.change([here], decide)

    def _aim(self, release_id: str, users: Sequence[str]) -> None:
        def decide(found: Found) -> tuple[None, Found]:
            living = {at: facts for at, facts in found.items() if facts and facts["living"]}
            return None, {at: _aimed(facts, release_id) for at, facts in living.items()}

        for chunk in in_chunks([place_of(UploadKind.USER, user) for user in users], MOST_WRITES):
            self._store.change(chunk, decide)


def _aimed(old: Facts, release_id: str) -> Facts:
    return {**old, "target": release_id, "shown": old["shown"] or release_id}
