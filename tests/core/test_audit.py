"""The audit: what it finds, what it repairs, and what it must never touch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.core.workshop import BOTTOMS, TOPS, USERS, Workshop, add, index, make_all, uploads
from tests.fakes import MemoryBlobs, MemoryEventLog, MemoryRecords
from tryon.core import rollout
from tryon.core.auditing.audit import audit
from tryon.core.auditing.findings import Audit
from tryon.core.errors import StoreError
from tryon.core.events import EventKind
from tryon.core.ports import DressJob
from tryon.core.recipes import Stage
from tryon.core.records import Placed, Record
from tryon.core.uploads import UploadKind
from tryon.core.words import Order, Refused

ANN, BEN = USERS
WEEK, HOUR = timedelta(days=7), timedelta(hours=1)
LOST = f"users/{ANN}/{'0' * 64}.webp"


def now() -> datetime:
    return datetime.now(UTC)


def small(records: MemoryRecords | None = None, blobs: MemoryBlobs | None = None) -> Workshop:
    """One user, a top and a bottom, everything made."""
    items = [TOPS[0], BOTTOMS[0]]
    shop = Workshop(uploads([ANN], items), blobs or MemoryBlobs(), records or MemoryRecords())
    shop.run()
    return shop


@pytest.fixture
def shop() -> Workshop:
    return small()


def look(
    shop: Workshop, repair: bool = False, later: timedelta = timedelta(), grace: timedelta = WEEK
) -> Audit:
    return audit(shop.open(), now() + later, grace, repair)


def files(shop: Workshop) -> dict[str, bytes]:
    assert isinstance(shop.blobs, MemoryBlobs)
    return shop.blobs.files


def published(shop: Workshop, name: str = "t0000.tops", user: str | None = ANN) -> Record:
    return next(r for r in shop.records.of_user(user) if r.name == name and r.stage in ("tryon", "crop"))


def told(shop: Workshop) -> list[tuple[str, EventKind]]:
    return [(event.step, event.event) for event in shop.log.events if event.component == "audit"]


# What is sound


def test_a_healthy_store_has_nothing_wrong(shop: Workshop) -> None:
    found = look(shop)
    assert (found.wrong, found.superseded, found.in_flight, found.foreign) == (0, 0, 0, 0)
    assert found.records == found.blobs == len(files(shop)) == 2 + 6 + 3 + 1
    assert told(shop) == [("stores", EventKind.STARTED), ("stores", EventKind.FINISHED)]


def test_a_repair_of_a_healthy_store_changes_nothing(shop: Workshop) -> None:
    before, blobs = index(shop), dict(files(shop))
    assert look(shop, repair=True, later=timedelta(days=400)).wrong == 0
    assert (index(shop), files(shop)) == (before, blobs)


def test_nothing_at_all_is_fine() -> None:
    assert look(Workshop(), repair=True).counts() == Audit().counts()


# Missing and changed blobs


def lose(shop: Workshop, record: Record) -> None:
    del files(shop)[record.path]


def change(shop: Workshop, record: Record) -> None:
    files(shop)[record.path] += b"!"


@pytest.mark.parametrize(("harm", "kind"), [(lose, "missing"), (change, "mismatched")])
@pytest.mark.parametrize("user", [ANN, None])
def test_a_damaged_blob_is_found_and_made_again_under_its_key(
    shop: Workshop, harm: Callable[[Workshop, Record], None], kind: str, user: str | None
) -> None:
    before, record = index(shop), published(shop, user=user)
    harm(shop, record)
    found = look(shop)
    (finding,) = getattr(found, kind)
    assert (finding.user, finding.name, finding.key) == (user, record.name, record.key)
    assert (found.wrong, found.orphans, index(shop)) == (1, [], before)
    repaired = look(shop, repair=True)
    assert (repaired.withdrawn, repaired.wrong) == (1, 1)
    assert record.path not in files(shop)
    passes = shop.passes.total()
    shop.run("again")
    # Only this one: what is made from it keeps its key, and its verdict.
    assert (shop.passes.total() - passes, index(shop)) == (1, before)
    assert look(shop).wrong == 0


def test_a_finding_is_a_failure_under_the_products_key_without_an_address(shop: Workshop) -> None:
    record = published(shop)
    lose(shop, record)
    look(shop, repair=True)
    (event,) = [e for e in shop.log.events if e.component == "audit" and e.event is EventKind.FAILED]
    assert (event.user_id, event.recipe, event.step) == (ANN, record.key, record.name)
    assert event.message == "the stored file of tryon t0000.tops is gone"
    texts = str([e.facts() for e in shop.log.events if e.component == "audit"])
    assert not any(path.rpartition("/")[2][:64] in texts for path in [*files(shop), record.path])


def test_a_blob_that_cannot_be_read_is_told_and_left_alone(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, record = index(shop), published(shop)

    def digest(path: str, whole: Callable[[str], str] = shop.blobs.digest) -> str:
        if path == record.path:
            raise PermissionError(13, "Permission denied")
        return whole(path)

    monkeypatch.setattr(shop.blobs, "digest", digest)
    found = look(shop, repair=True, later=HOUR)
    assert [one.name for one in found.unreadable] == [record.name]
    assert (found.wrong, found.withdrawn, index(shop)) == (1, 0, before)
    assert record.path in files(shop)


def test_one_bad_read_is_no_damage(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = dict.fromkeys(files(shop), 0)

    def digest(path: str, whole: Callable[[str], str] = shop.blobs.digest) -> str:
        reads[path] += 1
        return "0" * 64 if reads[path] == 1 else whole(path)

    monkeypatch.setattr(shop.blobs, "digest", digest)
    assert look(shop, repair=True).wrong == 0
    assert set(reads.values()) == {2}


def test_a_store_without_any_blob_is_a_disk_that_is_not_mounted(shop: Workshop) -> None:
    before = index(shop)
    files(shop).clear()
    with pytest.raises(StoreError, match="is the disk mounted"):
        look(shop, repair=True)
    assert index(shop) == before
    assert told(shop)[-1] == ("stores", EventKind.FAILED)


def test_a_blob_that_another_record_names_stays(shop: Workshop) -> None:
    """A later generation with equal bytes: collecting the older record must not take its blob."""
    record = published(shop)
    shop.records.publish([replace(record, generation=2, token="second")])
    found = look(shop, repair=True, later=2 * WEEK)
    assert (found.expired, found.deleted, record.path in files(shop)) == (1, 0, True)
    assert look(shop).wrong == 0


# Orphans


def test_an_orphan_is_found_and_deleted(shop: Workshop) -> None:
    shop.blobs.put(LOST, b"x")
    assert look(shop).orphans == [LOST]
    assert look(shop, repair=True).orphans == [LOST]
    assert LOST not in files(shop)
    assert look(shop).wrong == 0


def test_while_somebody_works_a_young_orphan_may_be_theirs(shop: Workshop) -> None:
    shop.blobs.put(LOST, b"x")
    shop.records.claim(["some key"], "another:1", 100)
    found = look(shop, repair=True)
    assert (found.orphans, found.in_flight, found.wrong) == ([], 1, 0)
    # Older than any lease: its batch is over, whatever else is running.
    lasts = timedelta(seconds=shop.patience.lease_seconds)
    assert look(shop, repair=True, later=2 * lasts).orphans == [LOST]


def test_what_a_worker_elsewhere_stored_waits_as_long_as_its_order_is_kept(shop: Workshop) -> None:
    """Its run was killed: no lease lives, but a later run publishes it."""
    shop.blobs.put(LOST, b"x")
    shop.records.place(Placed("o", Stage.TRYON, "{}", ("key",), (), "2026-11-21T12:00:00Z"))
    found = look(shop, repair=True, later=timedelta(days=6))
    assert (found.orphans, found.in_flight, found.wrong) == ([], 1, 0)
    assert look(shop, repair=True, later=timedelta(days=9)).orphans == [LOST]


def test_an_order_that_nobody_asks_for_any_more_is_forgotten(shop: Workshop) -> None:
    shop.records.place(Placed("o", Stage.TRYON, "{}", ("key",), (), now().isoformat()))
    look(shop, repair=True, later=timedelta(days=6))
    look(shop, later=timedelta(days=9))
    assert [order.id for order in shop.records.orders()] == ["o"]
    look(shop, repair=True, later=timedelta(days=9))
    assert shop.records.orders() == []


def test_an_orphan_of_an_erased_user_goes_at_once(shop: Workshop) -> None:
    shop.blobs.put(LOST, b"x")
    shop.records.claim(["some key"], "another:1", 100)
    shop.bury(ANN)
    found = look(shop, repair=True)
    assert LOST in found.orphans
    assert not [path for path in files(shop) if path.startswith("users/")]


def test_what_is_no_blob_of_ours_is_left_alone(shop: Workshop) -> None:
    for path in ("README.txt", f"users/{ANN}/notes.txt", f"users/{ANN}/{'0' * 64}.webp.bak"):
        files(shop)[path] = b"x"
    found = look(shop, repair=True, later=HOUR)
    assert (found.foreign, found.orphans, found.wrong) == (3, [], 0)
    assert found.records == found.blobs == 12


@pytest.mark.parametrize("moment", ["after a blob", "after the log", "before the record"])
def test_a_batch_in_flight_is_never_touched(moment: str, shop: Workshop) -> None:
    """An audit with repair at every durable boundary of every batch; the writer is alive and holds its leases."""
    audits: list[Audit] = []
    busy: list[str] = []

    def intrude(at: str) -> Callable[[], None]:
        def hook() -> None:
            if at == moment and not busy:
                busy.append(at)
                audits.append(look(writer, repair=True))
                busy.clear()

        return hook

    writer = Workshop(
        uploads([ANN], [TOPS[0], BOTTOMS[0]]),
        MemoryBlobs(after_put=intrude("after a blob")),
        MemoryRecords(before_publish=intrude("before the record")),
        MemoryEventLog(after_append=intrude("after the log")),
    )
    tally = writer.run()
    assert tally.failed == []
    assert len(audits) >= 5
    assert [found.deleted for found in audits] == [0] * len(audits)
    assert index(writer) == index(shop)
    assert look(writer).wrong == 0


def test_an_orphan_that_is_put_again_is_not_deleted(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listed as an orphan; then a batch begins and makes the same bytes; only then the audit deletes."""
    shop.blobs.put(LOST, b"x")
    discard = shop.blobs.discard

    def late(path: str, seen: datetime) -> bool:
        assert shop.blobs.put(path, b"x") is False
        return discard(path, seen)

    monkeypatch.setattr(shop.blobs, "discard", late)
    found = look(shop, repair=True)
    assert (found.orphans, found.in_flight, LOST in files(shop)) == ([], 1, True)


