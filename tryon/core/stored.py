"""Published blobs, read back and compared with their record."""

from __future__ import annotations

from hashlib import sha256

from tryon.core.errors import BlobCorrupted, BlobMissing
from tryon.core.ports import Blobs
from tryon.core.records import BlobFacts, Record

REPAIR = "run `fashion audit --repair`, then `fashion pregenerate`"


def read_verified(blobs: Blobs, record: Record) -> bytes:
    """A published product's bytes. Raises BlobMissing, and BlobCorrupted for bytes that changed.

    Messages name the product, never the blob's address: they reach logs that cannot be erased.
    """
    assert isinstance(record.result, BlobFacts), "a refusal has no blob"
    what = f"the stored file of {record.stage} {record.name}"
    try:
        data = blobs.get(record.path)
    except BlobMissing:
        raise BlobMissing(f"{what} is gone; {REPAIR}") from None
    if sha256(data).hexdigest() != record.result.sha256:
        raise BlobCorrupted(f"{what} changed on disk; {REPAIR}")
    return data
