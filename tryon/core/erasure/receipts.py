"""The receipt of an erasure: what was erased, when, and that nothing was left; signed with HMAC-SHA256.

A receipt names the upload by its opaque id. It holds no digest of a photo and nothing that was made from it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256

from tryon.core.recipes import canonical_json
from tryon.core.uploads import Tombstone

Receipt = Mapping[str, object]


class Check(StrEnum):
    """What a signature says."""

    VALID = "valid"
    ALTERED = "altered"
    OTHER_KEY = "other_key"
    """It names another key than ours, so ours cannot tell whether it was altered."""


def write_receipt(
    tombstone: Tombstone, erased_at: str, number: str, counts: Mapping[str, int], key: bytes
) -> Receipt:
    """counts: what each store held before the erasure."""
    facts = {
        "number": number,
        "kind": tombstone.ref.kind.value,
        "id": tombstone.ref.id,
        "ordinal": tombstone.ref.ordinal,
        "buried_at": tombstone.buried_at,
        "erased_at": erased_at,
        "counts": dict(counts),
        "verified": True,
        "key": _fingerprint(key),
    }
    return {**facts, "signature": _signature(facts, key)}


def file_name(receipt: Receipt) -> str:
    return f"{receipt['kind']}-{receipt['id']}-{receipt['ordinal']}.json"


def check_receipt(receipt: Receipt, key: bytes) -> Check:
    facts = {name: value for name, value in receipt.items() if name != "signature"}
    found = receipt.get("signature")
    if isinstance(found, str) and hmac.compare_digest(_signature(facts, key).encode(), found.encode()):
        return Check.VALID
    return Check.ALTERED if facts.get("key") == _fingerprint(key) else Check.OTHER_KEY


def _signature(facts: Receipt, key: bytes) -> str:
    return hmac.new(key, canonical_json(facts).encode(), sha256).hexdigest()


def _fingerprint(key: bytes) -> str:
    """Names the key without giving it away: 64 bits of a digest of its own."""
    return hmac.new(key, b"fashion receipt key", sha256).hexdigest()[:16]