# Superseded results


def test_a_changed_photo_supersedes_once_its_successor_is_there(shop: Workshop) -> None:
    old = set(index(shop))
    add(shop.uploads, ANN, photo_of=BEN)
    shop.open().reconcile()
    # Nothing new is made yet: going back to the old photo would still be free.
    found = look(shop, repair=True, later=2 * WEEK)
    assert (found.superseded, found.expired, found.wrong) == (6 + 3 + 1, 0, 0)
    make_all(shop.open())
    assert look(shop, repair=True).expired == 0
    new = set(index(shop)) - old
    found = look(shop, repair=True, later=WEEK + HOUR)
    # The null parser makes equal masks of both photos: one blob, which the new records name.
    assert (found.superseded, found.expired, found.deleted) == (10, 10, 4)
    assert set(index(shop)) == new | {line for line in old if line.startswith("None")}
    assert look(shop).superseded == 0


def test_a_grace_of_zero_collects_what_has_a_successor(shop: Workshop) -> None:
    add(shop.uploads, ANN, photo_of=BEN)
    shop.run()
    assert look(shop, repair=True, grace=timedelta()).expired == 10
    assert shop.open().plan().nothing


def test_a_changed_release_supersedes_try_ons_and_splats(shop: Workshop) -> None:
    shop.order = Order.TUCKED
    roll_out(shop)
    found = look(shop, repair=True, later=WEEK + HOUR)
    assert found.expired == 3 + 1
    assert shop.open().plan().nothing


