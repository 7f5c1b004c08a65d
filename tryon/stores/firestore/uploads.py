"""Uploads: their ordinals, and which are suspended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from tryon.core.uploads import Item, Registered, UploadFile, UploadKind, User
from tryon.stores.firestore import upload_facts
from tryon.stores.firestore.base import MOST_PLACES, ORDINALS, UPLOADS, Collection
from tryon.stores.firestore.places import Facts, Found, Place, in_chunks, place
from tryon.stores.firestore.upload_facts import photo_facts, place_of

_PHOTO = ("kind", "id", "ordinal", "sha256", "sidecar", "shown", "target", "switched_at")


class Ordinals(Collection):
    """An ordinal is a document that can be created once: two callers that want the same number cannot both have it,
    and one who lost takes the next. The numbers have no holes, so the last one is how many there are."""

    def _next_ordinal(self) -> int:
        last = self._store.first(ORDINALS, order="-number", only=("number",))
        return int(last["number"]) + 1 if last else 1


def taken(number: int) -> tuple[Place, Facts]:
    """What takes an ordinal; it has to be written together with the upload that it is for."""
    return place(ORDINALS, number), {"number": number}


@dataclass
class _Pass:
    """One reading of a listing against what is known."""

    call: str
    listed_at: str | None
    next_ordinal: int
    new: list[UploadFile] = field(default_factory=list)
    changed: list[UploadFile] = field(default_factory=list)
    wanted: dict[Place, Facts | None] = field(default_factory=dict)

    def look(self, upload: UploadFile, old: Facts | None) -> None:
        at = place_of(upload.kind, upload.id)
        if old is None or not old["living"]:
            if not upload_facts.is_closed(old, self.listed_at):
                number, facts = taken(self.next_ordinal)
                self.wanted[number] = facts
                self.wanted[at] = upload_facts.registered(old, upload, self.next_ordinal, f"new {self.call}")
                self.next_ordinal += 1
                self.new.append(upload)
        elif old["call"] == f"new {self.call}":
            self.new.append(upload)
        elif old["call"] == f"changed {self.call}":
            self.changed.append(upload)
        elif not old["offered"] or any(old[name] != value for name, value in photo_facts(upload).items()):
            self.wanted[at] = upload_facts.changed(old, upload, f"changed {self.call}")
            self.changed.append(upload)


class UploadRegister(Ordinals):
    def register(self, uploads: Sequence[UploadFile], listed_at: str | None = None) -> Registered:
        call, new, changed = uuid4().hex, list[UploadFile](), list[UploadFile]()
        for chunk in in_chunks(uploads, MOST_PLACES):
            done = self._register(chunk, _Pass(call, listed_at, 0))
            new += done.new
            changed += done.changed
        return Registered(*(ids(found, kind) for kind in UploadKind for found in (new, changed)))

    def _register(self, uploads: Sequence[UploadFile], before: _Pass) -> _Pass:
        places = {place_of(upload.kind, upload.id): upload for upload in uploads}

        def decide(found: Found) -> tuple[_Pass, Found]:
            unknown = any(not facts or not facts["living"] for facts in found.values())
            now = _Pass(before.call, before.listed_at, self._next_ordinal() if unknown else 0)
            for at, upload in places.items():
                now.look(upload, found[at])
            return now, now.wanted

        return self._store.change(list(places), decide)

    def users(self) -> list[User]:
        rows = self._store.rows(
            UPLOADS, ("kind", "==", "user"), ("offered", "==", True), only=_PHOTO, page=1000
        )
        return sorted((upload_facts.user(facts) for _, facts in rows), key=lambda user: user.ordinal)

    def items(self) -> list[Item]:
        rows = self._store.rows(
            UPLOADS, ("kind", "==", "item"), ("offered", "==", True), only=_PHOTO, page=1000
        )
        return sorted((upload_facts.item(facts) for _, facts in rows), key=lambda item: item.ordinal)

    def user(self, user_id: str) -> User | None:
        found = self._offered(UploadKind.USER, [user_id])
        return upload_facts.user(found[0]) if found else None

    def some_items(self, item_ids: Sequence[str]) -> list[Item]:
        return sorted(upload_facts.item(facts) for facts in self._offered(UploadKind.ITEM, item_ids))

    def items_mark(self) -> None:
        """A counter would be one document that every upload has to wait for."""

    def _offered(self, kind: UploadKind, ids: Sequence[str]) -> list[Facts]:
        """By their places: as true as a read can be, and one call."""
        found = self._store.get([place_of(kind, one) for one in ids], only=(*_PHOTO, "living", "offered"))
        return [facts for facts in found.values() if facts and facts["living"] and facts["offered"]]

    def suspend(self, uploads: Sequence[tuple[UploadKind, str]], at: str) -> None:
        def decide(found: Found) -> tuple[None, Found]:
            living = {here: facts for here, facts in found.items() if facts and facts["living"]}
            return None, {here: upload_facts.suspended(facts, at) for here, facts in living.items()}

        for chunk in in_chunks([place_of(*upload) for upload in uploads], MOST_PLACES):
            self._store.change(chunk, decide)

    def suspended(self) -> list[tuple[UploadKind, str]]:
        rows = self._store.rows(
            UPLOADS, ("living", "==", True), ("offered", "==", False), only=("kind", "id", "ordinal")
        )
        found = sorted((facts for _, facts in rows), key=lambda facts: int(facts["ordinal"]))
        return [(UploadKind(facts["kind"]), facts["id"]) for facts in found]


def ids(uploads: Sequence[UploadFile], kind: UploadKind) -> tuple[str, ...]:
    return tuple(upload.id for upload in uploads if upload.kind is kind)
