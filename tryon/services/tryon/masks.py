"""The mask that a caller names by its address."""

from __future__ import annotations

from collections.abc import Callable

from tryon.services.threads import DOWNLOADS, Threads


class MaskFiles:
    """fetch: the file at an address; raises UrlRejected, FetchFailed."""

    def __init__(self, fetch: Callable[[str], bytes]) -> None:
        self._fetch = fetch
        self._downloads = Threads(DOWNLOADS, "masks downloads")

    async def __call__(self, url: str) -> bytes:
        """Raises what `fetch` raises."""
        return await self._downloads.run(lambda: self._fetch(url))
