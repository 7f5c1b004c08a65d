"""Tombstones: which uploads were erased, which are being erased, and their receipts."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from tryon.core.uploads import Kept, Tombstone, UploadKind, UploadRef
from tryon.stores.firestore import upload_facts
from tryon.stores.firestore.base import UPLOADS
from tryon.stores.firestore.places import Facts, Found
from tryon.stores.firestore.upload_facts import place_of
from tryon.stores.firestore.uploads import Ordinals, taken

_STONES = ("kind", "id", "stones")


class Tombstones(Ordinals):
    def bury(self, upload: UploadRef, at: str) -> None:
        here = place_of(upload.kind, upload.id)

        def decide(found: Found) -> tuple[None, Found]:
            old = found[here]
            mine = old is not None and old["living"] and old["ordinal"] == upload.ordinal
            return None, {here: upload_facts.buried(old, at)} if old and mine else {}

        self._store.change([here], decide)

    def bury_unregistered(self, kind: UploadKind, upload_id: str, at: str) -> UploadRef:
        here, call = place_of(kind, upload_id), uuid4().hex

        def decide(found: Found) -> tuple[UploadRef, Found]:
            old = found[here]
            done = [stone["ordinal"] for stone in (old or {"stones": []})["stones"] if stone["call"] == call]
            if done:
                return UploadRef(kind, upload_id, done[0]), {}
            ref = UploadRef(kind, upload_id, self._next_ordinal())
            number, facts = taken(ref.ordinal)
            stone = upload_facts.with_stone(old, ref.ordinal, at, ref, call)
            return ref, {number: facts, here: stone}

        return self._store.change([here], decide)

    def tombstones(self) -> list[Tombstone]:
        return self._stones((*_STONES, "receipts"))

    def erasing(self) -> list[UploadRef]:
        return [stone.ref for stone in self._stones(_STONES) if not stone.erased_at]

    def gone(self, uploads: Sequence[UploadRef]) -> set[UploadRef]:
        found = self._store.get([place_of(upload.kind, upload.id) for upload in uploads])
        return {u for u in uploads if upload_facts.is_hidden(found[place_of(u.kind, u.id)], u)}

    def kept(self) -> list[Kept]:
        fields = ("kind", "id", "ordinal", "sidecar", "suspended_at")
        rows = self._store.rows(UPLOADS, ("living", "==", True), only=fields, page=1000)
        return sorted((upload_facts.kept(facts) for _, facts in rows), key=lambda one: one.ref.ordinal)

    def draft(self, upload: UploadRef, receipt: str) -> None:
        self._write_receipt(upload, receipt, "")

    def erased(self, upload: UploadRef, at: str, receipt: str) -> None:
        self._write_receipt(upload, receipt, at)

    def _stones(self, only: Sequence[str]) -> list[Tombstone]:
        rows = self._store.rows(UPLOADS, ("buried", "==", True), only=only)
        found = [stone for _, facts in rows for stone in upload_facts.tombstones(facts)]
        return sorted(found, key=lambda stone: stone.ref.ordinal)

    def _write_receipt(self, upload: UploadRef, receipt: str, erased_at: str) -> None:
        here = place_of(upload.kind, upload.id)

        def decide(found: Found) -> tuple[None, Found]:
            old = found[here]
            return None, {here: _with_receipt(old, upload.ordinal, receipt, erased_at)} if old else {}

        self._store.change([here], decide)


def _with_receipt(old: Facts, ordinal: int, receipt: str, erased_at: str) -> Facts:
    """A final stone stays as it is."""
    stones = [
        {**stone, "erased_at": erased_at} if _open(stone, ordinal) else stone for stone in old["stones"]
    ]
    if not any(_open(stone, ordinal) for stone in old["stones"]):
        return old
    return {**old, "stones": stones, "receipts": {**old["receipts"], str(ordinal): receipt}}


def _open(stone: Facts, ordinal: int) -> bool:
    return stone["ordinal"] == ordinal and not stone["erased_at"]
