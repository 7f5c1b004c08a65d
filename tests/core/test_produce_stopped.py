"""Where nothing can be stored, work stops at once: no retries, no more engine passes, a reason for every product."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.workshop import Workshop, everywhere, index, make_all, uploads
from tests.fakes import MemoryBlobs, MemoryEventLog, MemoryRecords
from tryon.core.depot import Depot
from tryon.core.errors import DiskFull, StoreUnusable
from tryon.core.events import Journal, LogEvent, utc_now
from tryon.core.publish import Gate
from tryon.core.stages.tally import Status

PLACES = ["a blob", "the log", "the records"]


class Disk:
    """Full from its nth write on, until somebody frees it. calls: how many writes were tried meanwhile."""

    def __init__(self, nth: int) -> None:
        self.left, self.full, self.calls = nth, False, 0

    def __call__(self) -> None:
        self.left -= 1
        self.full = self.full or self.left == 0
        if self.full:
            self.calls += 1
            raise DiskFull("the disk of data is full; free some space")

    def free(self) -> None:
        self.full, self.left = False, 0


def nothing() -> None:
    pass


def shop_on(place: str, disk: Disk) -> Workshop:
    """One user, a top and a bottom; in one place the disk may be full."""
    hooks = [disk if one == place else nothing for one in PLACES]
    return Workshop(
        uploads(["u0000"], ["t0000", "b0000"]),
        MemoryBlobs(after_put=hooks[0]),
        MemoryRecords(before_publish=hooks[2]),
        MemoryEventLog(after_append=hooks[1]),
    )


@pytest.fixture(scope="module")
def undisturbed() -> Workshop:
    shop = shop_on("", Disk(0))
    shop.run()
    return shop


@pytest.mark.parametrize("place", PLACES)
def test_full_at_any_write_a_rerun_completes(place: str, undisturbed: Workshop) -> None:
    for nth in range(1, 100):
        disk = Disk(nth)
        shop = shop_on(place, disk)
        try:
            failed = shop.run("full").failed
            assert failed or not disk.full
        except StoreUnusable:
            assert disk.full, "only reconciling may raise: it has no tally to fail in"
        visible = index(shop)
        assert visible.items() <= index(undisturbed).items()
        if not disk.full:
            return
        disk.free()
        assert shop.run("again").failed == []
        assert index(shop) == index(undisturbed)
    pytest.fail("there are no writes this far")


@pytest.mark.parametrize("place", ["a blob", "the records"])
def test_nothing_is_tried_again_and_no_engine_is_paid_for(place: str) -> None:
    disk = Disk(1)
    shop = shop_on(place, disk)
    pipeline = shop.open()
    pipeline.reconcile()
    tally = pipeline.make_crops(["t0000", "b0000"], "full")
    assert isinstance(tally.stopped, DiskFull)
    assert {entry.status for entry in tally.entries} == {Status.FAILED}
    assert {entry.message for entry in tally.entries} == {
        "DiskFull: the disk of data is full; free some space"
    }
    assert {entry.product.name for entry in tally.entries} == {"t0000.tops", "b0000.bottoms"}
    # Both photos are one batch: each of its blobs is tried once at most, and so is its one publication.
    assert disk.calls <= (2 if place == "a blob" else 1)
    assert shop.passes.counts() == {"analyze": 2}


def test_no_further_batch_is_begun() -> None:
    """A batch of the workshop is four try-ons; two users have ten singles."""
    disk = Disk(0)
    shop = Workshop(blobs=MemoryBlobs(after_put=disk))
    pipeline = shop.open()
    pipeline.reconcile()
    pipeline.make_crops([item.id for item in pipeline.records.items()], "run")
    pipeline.make_masks([user.id for user in pipeline.records.users()], "run")
    disk.left = 1
    tally = pipeline.make_singles(everywhere(pipeline), "full")
    assert shop.passes.counts()["dress"] == 4
    assert len(tally.failed) == len(tally.entries) == 10


def test_a_log_that_cannot_be_written_publishes_nothing_and_the_console_says_why() -> None:
    disk, said = Disk(1), list[LogEvent]()
    shop = shop_on("", disk)
    pipeline = shop.open()
    pipeline.reconcile()
    log = MemoryEventLog(after_append=disk)
    journal = Journal(log, said.append, utc_now)
    gate = Gate(Depot(shop.blobs, shop.records, journal.timestamp), shop.records, journal)
    mute = replace(pipeline, log=log, desk=replace(pipeline.desk, journal=journal, gate=gate))
    tally = make_all(mute, "mute")
    assert index(shop) == {}
    assert tally.stopped is not None
    assert shop.passes.total() == 0
    assert {(event.event.value, event.message) for event in said} == {
        ("failed", "DiskFull: the disk of data is full; free some space")
    }
    disk.free()
    assert make_all(pipeline, "again").failed == []
