"""What an engine has already worked out, found again by content: the most recent few."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from threading import Lock
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

V = TypeVar("V")


def fingerprint(*parts: NDArray[np.generic] | str) -> bytes:
    """A digest of the contents, shapes and types of arrays and words; 4 ms for a photo of 768 x 1024."""
    digest = blake2b(digest_size=16)
    for part in parts:
        if isinstance(part, str):
            digest.update(part.encode())
            continue
        digest.update(f"{part.shape} {part.dtype}".encode())
        digest.update(np.ascontiguousarray(part).data)
    return digest.digest()


class Memory(Generic[V]):
    """At most `room` values by key; the one not asked for the longest goes first. Safe to use from several threads.

    hits, misses: how many keys of how many batches were found, and how many had to be made.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._values: OrderedDict[bytes, V] = OrderedDict()
        self._lock = Lock()
        self.hits = 0
        self.misses = 0

    def recall(
        self, keys: Sequence[bytes], make: Callable[[int], V], pool: ThreadPoolExecutor
    ) -> Mapping[bytes, V]:
        """The value of every key; of the keys not known, `make` of the first place where they stand, in the pool."""
        firsts = {key: index for index, key in reversed(list(enumerate(keys)))}
        with self._lock:
            found = {key: self._values[key] for key in firsts if key in self._values}
        missing = [key for key in firsts if key not in found]
        made = dict(zip(missing, pool.map(make, [firsts[key] for key in missing]), strict=True))
        with self._lock:
            self.hits += len(found)
            self.misses += len(made)
            for key, value in {**found, **made}.items():
                self._values[key] = value
                self._values.move_to_end(key)
            while len(self._values) > self._room:
                self._values.popitem(last=False)
        return {**found, **made}
