"""Removing a blob unless it was put again, in a store that knows no conditional removal.

Supabase removes a name, whatever lies there by then. But its answer is the row that was removed, read in the same
transaction, and that tells whether a writer put the blob again since it was judged. So:

1. look: missing, or put again since it was judged: nothing is done;
2. copy it aside;
3. remove it, once, and look at the row that was removed;
4. the row is the one that was judged: the copy goes too. It was put again, or no answer came: the copy is moved back,
   unless somebody has put the blob anew by then.

A writer who was told that the bytes are there uploaded them over themselves. Had it done so before 3, the removed row
shows it; after 3, its upload made the blob anew. Killed between 2 and 4, the copy stays under ASIDE until `sweep` or
an erasure finds it. The server moves what it copied itself: nothing comes back that an erasure took meanwhile.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from tryon.stores.patience import AlreadyThere, Busy, NotThere, Patience
from tryon.stores.supabase.bucket import Bucket
from tryon.stores.supabase.listing import find

ASIDE = "discarding/"
"""Where copies lie. Blobs begin with users/ or items/."""


class Discarder:
    def __init__(self, bucket: Bucket, patience: Patience) -> None:
        self._bucket, self._patience = bucket, patience

    def discard(self, path: str, seen: datetime) -> bool:
        """As `Blobs.discard`."""
        row = find(self._bucket, self._patience, path)
        if row is None or row.updated_at > seen:
            return False
        aside = f"{ASIDE}{path}.{secrets.token_hex(8)}"
        if not self._copy(path, aside):
            return False
        try:
            removed = self._bucket.remove(path)
        except Busy:
            self.put_back(aside)
            return False
        if removed is not None and removed.updated_at > seen:
            self.put_back(aside)
            return False
        self._remove(aside)
        return removed is not None

    def put_back(self, aside: str) -> None:
        """Unless its blob is there, which has the same bytes: its name is their digest."""
        path = aside.removeprefix(ASIDE).rpartition(".")[0]
        try:
            self._patience.call(lambda: self._bucket.move(aside, path))
        except AlreadyThere:
            self._remove(aside)
        except NotThere:
            pass  # Moved by a try whose answer was lost, or erased.

    def _copy(self, path: str, aside: str) -> bool:
        try:
            self._patience.call(lambda: self._bucket.copy(path, aside))
        except AlreadyThere:
            pass  # By a try whose answer was lost.
        except NotThere:
            return False
        return True

    def _remove(self, path: str) -> None:
        self._patience.call(lambda: self._bucket.remove(path))
