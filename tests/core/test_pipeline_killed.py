"""Killed anywhere, and made by several workers at once: the index is complete, and nothing was made twice."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.core.workshop import TOPS, USERS, Killed, Workshop, everywhere, index, make_all, uploads
from tests.core.workshop_files import killed_in_the_middle, on_disk
from tests.fakes import MemoryBlobs, MemoryEventLog, MemoryRecords
from tryon.core.ports import DressJob
from tryon.core.stages.tally import Status
from tryon.core.words import Refused

ANN = USERS[0]


class Nth:
    """Kills at its nth call, once."""

    def __init__(self, nth: int) -> None:
        self.left = nth

    def __call__(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed


def small(
    after_put: Callable[[], None], after_append: Callable[[], None], before_publish: Callable[[], None]
) -> Workshop:
    """One user, a top and a bottom."""
    return Workshop(
        uploads([ANN], ["t0000", "b0000"]),
        MemoryBlobs(after_put=after_put),
        MemoryRecords(before_publish=before_publish),
        MemoryEventLog(after_append=after_append),
    )


def idle() -> None:
    pass


@pytest.fixture(scope="module")
def undisturbed() -> Workshop:
    shop = small(idle, idle, idle)
    shop.run()
    return shop


@pytest.mark.parametrize("boundary", ["after a blob", "after the log", "before the record"])
def test_killed_at_any_boundary_a_rerun_completes(boundary: str, undisturbed: Workshop) -> None:
    largest_batch = 4
    for nth in range(1, 100):
        kill = Nth(nth)
        hooks = [
            kill if boundary == b else idle for b in ("after a blob", "after the log", "before the record")
        ]
        shop = small(*hooks)
        try:
            shop.run("killed")
        except Killed:
            shop.run("again")
        assert index(shop) == index(undisturbed)
        assert shop.passes.total() - undisturbed.passes.total() <= largest_batch
        if kill.left > 0:
            return
    pytest.fail("there are no boundaries this far")


def test_killed_in_an_engine_nothing_is_tried_again() -> None:
    def killed(_: DressJob) -> Refused | None:
        raise Killed

    shop = Workshop(uploads([ANN], TOPS[:1]), answer=killed)
    with pytest.raises(Killed):
        shop.run()
    assert shop.passes.counts()["dress"] == 1


def test_a_killed_process_is_continued_by_the_next(tmp_path: Path) -> None:
    """The real thing: files and SQLite, a process that dies with its leases held and its batch half made."""
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=killed_in_the_middle, args=(tmp_path,))
    process.start()
    process.join(60)
    assert process.exitcode == 9
    with on_disk(tmp_path) as pipeline:
        tally = make_all(pipeline, "again")
        assert (tally.failed, pipeline.plan().nothing) == ([], True)
        kept = {entry.product.name for entry in tally.entries if entry.status is Status.KEPT}
        assert kept >= {"t0000.tops", "b0000.bottoms", "body"}


def test_two_workers_make_each_product_once() -> None:
    shop = Workshop(uploads([ANN]))
    shop.open().reconcile()
    with ThreadPoolExecutor(2) as pool:
        tallies = list(pool.map(lambda run_id: make_all(shop.open(), run_id), ("one", "two")))
    assert [tally.failed for tally in tallies] == [[], []]
    assert shop.passes.counts() == {"analyze": 5, "parse": 1, "dress": 9, "splat": 5}
    assert tallies[0].made + tallies[1].made == 5 + 6 + 9 + 5
    assert len(everywhere(shop.open())) == 5
