"""The document of one id: the upload that lives under it, and a stone for each that was erased.

living, offered, buried: whether there is a registered upload, whether its source offers it, whether there are stones.
receipts: ordinal -> JSON, apart from the stones, so that they can be read without them.
call: which call registered or changed it, so that one whose answer was lost knows its own work.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tryon.core.uploads import Item, Kept, Tombstone, UploadFile, UploadKind, UploadRef, User, sidecar_facts
from tryon.core.words import Category
from tryon.stores.firestore.base import UPLOADS
from tryon.stores.firestore.places import Facts, Place, place

_NO_UPLOAD: Facts = {
    **{"ordinal": 0, "living": False, "offered": False, "sha256": "", "sidecar": "{}", "suspended_at": ""},
    **{"shown": "", "target": "", "switched_at": "", "call": ""},
}


def place_of(kind: UploadKind, upload_id: str) -> Place:
    return place(UPLOADS, kind.value, upload_id)


def photo_facts(upload: UploadFile) -> dict[str, Any]:
    return {
        "sha256": upload.sha256,
        "sidecar": json.dumps(sidecar_facts(upload.sidecar), sort_keys=True),
    }


def registered(old: Facts | None, upload: UploadFile, ordinal: int, call: str) -> Facts:
    base = old or _blank(upload.kind, upload.id)
    living = {"ordinal": ordinal, "living": True, "offered": True, "call": call}
    return {**base, **_NO_UPLOAD, **living, **photo_facts(upload)}


def changed(old: Facts, upload: UploadFile, call: str) -> Facts:
    return {**old, **photo_facts(upload), "offered": True, "suspended_at": "", "call": call}


def suspended(old: Facts, at: str) -> Facts:
    return {**old, "offered": False, "suspended_at": old["suspended_at"] or at}


def buried(old: Facts, at: str) -> Facts:
    return {**with_stone(old, old["ordinal"], at), **_NO_UPLOAD}


def with_stone(
    old: Facts | None, ordinal: int, at: str, of: UploadRef | None = None, call: str = ""
) -> Facts:
    base = old or _blank(of.kind, of.id) if of else old
    assert base is not None, "only a new document needs to be told whose it is"
    stone = {"ordinal": ordinal, "buried_at": at, "erased_at": "", "call": call}
    return {**base, "buried": True, "stones": [*base["stones"], stone]}


def _blank(kind: UploadKind, upload_id: str) -> Facts:
    return {"kind": kind.value, "id": upload_id, **_NO_UPLOAD, "buried": False, "stones": [], "receipts": {}}


def is_closed(facts: Facts | None, listed_at: str | None) -> bool:
    """Whether a listing that began at `listed_at` (None: now) must not register it."""
    stones = facts["stones"] if facts else []
    return any(
        not stone["erased_at"] or (listed_at is not None and stone["erased_at"] >= listed_at)
        for stone in stones
    )


def is_hidden(facts: Facts | None, upload: UploadRef) -> bool:
    """Whether nothing made from exactly this upload can be published."""
    return is_buried(facts, upload) or bool(
        facts and facts["ordinal"] == upload.ordinal and not facts["offered"]
    )


def is_buried(facts: Facts | None, upload: UploadRef) -> bool:
    return any(stone["ordinal"] == upload.ordinal for stone in (facts or {"stones": []})["stones"])


def is_erased(facts: Facts | None) -> bool:
    """Whether the id has a tombstone and is not there again."""
    return bool(facts and facts["buried"] and not facts["living"])


def user(facts: Facts) -> User:
    consent = json.loads(facts["sidecar"])["consent"]
    who = (facts["ordinal"], facts["id"], facts["sha256"])
    return User(
        *who, consent["version"], consent["at"], facts["shown"], facts["target"], facts["switched_at"]
    )


def item(facts: Facts) -> Item:
    categories = json.loads(facts["sidecar"])["categories"]
    return Item(facts["ordinal"], facts["id"], facts["sha256"], tuple(Category(c) for c in categories))


def kept(facts: Facts) -> Kept:
    sidecar: Mapping[str, Any] = json.loads(facts["sidecar"])
    return Kept(
        ref_of(facts, facts["ordinal"]), facts["suspended_at"], sidecar.get("consent", {}).get("at", "")
    )


def tombstones(facts: Facts) -> list[Tombstone]:
    receipts = facts.get("receipts", {})
    return [
        Tombstone(
            ref_of(facts, stone["ordinal"]),
            stone["buried_at"],
            stone["erased_at"],
            receipts.get(str(stone["ordinal"]), ""),
        )
        for stone in facts["stones"]
    ]


def ref_of(facts: Facts, ordinal: int) -> UploadRef:
    return UploadRef(UploadKind(facts["kind"]), facts["id"], ordinal)
