"""Photos' digests and sidecars, read again only where something changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from zlib import crc32

from tryon.stores.digests import Digest, Digests, Stamp
from tryon.stores.supabase.bucket import Row

BATCH = 64
"""Photos hashed between two writes of their digests: what a killed look may have to hash again."""


class Reader:
    """digests: by object name, durable. get: an object's bytes."""

    def __init__(self, digests: Digests, get: Callable[[str], bytes]) -> None:
        self._digests, self._get = digests, get
        self._sidecars: dict[str, tuple[Stamp, bytes]] = {}

    def look(self) -> Look:
        return Look(self._digests, self._get)

    def sidecar(self, row: Row) -> bytes:
        known = self._sidecars.get(row.name)
        if known is None or known[0] != stamp(row):
            known = self._sidecars[row.name] = (stamp(row), self._get(row.name))
        return known[1]

    def forget(self, names: list[str]) -> None:
        """By an erasure."""
        for name in names:
            self._sidecars.pop(name, None)
        self._digests.forget(names)


class Look:
    """The digests of one look at the bucket."""

    def __init__(self, digests: Digests, get: Callable[[str], bytes]) -> None:
        self._digests, self._get, self._known = digests, get, digests.known()
        self._new: dict[str, Digest] = {}
        self._seen: set[str] = set()

    def digest(self, row: Row) -> str:
        """A photo that is replaced while it is read has a new stamp by the next look."""
        self._seen.add(row.name)
        known = self._known.get(row.name)
        if known and known.stamp == stamp(row):
            return known.sha256
        found = self._new[row.name] = Digest(stamp(row), sha256(self._get(row.name)).hexdigest())
        if len(self._new) >= BATCH:
            self._write()
        return found.sha256

    def finish(self) -> None:
        """Keep what was worked out, and nothing about a photo that is gone or not accepted any more."""
        self._write()
        if gone := self._known.keys() - self._seen:
            self._digests.forget(sorted(gone))

    def _write(self) -> None:
        self._digests.remember(self._new)
        self._new = {}


def stamp(row: Row) -> Stamp:
    """The server has no inode, but its etag changes with the bytes."""
    return Stamp(row.size, _ns(row.updated_at), _ns(row.created_at), crc32(row.etag.encode()))


def _ns(time: datetime) -> int:
    return round(time.timestamp() * 1000) * 1_000_000
