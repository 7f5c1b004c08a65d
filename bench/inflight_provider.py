"""A stand-in for the provider of workers: a process that makes calls, outlives who made them, and counts.

It answers what a client of Modal asks: spawn, wait, cancel. Its workers are the real RemoteWorker over the same files
as the orchestrator's; their engine stamps the product's name and sleeps a moment.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

from tryon.core.depot import Depot, Made
from tryon.core.encoding import Encoded
from tryon.core.errors import CallFailed
from tryon.core.events import timestamp, utc_now
from tryon.core.recipes import Method, Stage
from tryon.core.stages.desk import Patience
from tryon.core.stages.remote_worker import RemoteWorker
from tryon.core.stages.stage import Task
from tryon.core.stages.workbench import Workbench
from tryon.core.words import Refused
from tryon.stores.files import FileBlobs
from tryon.stores.sqlite.database import Database
from tryon.stores.sqlite.records import SqliteRecords

METHOD = Method(Stage.TRYON, 1, {"stamp": "1"})
KEY = b"bench inflight"
WORKERS = 32
"""More than any bound of the orchestrator, so that it is the orchestrator who holds it."""


@dataclass
class Stamp:
    """passes: how often each product was worked on."""

    batch_size: int = 1
    passes: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def method(self) -> Method:
        return METHOD

    def warm(self) -> None:
        """It has no model."""

    def load(self, task: Task) -> Task:
        return task

    def work(self, jobs: Sequence[Task]) -> list[tuple[Made | Refused, ...]]:
        with self._lock:
            self.passes.update(job[0].key for job in jobs)
        time.sleep(max(3.0 if is_long(job[0].key) else 0.02 for job in jobs))
        return [tuple(Made(Encoded(p.key.encode(), "txt", "text/plain")) for p in job) for job in jobs]


def is_long(key: str) -> bool:
    """One pass of fifty outlives a restart of the orchestrator."""
    return int(key, 16) % 50 == 0


def now() -> str:
    return timestamp(utc_now())


class Provider:
    def __init__(self, folder: Path) -> None:
        self._stamp = Stamp()
        records, blobs = SqliteRecords(Database(folder / "fashion.sqlite")), FileBlobs(folder / "blobs")
        bench = Workbench({Stage.TRYON: self._stamp}, Depot(blobs, records, now), now, Patience().retry)
        self._worker = RemoteWorker(bench, records, lambda event: None, now)
        self._pool, self._ids = ThreadPoolExecutor(WORKERS), count(1)
        self._calls: dict[str, Future[str]] = {}
        self._starts: list[str] = []
        self._lock = threading.Lock()
        self._flying = self._most = 0

    def spawn(self, order_id: str) -> str:
        with self._lock:
            call = f"call-{next(self._ids)}"
            self._starts.append(order_id)
            self._flying += 1
            self._most = max(self._most, self._flying)
            self._calls[call] = self._pool.submit(self._run, order_id, call)
        return call

    def _run(self, order_id: str, call: str) -> str:
        try:
            return self._worker.run(order_id, call)
        finally:
            with self._lock:
                self._flying -= 1

    def wait(self, call: str, seconds: float) -> str | None:
        try:
            return self._calls[call].result(seconds)
        except NotYet:
            return None

    def cancel(self, call: str) -> None:
        self._calls[call].cancel()

    def starts(self) -> list[str]:
        """Orders, as they were started."""
        return list(self._starts)

    def most_in_flight(self) -> int:
        return self._most

    def passes(self) -> Counter[str]:
        return self._stamp.passes


def serve(folder: Path, place: Path) -> None:
    """A thread for each connection; the address is written to `place`."""
    provider = Provider(folder)
    with Listener(("127.0.0.1", 0), authkey=KEY, backlog=64) as listener:
        place.write_text(str(listener.address[1]))
        while True:
            # Who is killed while it connects never gets a line.
            with suppress(OSError, EOFError, AuthenticationError):
                line = listener.accept()
                threading.Thread(target=_answer, args=(provider, line), daemon=True).start()


def _answer(provider: Provider, connection: Connection[Any, Any]) -> None:
    with connection, suppress(EOFError, ConnectionResetError, BrokenPipeError):
        while True:
            name, arguments = connection.recv()
            try:
                connection.send((True, getattr(provider, name)(*arguments)))
            except Exception as error:  # noqa: BLE001 - whoever asked is told
                connection.send((False, repr(error)))


class LineCalls:
    """Implements tryon.core.ports.Calls over the provider's line; a connection for each thread."""

    def __init__(self, port: int) -> None:
        self._port, self._local = port, threading.local()

    def spawn(self, stage: Stage, order_id: str) -> str:
        return str(self.ask("spawn", order_id))

    def wait(self, call_id: str, seconds: float) -> str | None:
        answer = self.ask("wait", call_id, seconds)
        return None if answer is None else str(answer)

    def cancel(self, call_id: str) -> None:
        self.ask("cancel", call_id)

    def ask(self, name: str, *arguments: object) -> Any:
        if not hasattr(self._local, "line"):
            self._local.line = Client(("127.0.0.1", self._port), authkey=KEY)
        self._local.line.send((name, arguments))
        well, answer = self._local.line.recv()
        if not well:
            raise CallFailed(str(answer))
        return answer
