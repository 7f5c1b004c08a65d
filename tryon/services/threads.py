"""A few threads for one purpose. What is slow there holds up nothing else: neither the event loop nor the threads that
all services of a process share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

DOWNLOADS, ERRANDS, READS = 8, 16, 4
"""Of one service at a time: files that are fetched, what waits for the log or a store to write, and what is read for
callers who need no key. Apart from each other: slow servers of callers hold up neither answers nor log."""


class Threads:
    """count: that many calls at a time; the others wait in order. name: of the threads."""

    def __init__(self, count: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)

    async def run(self, call: Callable[[], T]) -> T:
        """What it answers or raises. A caller who goes away before its turn takes the call along."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)
