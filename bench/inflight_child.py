"""The orchestrator that `bench inflight` kills."""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from hashlib import sha256
from itertools import islice
from pathlib import Path

from bench.inflight_provider import METHOD, LineCalls, Stamp, is_long, now
from tryon.core.depot import Depot
from tryon.core.events import Journal, utc_now
from tryon.core.ports import Records
from tryon.core.publish import Gate
from tryon.core.recipes import Stage
from tryon.core.releases import Release
from tryon.core.stages.desk import Desk
from tryon.core.stages.produce import produce
from tryon.core.stages.remote import RemoteCompute
from tryon.core.uploads import Item, User
from tryon.core.wanted import Shelf, Wanted
from tryon.core.words import Category
from tryon.stores.files import FileBlobs
from tryon.stores.holders import lease_holder
from tryon.stores.sqlite.database import Database
from tryon.stores.sqlite.events import SqliteEventLog
from tryon.stores.sqlite.records import SqliteRecords

RSS = "rss"
"""File of resident bytes, a line a sample."""


class DyingCalls(LineCalls):
    """die_at: after so many calls the next long one is made and its id never told."""

    def __init__(self, port: int, records: Records, die_at: int | None) -> None:
        super().__init__(port)
        self._records, self._left = records, die_at

    def spawn(self, stage: Stage, order_id: str) -> str:
        call = super().spawn(stage, order_id)
        if self._left is not None:
            self._left -= 1
            if self._left <= 0 and self._is_long(order_id):
                os.kill(os.getpid(), signal.SIGKILL)
        return call

    def _is_long(self, order_id: str) -> bool:
        placed = self._records.order(order_id)
        return placed is not None and is_long(placed.keys[0])


def shelf(batches: int) -> Shelf:
    """One user, with tops and bottoms for so many outfits or a few more."""
    side = math.isqrt(batches) + 1
    kinds = [Category.TOPS] * side + [Category.BOTTOMS] * side
    items = [
        Item(n, f"i{n}", sha256(f"i{n}".encode()).hexdigest(), (kind,)) for n, kind in enumerate(kinds, 2)
    ]
    release = Release(dict.fromkeys(Stage, METHOD))
    return Shelf(Wanted(items, release), User(1, "ann", sha256(b"ann").hexdigest()), {})


def orchestrate(folder: Path, port: int, batches: int, bound: int, run_id: str, die_at: int | None) -> None:
    """Returns when every batch is published. Samples of its memory go to the file RSS, from its first batch on."""
    database = Database(folder / "fashion.sqlite")
    records, blobs, log = SqliteRecords(database), FileBlobs(folder / "blobs"), SqliteEventLog(database)
    compute = RemoteCompute(records, DyingCalls(port, records, die_at), now, lease_holder(), bound, 5.0, 0.02)
    journal = Journal(log, lambda event: None, utc_now)
    gate = Gate(Depot(blobs, records, now), records, journal)
    wanted = shelf(batches)
    tasks = [(product,) for product in islice(wanted.every_tryon(), batches)]
    threading.Thread(target=_sample, args=(folder / RSS,), daemon=True).start()
    desk = Desk(records, journal, gate, compute, lease_holder())
    tally = produce(desk, Stamp(), tasks, wanted.wanted, run_id)
    assert len(tally.entries) == tally.published == batches, tally.failed[:1]


def _sample(path: Path) -> None:
    with path.open("w") as file:
        while True:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            print(pages * os.sysconf("SC_PAGE_SIZE"), file=file, flush=True)
            time.sleep(0.25)
