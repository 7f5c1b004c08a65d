"""What paid services said about photos: a document a key, with the text for each upload that it is kept for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tryon.core.uploads import UploadRef
from tryon.stores.firestore import upload_facts
from tryon.stores.firestore.base import ANSWERS, Collection
from tryon.stores.firestore.places import MOST_WRITES, Facts, Found, in_chunks, place

NO_UPLOAD = 0
"""Ordinals begin at 1."""


class FirestoreAnswers(Collection):
    """Implements tryon.core.ports.Answers, with tryon.stores.firestore.leases."""

    def answers(self, keys: Sequence[str]) -> Mapping[str, str]:
        places = {key: place(ANSWERS, key) for key in keys}
        found = self._store.get(list(places.values()))
        there = {key: facts for key, at in places.items() if (facts := found[at])}
        return {key: facts["texts"][str(min(facts["uploads"]))] for key, facts in there.items()}

    def keep_answer(self, key: str, text: str, upload: UploadRef | None = None) -> None:
        """The upload is read under a lock, so an erasure that began since cannot miss it."""
        here, ordinal = place(ANSWERS, key), upload.ordinal if upload else NO_UPLOAD
        about = [upload_facts.place_of(upload.kind, upload.id)] if upload else []

        def decide(found: Found) -> tuple[None, Found]:
            old = found[here] or {"key": key, "texts": {}, "uploads": []}
            if ordinal in old["uploads"] or (upload and not _lives(found[about[0]], upload)):
                return None, {}
            texts = {**old["texts"], str(ordinal): text}
            return None, {here: {**old, "texts": texts, "uploads": [*old["uploads"], ordinal]}}

        self._store.change([here], decide, about)

    def answers_of(self, upload: UploadRef) -> int:
        return len(self._of(upload))

    def forget_answers(self, upload: UploadRef) -> int:
        def decide(found: Found) -> tuple[int, Found]:
            mine = {at: facts for at, facts in found.items() if facts and upload.ordinal in facts["uploads"]}
            return len(mine), {at: _without(facts, upload.ordinal) for at, facts in mine.items()}

        places = [place(ANSWERS, key) for key in self._of(upload)]
        return sum(self._store.change(chunk, decide) for chunk in in_chunks(places, MOST_WRITES))

    def _of(self, upload: UploadRef) -> list[str]:
        rows = self._store.rows(ANSWERS, ("uploads", "array_contains", upload.ordinal), only=("key",))
        return [facts["key"] for _, facts in rows]


def _lives(facts: Facts | None, upload: UploadRef) -> bool:
    return bool(facts and facts["living"] and facts["ordinal"] == upload.ordinal)


def _without(facts: Facts, ordinal: int) -> Facts | None:
    texts = {number: text for number, text in facts["texts"].items() if number != str(ordinal)}
    uploads = [number for number in facts["uploads"] if number != ordinal]
    return {**facts, "texts": texts, "uploads": uploads} if texts else None
