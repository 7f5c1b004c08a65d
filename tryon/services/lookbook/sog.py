"""PLY files as SOG files, which are 4 to 17 times smaller: converted once, and kept in memory only, so that an erasure
has nothing to look for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from tryon.services.front import ServiceError
from tryon.stores.splat_transform import find_splat_transform

Convert = Callable[[bytes, int], bytes]
"""A PLY and its count of Gaussians -> a SOG file."""
KEPT_BYTES = 64 * 1024 * 1024


def splat_transform(ply: bytes, count: int) -> bytes:
    """Raises PackageMissing, which says what to install, and SplatNotConverted."""
    return find_splat_transform().to_sog(ply, count)


class SogFiles:
    """By the digest of their PLY; the longest unused ones go first. One conversion at a time: it takes up to a minute
    of two cores, and nobody else may wait for that."""

    def __init__(self, convert: Convert, most: int = KEPT_BYTES) -> None:
        self._convert, self._most = convert, most
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self._bytes, self._lock, self._converting = 0, threading.Lock(), threading.Lock()

    def get(self, digest: str, read: Callable[[], bytes], count: int) -> bytes:
        """read: the PLY's bytes. Raises ServiceError 503 while another one is converted."""
        with self._lock:
            if digest in self._files:
                self._files.move_to_end(digest)
                return self._files[digest]
        if not self._converting.acquire(blocking=False):
            said = "another splat is being converted; ask again in a moment, or take the PLY"
            raise ServiceError(503, "busy", said, {"Retry-After": "5"})
        try:
            return self._keep(digest, self._convert(read(), count))
        finally:
            self._converting.release()

    def _keep(self, digest: str, data: bytes) -> bytes:
        with self._lock:
            self._files[digest] = data
            self._bytes = sum(map(len, self._files.values()))
            while self._bytes > self._most and len(self._files) > 1:
                self._bytes -= len(self._files.popitem(last=False)[1])
        return data
