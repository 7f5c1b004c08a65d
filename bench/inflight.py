"""Many batches in flight on workers elsewhere, while the orchestrator is killed again and again.

The calls go over the port `Calls` to a stand-in for Modal (bench/inflight_provider.py), a process that outlives every
orchestrator; records, log and blobs are the real SQLite file and folder.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.children import Child, finish, start
from bench.inflight_child import RSS, orchestrate
from bench.inflight_provider import LineCalls, serve
from tryon.core.orders import Order
from tryon.stores.sqlite.database import Database
from tryon.stores.sqlite.records import SqliteRecords

MOST_SECONDS = 3600.0
FEWEST, MOST = 5, 40
"""Calls between two kills."""


def measure(batches: int = 10_000, bound: int = 16, kills: int = 50, seed: int = 1) -> dict[str, object]:
    """expected_resumed: calls that were in flight, or ended and not published, at any kill, as far as their ids were
    kept; resumed: those of them that were not made again. rss_mb: resident memory of the last orchestrator, which makes
    most of the batches: at its end, and how much of it came after its first quarter."""
    with tempfile.TemporaryDirectory(prefix="fashion-bench-") as folder, _provider(Path(folder)) as port:
        course = Course(Path(folder), port, batches, bound, random.Random(seed))
        begun = time.perf_counter()
        for number in range(kills):
            course.killed(number)
        course.completed()
        starts, passes = Counter(course.calls.ask("starts")), course.calls.ask("passes")
        first, last = course.memory()
        return {
            "batches": batches,
            "bound": bound,
            "max_in_flight": course.calls.ask("most_in_flight"),
            "expected_resumed": course.expected,
            "resumed": course.resumed(),
            "duplicate_starts": starts.total() - len(starts),
            "kills": kills,
            "duplicate_inferences": passes.total() - len(passes),
            "inferences": passes.total(),
            "rss_mb": last,
            "rss_growth_mb": round(last - first, 1),
            "seconds": round(time.perf_counter() - begun, 1),
        }


@contextmanager
def _provider(folder: Path) -> Iterator[int]:
    place = folder / "port"
    child = start(serve, folder, place)
    try:
        while not (place.exists() and place.read_text()):
            assert child.is_alive(), "the provider did not start"
            time.sleep(0.01)
        yield int(place.read_text())
    finally:
        child.kill()
        child.join()


@dataclass
class Course:
    folder: Path
    port: int
    batches: int
    bound: int
    random: random.Random
    expected: int = 0
    _seen: list[tuple[int, set[str]]] = field(default_factory=list)
    """At each kill: how many calls were made so far, and the orders whose call was known and not published."""

    def __post_init__(self) -> None:
        self.calls = LineCalls(self.port)

    def killed(self, number: int) -> None:
        """Every other time between a call and the keeping of its id."""
        calls = self.random.randint(FEWEST, MOST)
        child = self._start(f"killed-{number}", calls if number % 2 else None)
        if number % 2 == 0:
            self._after(calls, child)
            time.sleep(self.random.random() * 0.05)
            child.kill()
        child.join(MOST_SECONDS)
        assert child.exitcode == -9, f"the orchestrator ended with {child.exitcode} before it was killed"
        self._look()

    def completed(self) -> None:
        finish(self._start("last", None), MOST_SECONDS)

    def resumed(self) -> int:
        starts = self.calls.ask("starts")
        return sum(len(orders - set(starts[made:])) for made, orders in self._seen)

    def memory(self) -> tuple[float, float]:
        """MB after the first quarter of the last orchestrator's samples, and the most of its last tenth."""
        samples = [int(line) / 1e6 for line in (self.folder / RSS).read_text().split("\n")[:-1]]
        tail = samples[-max(1, len(samples) // 10) :]
        return round(samples[len(samples) // 4], 1), round(max(tail), 1)

    def _look(self) -> None:
        database = Database(self.folder / "fashion.sqlite")
        records = SqliteRecords(database)
        known = {placed.id: Order.read(placed.text) for placed in records.orders() if placed.call}
        flying = {name for name, order in known.items() if not records.find(order.inputs)}
        database.close()
        self._seen.append((len(self.calls.ask("starts")), flying))
        self.expected += len(flying)

    def _start(self, run_id: str, die_at: int | None) -> Child:
        arguments = (self.folder, self.port, self.batches, self.bound, run_id, die_at)
        return start(orchestrate, *arguments)

    def _after(self, calls: int, child: Child) -> None:
        until = len(self.calls.ask("starts")) + calls
        while len(self.calls.ask("starts")) < until:
            assert child.is_alive(), f"the orchestrator ended with {child.exitcode} before it was killed"
            time.sleep(0.002)
