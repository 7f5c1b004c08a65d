"""Removing a mask unless it was put again, in a store that knows no conditional removal.

Each put leaves a mark of its own in the asset's context, and a rename takes the asset aside in one step, mark and all:

1. look: missing, or not the put that was judged: nothing is done;
2. rename it aside: from now on a writer finds nothing there and makes it anew;
3. look at what was taken: the mark is the one that was judged, and it is deleted; it is another, since a writer was
   told in between that the bytes are there, and it is renamed back, unless somebody has put the mask anew by then.

Killed after 2, the mask lies under ASIDE until `sweep` puts it back or an erasure finds it; nothing a `put` promised is
lost, but until then a reader is told BlobMissing. This holds as far as Cloudinary's rename and overwrite are each one
step, which its documentation says of neither.
"""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime

from tryon.stores.cloudinary.assets import Asset, Assets
from tryon.stores.patience import AlreadyThere, NotThere, Patience

ASIDE = "discarding/"
"""Blobs begin with users/ or items/."""


class Discarder:
    def __init__(self, assets: Assets, patience: Patience) -> None:
        self._assets, self._patience = assets, patience

    def discard(self, path: str, seen: datetime) -> bool:
        """As `Blobs.discard`; also a put that looks older than `seen`, by a clock that is behind, is another put."""
        judged = self._look(path)
        if judged is None or judged.put_at != seen:
            return False
        aside = f"{ASIDE}{path}.{int(time.time())}-{secrets.token_hex(8)}"
        self._rename(path, aside)
        taken = self._look(aside)
        if taken is None:
            return False
        if taken.mark != judged.mark:
            self.put_back(aside)
            return False
        self._destroy(aside)
        return True

    def put_back(self, aside: str) -> None:
        """Unless its blob is there, which has the same bytes: its name is their digest."""
        if not self._rename(aside, aside.removeprefix(ASIDE).rpartition(".")[0]):
            self._destroy(aside)

    def _rename(self, path: str, to: str) -> bool:
        """False when `to` is there. Gone is fine: by a try whose answer was lost, or erased."""
        try:
            self._patience.call(lambda: self._assets.rename(path, to))
        except AlreadyThere:
            return False
        except NotThere:
            pass
        return True

    def _look(self, path: str) -> Asset | None:
        try:
            return self._patience.call(lambda: self._assets.look(path))
        except NotThere:
            return None

    def _destroy(self, path: str) -> None:
        self._patience.call(lambda: self._assets.destroy(path))


def begun_at(aside: str) -> datetime:
    """When its discard began, by the clock of the machine that did it."""
    second = aside.rpartition(".")[2].partition("-")[0]
    return datetime.fromtimestamp(int(second) if second.isdecimal() else 0, UTC)
