"""The catalogue as it was a moment ago, kept while no item has changed since: for whoever asks for it often.

What is kept says only what is wanted, of items alone. People, verdicts and files are read each time.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from tryon.core.ports import Records
from tryon.core.releases import Release
from tryon.core.wanted import Wanted

MOST_RELEASES, MOST_OUTFITS = 4, 100_000
"""Kept at once; and of the largest matrix that is kept, which takes some 60 MB with all its outfits."""


class Closet:
    """For many threads: what it hands out is only ever added to."""

    def __init__(self, records: Records) -> None:
        self._records, self._lock = records, threading.Lock()
        self._mark: str | None = None
        self._wanted: OrderedDict[str, Wanted] = OrderedDict()
        self._releases: OrderedDict[str, Release] = OrderedDict()

    def release(self, release_id: str) -> Release | None:
        """A confirmed one. Its id is a digest of what it says, so a known one needs no second look."""
        with self._lock:
            known = self._releases.get(release_id)
        if known is None and (known := self._records.confirmed(release_id)) is not None:
            with self._lock:
                self._releases[release_id] = known
                while len(self._releases) > MOST_RELEASES:
                    self._releases.popitem(last=False)
        return known

    def under(self, release: Release) -> Wanted:
        """The catalogue of now."""
        mark = self._records.items_mark()
        with self._lock:
            if mark is not None and mark == self._mark and release.id in self._wanted:
                return self._wanted[release.id]
        wanted = Wanted(self._records.items(), release)
        # Only what was not changed while it was read is known to be what the mark stands for.
        if mark is not None and len(wanted.matrix) <= MOST_OUTFITS and self._records.items_mark() == mark:
            self._keep(mark, wanted)
        return wanted

    def _keep(self, mark: str, wanted: Wanted) -> None:
        with self._lock:
            if mark != self._mark:
                self._mark, self._wanted = mark, OrderedDict()
            self._wanted[wanted.release.id] = wanted
            while len(self._wanted) > MOST_RELEASES:
                self._wanted.popitem(last=False)
