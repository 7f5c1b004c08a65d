"""Where a service's engine works: in a thread of its own, one request at a time. The service goes on answering."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, TypeVar

from tryon.core.errors import EngineError, EngineUnusable, FashionError

T = TypeVar("T")
State = Literal["cold", "loading", "ready", "broken"]

RETRY_SECONDS = 30.0
"""After a load that failed, until the next try: a download may go through then."""


class StillLoading(EngineError):
    """The engine's models are not in memory yet."""


class Busy(EngineError):
    """As many requests as may wait are waiting already."""


class EngineRoom:
    """load: brings the models into memory, once. waiting: requests that may wait for another one to end.
    patient: requests wait for the models too; else they are refused until the models are there.
    loaded: hears the seconds that loading took. queued: hears how many requests are inside, after each change.
    thread: one thread that several rooms share, where one process has several services and one GPU.
    """

    def __init__(
        self,
        load: Callable[[], None],
        waiting: int = 0,
        patient: bool = False,
        loaded: Callable[[float], None] | None = None,
        queued: Callable[[int], None] | None = None,
        thread: ThreadPoolExecutor | None = None,
    ) -> None:
        self._load, self._waiting, self._patient = load, waiting, patient
        self._loaded, self._queued = loaded or _nobody, queued or _nobody
        self._thread = thread or engine_thread()
        self._lock = threading.Lock()
        self._tried = 0.0
        self.state: State = "cold"
        self.problem: FashionError | None = None
        self.depth = 0

    def open(self) -> None:
        """Begin to load, unless it is done or under way. A load that failed is tried again after a while."""
        with self._lock:
            again = self.state == "broken" and time.monotonic() - self._tried > RETRY_SECONDS
            if self.state != "cold" and not again:
                return
            self.state, self._tried = "loading", time.monotonic()
        self._thread.submit(self._begin)

    def close(self) -> None:
        """What waits is dropped; what works goes on to its end."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def check_ready(self) -> None:
        """Raises StillLoading, or what was wrong when the models were loaded; they are tried again after a while."""
        self.open()
        self._check()

    def check_room(self) -> None:
        """Raises what `run` would raise now: before anything is fetched or read for a request that has no place."""
        if self._patient:
            self.open()
            if self.state == "broken":
                self._check()
        else:
            self.check_ready()
        self._check_place()

    async def run(self, work: Callable[[], T]) -> T:
        """Raises StillLoading, Busy, EngineUnusable when the engine could not be loaded, and whatever `work` raises.

        A caller that goes away takes its place in the queue along; work that has begun goes on to its end, and the
        room is busy until then.
        """
        if self._patient:
            self.open()
        else:
            self.check_ready()
        self._enter()
        try:
            begun = self._thread.submit(self._work, work)
        except BaseException:
            self._leave()
            raise
        begun.add_done_callback(lambda done: self._leave())
        return await asyncio.wrap_future(begun)

    def _begin(self) -> None:
        started = time.perf_counter()
        try:
            self._load()
        except Exception as error:  # noqa: BLE001 - every request is answered with it
            self.problem = error if isinstance(error, FashionError) else _unforeseen(error)
            self.state, self._tried = "broken", time.monotonic()
            return
        self.problem, self.state = None, "ready"
        self._loaded(time.perf_counter() - started)

    def _check(self) -> None:
        if self.state == "ready":
            return
        if self.problem is not None:
            raise self.problem
        raise StillLoading("Models are still loading. Please wait and try again.")

    def _work(self, work: Callable[[], T]) -> T:
        self._check()
        return work()

    def _enter(self) -> None:
        with self._lock:
            self._check_place()
            self.depth += 1
            self._queued(self.depth)

    def _check_place(self) -> None:
        if self.depth > self._waiting:
            raise Busy("GPU is busy processing another request. Please try again later.")

    def _leave(self) -> None:
        with self._lock:
            self.depth -= 1
            self._queued(self.depth)


def engine_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="engine")


def _unforeseen(error: Exception) -> EngineUnusable:
    return EngineUnusable(f"the engine cannot start: {type(error).__name__}: {error}")


def _nobody(number: float) -> None:
    """Hears nothing."""
