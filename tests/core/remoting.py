"""Workers on another machine, in threads: the calls outlive the run that made them, as on Modal."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field
from itertools import count

from tryon.core.errors import CallFailed
from tryon.core.recipes import Stage
from tryon.core.stages.remote_worker import RemoteWorker

Hook = Callable[[], None]


def nothing() -> None:
    """The hook of an undisturbed call."""


@dataclass
class ThreadCalls:
    """Implements tryon.core.ports.Calls.

    worker: works in each call. before: runs in the call before the worker. spawned: runs in the run after the call is
    made, before its id is known there, where a test may kill it.
    """

    worker: RemoteWorker
    before: Hook = nothing
    spawned: Hook = nothing
    started: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(8))
    _futures: dict[str, Future[str]] = field(default_factory=dict)
    _ids: count[int] = field(default_factory=lambda: count(1))

    def spawn(self, stage: Stage, order_id: str) -> str:
        call = f"call-{next(self._ids)}"
        self.started.append(order_id)
        self._futures[call] = self.pool.submit(self._run, order_id, call)
        self.spawned()
        return call

    def _run(self, order_id: str, call: str) -> str:
        self.before()
        return self.worker.run(order_id, call)

    def wait(self, call_id: str, seconds: float) -> str | None:
        if call_id in self.cancelled or call_id not in self._futures:
            raise CallFailed(f"the call {call_id} was cancelled or is unknown")
        try:
            return self._futures[call_id].result(seconds)
        except NotYet:
            return None
        except Exception as error:
            raise CallFailed(f"the worker failed: {error}") from error

    def cancel(self, call_id: str) -> None:
        self.cancelled.append(call_id)

    def forget(self) -> None:
        """As the provider does after a week."""
        self._futures.clear()

    def settle(self, count: int) -> None:
        """Wait until so many calls have ended."""
        deadline = time.monotonic() + 10
        while sum(future.done() for future in self._futures.values()) < count:
            assert time.monotonic() < deadline, "the calls do not end"
            time.sleep(0.001)
