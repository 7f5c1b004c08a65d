"""Log events through the outbox into Firestore's emulator: how fast, and what a kill -9 and an outage do to them.

The wire is the proxy of tests/peers before Google's emulator, which keeps its documents in memory and has no indexes
to grow: the rate is of our code and of that program on this machine, not of the service.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bench.children import Child, finish, start
from bench.firestore_log_child import OUTBOX, TOLD, append_all
from tests.peers.firestore_emulator import JVM, emulating, missing
from tests.peers.firestore_proxy import Wire, wire_to
from tryon.stores.firestore.base import LOGS
from tryon.stores.firestore.client import Firestore
from tryon.stores.outbox import Outbox

PROJECT = "bench"
WARM_UP = 20_000
"""Events before the clock starts: Java compiles the emulator's code while the first 20,000 are written."""
HEAP = "-Xmx1g"
"""Of the emulator, for all events."""
MOST_SECONDS = 600.0


def measure(events: int = 20_000, batch: int = 20, outage: float = 30.0) -> dict[str, object]:
    """events_per_s: from each process's first append to its end, when all is stored, without the outage. waited: events
    that were in the outbox when the network came back."""
    reason = missing()
    assert reason is None, reason
    with tempfile.TemporaryDirectory(prefix="fashion-bench-") as folder, _peer(Path(folder)) as wire:
        course = Course(Path(folder), wire, range(0, events, batch))
        seconds = course.killed_at(events * 3 // 10)
        rest, waited = course.away_at(events * 6 // 10, outage)
        seconds += rest
        found, told = course.stored(), course.told()
        return {
            "events": len(told),
            "events_per_s": round(len(told) / seconds),
            "lost": len(told - found.keys()),
            "duplicated": found.total() - len(found),
            "kills": 1,
            "outage_s": outage,
            "waited": waited,
            "seconds": round(seconds, 1),
        }


@contextmanager
def _peer(folder: Path) -> Iterator[Wire]:
    with emulating(folder / "emulator.log", f"{JVM} {HEAP}") as emulator, wire_to(emulator.host) as wire:
        with tempfile.TemporaryDirectory(prefix="fashion-bench-") as other:
            child = start(append_all, Path(other), "warm-up", range(0, WARM_UP, 500), wire.host)
            finish(child, MOST_SECONDS)
        emulator.delete("warm-up")
        yield wire


class Course:
    """Two processes that append, one after the other. The first one is killed, and the second one skips the batch that
    the first may have been at: whether that was kept nobody was told."""

    def __init__(self, folder: Path, wire: Wire, numbers: range) -> None:
        self._folder, self._wire, self._numbers = folder, wire, numbers

    def killed_at(self, number: int) -> float:
        """Seconds."""
        child = self._start(self._numbers)
        self._wait_for(child, 1)
        begun = time.perf_counter()
        self._wait_for(child, number)
        child.kill()
        child.join()
        return time.perf_counter() - begun

    def away_at(self, number: int, seconds: float) -> tuple[float, int]:
        """Seconds without the outage, and how many events waited at its end."""
        step = self._numbers.step
        last = max(self.told()) + 1
        child = self._start(range(last + step, self._numbers.stop + step, step))
        self._wait_for(child, last + 1)
        begun = time.perf_counter()
        self._wait_for(child, number)
        self._wire.go_away()
        time.sleep(seconds)
        with closing(Outbox(self._folder / OUTBOX)) as outbox:
            waited = outbox.count()
        self._wire.come_back()
        finish(child, MOST_SECONDS)
        return time.perf_counter() - begun - seconds, waited

    def told(self) -> set[int]:
        """The numbers of the events whose append returned."""
        path = self._folder / TOLD
        firsts = [int(line) for line in path.read_text().split("\n")[:-1]] if path.exists() else []
        return {number for first in firsts for number in range(first, first + self._numbers.step)}

    def stored(self) -> Counter[int]:
        """By another way than the log's own: every document."""
        os.environ["FIRESTORE_EMULATOR_HOST"] = self._wire.host
        with closing(Firestore(PROJECT)) as store:
            rows = store.rows(LOGS, only=("message",), page=2000)
            return Counter(int(facts["message"]) for _, facts in rows)

    def _start(self, numbers: range) -> Child:
        return start(append_all, self._folder, PROJECT, numbers, self._wire.host)

    def _wait_for(self, child: Child, number: int) -> None:
        while len(self.told()) < number:
            assert child.is_alive(), f"the process ended with {child.exitcode} before event {number}"
            time.sleep(0.005)