def test_an_older_generation_is_superseded(shop: Workshop) -> None:
    every = len(index(shop))
    roll_out(shop, again=True)
    found = look(shop, later=WEEK + HOUR)
    assert (found.superseded, found.expired) == (every, every)


def test_while_a_release_is_rolled_out_both_are_wanted(shop: Workshop) -> None:
    shop.order = Order.TUCKED
    pipeline = shop.open()
    rollout.confirm(pipeline, rollout.prepare(pipeline))
    make_all(pipeline)
    assert look(shop, later=WEEK + HOUR).superseded == 0
    rollout.switch(pipeline)
    found = look(shop, later=WEEK + HOUR)
    assert (found.superseded, found.expired) == (3 + 1, 3 + 1)


def roll_out(shop: Workshop, again: bool = False) -> None:
    pipeline = shop.open()
    rollout.confirm(pipeline, rollout.prepare(pipeline, again=again))
    make_all(pipeline)
    assert rollout.switch(pipeline) == [ANN]


def test_a_suspended_upload_may_return_so_nothing_of_it_is_superseded(shop: Workshop) -> None:
    before = index(shop)
    for name, kind in ((TOPS[0], UploadKind.ITEM), (ANN, UploadKind.USER)):
        held = shop.uploads.photos.pop((kind, name))
        shop.open().reconcile()
        found = look(shop, repair=True, later=10 * WEEK, grace=timedelta())
        assert (found.superseded, found.wrong, found.deleted) == (0, 0, 0), name
        shop.uploads.photos[kind, name] = held
    shop.open().reconcile()
    assert index(shop) == before
    assert shop.open().plan().nothing


