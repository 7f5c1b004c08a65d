"""The mask that a caller names by its address."""

from __future__ import annotations

from collections.abc import Callable

from tryon.core.errors import BlobMissing
from tryon.core.guests import GuestKind, Guests, named
from tryon.services.threads import DOWNLOADS, READS, Threads


class MaskFiles:
    """guests: what our own mask service has made. It is read there and not over the network: on one machine its
    addresses are of the loopback, from where nothing is fetched for a caller.
    fetch: the file at an address; raises UrlRejected, FetchFailed."""

    def __init__(self, guests: Guests, fetch: Callable[[str], bytes]) -> None:
        self._guests, self._fetch = guests, fetch
        self._reads = Threads(READS, "mask reads")
        self._downloads = Threads(DOWNLOADS, "mask downloads")

    async def __call__(self, url: str) -> bytes:
        """Raises StoreError, and what `fetch` raises."""
        kept = await self._kept(url)
        return await self._downloads.run(lambda: self._fetch(url)) if kept is None else kept

    async def _kept(self, url: str) -> bytes | None:
        name = named(GuestKind.MASKS, url)
        if name is None:
            return None
        try:
            return (await self._reads.run(lambda: self._guests.read(GuestKind.MASKS, name))).data
        except BlobMissing:
            # Of another installation: its address leads there.
            return None
