"""Results of service calls: of photos that are nobody's upload, so no record names them.

They lie under `guests/` by what they are and their own digest, which says nothing about whom they show. They are
private customers' data: an audit deletes each when it has not been put for as long as `Retention.guest_days` says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from urllib.parse import urldefrag

from tryon.core.encoding import Encoded
from tryon.core.errors import BlobCorrupted, BlobMissing
from tryon.core.ports import Blobs

GUEST = re.compile(r"guests/(?P<kind>crops|masks)/(?P<digest>[0-9a-f]{64})\.(?P<suffix>png|webp)")
NAMED = re.compile(
    r"[^?#]*/guests/(?P<kind>crops|masks)/(?P<name>[0-9a-f]{64}\.(?:png|webp))(?:[?#].*)?", re.DOTALL
)
MEDIA = {"png": "image/png", "webp": "image/webp"}


class GuestKind(StrEnum):
    CROPS = "crops"
    MASKS = "masks"


def is_guest(path: str) -> bool:
    return GUEST.fullmatch(path) is not None


def named(kind: GuestKind, address: str) -> str | None:
    """The name of the guest that an address of anybody ends in, for `Guests.read`; None: it ends in no guest's. The
    digest in it names the bytes, so they are the same wherever they lie."""
    found = NAMED.fullmatch(address.strip())
    return found["name"] if found is not None and found["kind"] == kind else None


@dataclass(frozen=True)
class Guests:
    blobs: Blobs

    def keep(self, kind: GuestKind, made: Encoded) -> str:
        """Where it lies now: durable, and as young as this call. Raises StoreError."""
        digest = sha256(made.data).hexdigest()
        path = f"guests/{kind}/{digest}.{made.suffix}"
        if self._put(path, made.data, digest):
            return path
        # The path names other bytes than it says: out of the way, and once more.
        self.blobs.delete(path)
        if self._put(path, made.data, digest):
            return path
        raise BlobCorrupted(
            f"a result of {kind} reads back differently from what was written; check the store"
        )

    def address(self, path: str, door: str) -> str:
        """On the web: the store's own, else at the service behind `door`, as in `http://127.0.0.1:8002/`."""
        found, _ = urldefrag(self.blobs.url(path))
        return found if found.startswith(("https://", "http://")) else f"{door}{path}"

    def _put(self, path: str, data: bytes, digest: str) -> bool:
        return self.blobs.put(path, data) or self.blobs.digest(path) == digest

    def read(self, kind: GuestKind, name: str) -> Encoded:
        """name: the last part of its path. Raises BlobMissing, also for a name that no guest can have, and
        BlobCorrupted."""
        found = GUEST.fullmatch(f"guests/{kind}/{name}")
        if found is None:
            raise _gone(kind)
        try:
            data = self.blobs.get(found[0])
        except BlobMissing:
            raise _gone(kind) from None
        if sha256(data).hexdigest() != found["digest"]:
            raise BlobCorrupted(f"a stored result of {kind} changed; ask the service to make it again")
        return Encoded(data, found["suffix"], MEDIA[found["suffix"]])


def _gone(kind: GuestKind) -> BlobMissing:
    """Nothing of the path is told: it would reach logs."""
    return BlobMissing(
        f"there is no such result of {kind}; results are deleted after some days, make it again"
    )