def test_a_record_that_is_wanted_again_at_the_last_moment_stays(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old photo comes back between the look and the repair."""
    old = index(shop)
    add(shop.uploads, ANN, photo_of=BEN)
    shop.run()
    done: list[int] = []
    of_user = shop.records.of_user

    def back(user: str | None) -> object:
        if user == ANN and not done:
            done.append(1)
            add(shop.uploads, ANN)
            shop.open().reconcile()
        return of_user(user)

    monkeypatch.setattr(shop.records, "of_user", back)
    look(shop, repair=True, later=10 * WEEK)
    monkeypatch.setattr(shop.records, "of_user", of_user)
    assert done
    assert old.items() <= index(shop).items()
    assert shop.open().plan().nothing


# Erased uploads


@pytest.mark.parametrize("name", [ANN, TOPS[0]])
def test_records_of_an_erased_upload_go_at_once_and_name_nobody(shop: Workshop, name: str) -> None:
    shop.bury(name)
    gone = 10 if name == ANN else 1 + 1 + 1 + 1
    assert len(look(shop).dangling) == gone
    logged = len(shop.log.events)
    found = look(shop, repair=True)
    assert (len(found.dangling), found.deleted) == (gone, gone)
    assert name not in str([event.facts() for event in shop.log.events[logged:]])
    assert look(shop).wrong == 0
    assert len(files(shop)) == 12 - gone


def test_an_upload_that_is_newer_than_the_audit_is_not_dangling() -> None:
    """A user arrives, and is made, while the audit is at work."""
    shop = small()
    arrived: list[int] = []

    def arrive() -> None:
        if not arrived:
            arrived.append(1)
            add(shop.uploads, BEN)
            shop.run("new user")

    log = MemoryEventLog(after_append=arrive)
    pipeline = replace(shop, log=log).open()
    assert audit(pipeline, now(), WEEK, repair=True).dangling == []
    assert arrived
    assert look(shop).wrong == 0
    assert len([path for path in files(shop) if path.startswith(f"users/{BEN}/")]) == 10


# What killed processes leave


def test_leases_of_dead_holders_are_released(shop: Workshop) -> None:
    shop.records.claim(["a"], "dead:1", 0.0)
    shop.records.claim(["b"], "alive:1", 100.0)
    assert look(shop).lapsed == 1
    found = look(shop, repair=True)
    assert (found.lapsed, found.wrong) == (1, 0)
    assert [lease.key for lease in shop.records.leases()] == ["b"]


def test_a_kill_inside_a_repair_is_harmless(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record is gone and its blob is not: an orphan, which the next audit collects."""
    record = published(shop)
    change(shop, record)

    class Killed(BaseException):
        pass

    def killed(path: str, seen: datetime) -> bool:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(shop.blobs, "discard", killed)
        with pytest.raises(Killed):
            look(shop, repair=True)
    assert look(shop).orphans == [record.path]
    assert look(shop, repair=True).wrong == 0
    shop.run("again")
    assert look(shop).wrong == 0


def test_nothing_is_done_when_it_cannot_be_logged(shop: Workshop) -> None:
    shop.blobs.put(LOST, b"x")
    with pytest.raises(StoreError, match="event log"):
        audit(replace(shop, log=MemoryEventLog(broken=True)).open(), now(), WEEK, repair=True)
    assert LOST in files(shop)


def test_a_refusal_has_no_blob_and_is_superseded_like_any_verdict() -> None:
    def refuse(_: DressJob) -> Refused:
        return Refused("no_person", "nobody is on the photo")

    shop = Workshop(uploads([ANN], TOPS[:1]), answer=refuse)
    shop.run()
    assert look(shop, repair=True).wrong == 0
    add(shop.uploads, ANN, photo_of=BEN)
    shop.run()
    assert look(shop, repair=True, later=WEEK + HOUR).expired == 6 + 1
