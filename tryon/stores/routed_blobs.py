"""Several stores as one: a rule on the path says where a blob lies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from heapq import merge
from itertools import chain
from typing import TypeVar

from tryon.core.errors import StoreError
from tryon.core.ports import Blobs

T = TypeVar("T", str, tuple[str, datetime])

MASK = re.compile(r"users/[^/]+/[0-9a-f]{64}\.png|guests/masks/.+")
"""Results of a user that are PNGs are masks: try-on images are WebP and splats PLY. So are some results of service
calls (tryon.core.guests)."""

Rule = Callable[[str], str]
"""Of a path: the name of its store."""


def masks_apart(path: str) -> str:
    return "masks" if MASK.fullmatch(path) else "others"


class RoutedBlobs:
    """stores: by the names that the rule gives. A rule must never change its mind: what was put would not be found.

    Listings join those of all stores in order of paths, so that one folder's blobs follow each other. Each store has to
    list in that order, and StoreError is raised when one does not. What a killed process left may lie in any store, so
    `delete` of a path that its own store does not have asks the others too.
    """

    def __init__(self, stores: Mapping[str, Blobs], rule: Rule = masks_apart) -> None:
        self._stores, self._rule = dict(stores), rule

    def put(self, path: str, data: bytes) -> bool:
        return self._of(path).put(path, data)

    def get(self, path: str) -> bytes:
        return self._of(path).get(path)

    def digest(self, path: str) -> str:
        return self._of(path).digest(path)

    def exists(self, path: str) -> bool:
        return self._of(path).exists(path)

    def list(self, prefix: str) -> Iterator[str]:
        return merge(*(_ascending(name, store.list(prefix)) for name, store in self._stores.items()))

    def ages(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        return merge(*(_ascending(name, store.ages(prefix)) for name, store in self._stores.items()))

    def discard(self, path: str, seen: datetime) -> bool:
        return self._of(path).discard(path, seen)

    def sweep(self, before: datetime, remove: bool) -> int:
        return sum(store.sweep(before, remove) for store in self._stores.values())

    def unfinished(self, prefix: str) -> Iterator[str]:
        return chain.from_iterable(store.unfinished(prefix) for store in self._stores.values())

    def delete(self, path: str) -> bool:
        own = self._of(path)
        return any(store.delete(path) for store in (own, *(s for s in self._stores.values() if s is not own)))

    def url(self, path: str) -> str:
        return self._of(path).url(path)

    def _of(self, path: str) -> Blobs:
        return self._stores[self._rule(path)]


def _ascending(name: str, entries: Iterable[T]) -> Iterator[T]:
    last: T | None = None
    for entry in entries:
        if last is not None and entry < last:
            raise StoreError(f"the store of {name} does not list its blobs in order of their paths")
        last = entry
        yield entry
