"""Erasing over memory: killed at any call, under a run, kept out until it is final, and due by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.verdicts import upload
from tests.core.workshop import (
    CLOSET,
    TOPS,
    USERS,
    Killed,
    Workshop,
    add,
    everywhere,
    index,
    make_all,
    uploads,
)
from tests.fakes import MemoryArchive, MemoryEventLog, MemoryRecords
from tryon.core.erasure import upkeep
from tryon.core.erasure.erase import Eraser, preview
from tryon.core.erasure.receipts import Check, Receipt, check_receipt
from tryon.core.erasure.retention import Retention
from tryon.core.erasure.traces import Leftover, leftovers, names_item
from tryon.core.errors import ErasureIncomplete, StoreError, UnknownUpload
from tryon.core.ports import DressJob
from tryon.core.records import BlobFacts
from tryon.core.uploads import Kept, UploadKind, UploadRef
from tryon.core.words import Refused

USER, ITEM = UploadKind.USER, UploadKind.ITEM
ANN, BOB, TEE = USERS[0], USERS[1], TOPS[0]


class Bench:
    """A workshop that can erase. partitions: those that the scheduler knows."""

    def __init__(
        self, users: tuple[str, ...] = USERS, items: tuple[str, ...] = (TEE, "b0000"), **more: Any
    ) -> None:
        records = MemoryRecords()
        log = MemoryEventLog(is_erased=records.is_erased)
        self.shop = Workshop(uploads(users, items), records=records, log=log, **more)
        self.records, self.log = records, log
        self.archive = MemoryArchive(("contact_sheet.jpg",))
        self.partitions = {*users, *items}

    def made(self) -> Bench:
        pipeline = self.shop.open()
        pipeline.reconcile()
        make_all(pipeline)
        for user in self.records.users():
            pipeline.export(user.id, "run")
        return self

    def eraser(self, hook: Callable[[], None] = lambda: None) -> Eraser:
        """hook: called before every call of a store."""
        whole = self.shop.open()
        pipeline: Any = replace(
            whole,
            uploads=_hooked(whole.uploads, hook),
            blobs=_hooked(whole.blobs, hook),
            documents=_hooked(whole.documents, hook),
            log=_hooked(whole.log, hook),
            records=_hooked(self.records, hook),
        )
        return Eraser(pipeline, _hooked(self.archive, hook), self.forget)

    def forget(self, kind: UploadKind, name: str) -> None:
        self.partitions.discard(name)

    def erase(self, kind: UploadKind, name: str) -> Receipt:
        return self.eraser().erase(kind, name)

    def ref(self, name: str) -> UploadRef:
        return next(kept.ref for kept in self.records.kept() if kept.ref.id == name)

    def everything(self, name: str) -> list[str]:
        """Where the name still is."""
        texts = {
            "blobs": str(list(self.shop.blobs.list(""))),
            "records": str(list(self.records.published.values())),
            "log": str(self.log.events),
            "documents": str(self.shop.documents.texts),
            "uploads": str([*self.shop.uploads.photos, *self.shop.uploads.sidecars]),
            "partitions": str(self.partitions),
        }
        return [place for place, text in texts.items() if name in text]


class Hooked:
    """A store, with something to do before each call of it."""

    def __init__(self, store: object, hook: Callable[[], None]) -> None:
        self._store, self._hook = store, hook

    def __getattr__(self, name: str) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            self._hook()
            return getattr(self._store, name)(*given, **named)

        return call


def _hooked(store: object, hook: Callable[[], None]) -> Any:
    return Hooked(store, hook)


class Nth:
    def __init__(self, nth: int, error: BaseException) -> None:
        self.left, self._error = nth, error

    def __call__(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise self._error


@pytest.mark.parametrize(("kind", "name"), [(USER, ANN), (ITEM, TEE)])
@pytest.mark.parametrize("error", [Killed(), StoreError("away")], ids=["killed", "failing"])
def test_stopped_at_any_call_the_same_command_finishes(
    kind: UploadKind, name: str, error: BaseException
) -> None:
    """Each stop is followed by a tick that looks at the uploads, as in life."""
    bench = Bench((ANN, BOB)).made()
    kept = {line for line in index(bench.shop) if name not in line}
    nth, stops = 1, 0
    while True:
        stop = Nth(nth, error)
        try:
            receipt = bench.eraser(stop).erase(kind, name)
            break
        except type(error):
            stops, nth = stops + 1, nth + 1
            bench.shop.open().reconcile()
    assert stops > 25
    assert bench.everything(name) == []
    assert {line for line in index(bench.shop) if name not in line} == kept
    assert check_receipt(receipt, bench.archive.key()) is Check.VALID
    counts = receipt["counts"]
    assert isinstance(counts, dict)
    # What the first try found, though the last one found next to nothing.
    assert min(counts["records"], counts["blobs"], counts["uploads"], counts["documents"], counts["log"]) > 0
    assert [json.loads(text) for text in bench.archive.kept.values()] == [receipt]


def test_until_it_is_final_the_id_is_kept_out_and_says_so() -> None:
    bench = Bench().made()
    bench.records.bury(bench.ref(ANN), "2026-11-20T12:00:00Z")
    registered, rejected = bench.shop.open().reconcile()
    assert registered.nothing
    (told,) = rejected
    assert (told.id, f"fashion erase-user {ANN}" in told.reason) == (ANN, True)
    bench.erase(USER, ANN)
    add(bench.shop.uploads, ANN)
    registered, rejected = bench.shop.open().reconcile()
    assert (registered.new_users, rejected) == ((ANN,), ())


def test_a_listing_that_is_older_than_the_erasure_brings_nobody_back() -> None:
    bench = Bench().made()
    pipeline = bench.shop.open()
    listed = pipeline.uploads.list()

    class Slow:
        """The listing was read; before it is registered, the person is erased."""

        def list(self) -> Any:
            bench.erase(USER, ANN)
            return listed

    replace(pipeline, uploads=Slow()).reconcile()  # type: ignore[arg-type]
    assert bench.everything(ANN) == []
    assert [kept.ref.id for kept in bench.records.kept() if kept.ref.id == ANN] == []


@pytest.mark.parametrize("name", [ANN, TEE])
def test_a_batch_under_way_leaves_nothing(name: str) -> None:
    """Erased while the engine works: neither blob nor record nor log line appears afterwards."""
    kind, benches, before = USER if name == ANN else ITEM, list[Bench](), set[str]()

    def answer(job: DressJob) -> Refused | None:
        if name in {kept.ref.id for kept in benches[0].records.kept()}:
            before.update(benches[0].shop.blobs.list(""))
            benches[0].erase(kind, name)
        return None

    benches.append(Bench(answer=answer))
    bench = benches[0]
    pipeline = bench.shop.open()
    pipeline.reconcile()
    tally = make_all(pipeline)
    assert bench.everything(name) == []
    assert {entry.message for entry in tally.failed} == {
        "one of its uploads was erased or taken away while it was being made"
    }
    named = {r.path for r in bench.records.published.values() if isinstance(r.result, BlobFacts)}
    assert set(bench.shop.blobs.list("")) == named
    assert bench.shop.open().plan().nothing
    assert before


@pytest.mark.parametrize("name", [ANN, TEE])
def test_erased_between_blob_and_record_the_blob_goes(name: str) -> None:
    bench = Bench()
    kind, puts = USER if name == ANN else ITEM, list[str]()
    records = bench.records

    def erase_once() -> None:
        (living,) = [[kept.ref.id for kept in records.kept()]]
        if bench.shop.passes.counts().get("dress") and name in living:
            puts.extend(bench.shop.blobs.list(f"users/{ANN}/"))
            bench.erase(kind, name)

    records._before_publish = erase_once
    pipeline = bench.shop.open()
    pipeline.reconcile()
    make_all(pipeline)
    assert puts
    assert bench.everything(name) == []
    named = {r.path for r in records.published.values() if isinstance(r.result, BlobFacts)}
    assert set(bench.shop.blobs.list("")) == named


def test_what_equals_a_result_of_something_else_stays() -> None:
    """Equal results of one user share a blob; the item's goes only if nothing else names it."""
    bench = Bench((ANN,)).made()
    mine = next(r for r in bench.records.of_user(ANN) if r.name == f"{TEE}.tops")
    twin = replace(mine, key="twin", uploads=(bench.ref(ANN),))
    bench.records.publish([twin])
    bench.erase(ITEM, TEE)
    assert bench.shop.blobs.exists(twin.path)
    assert bench.everything(TEE) == ["records"]  # the twin's name


def test_a_suspended_users_document_does_not_keep_the_item() -> None:
    bench = Bench().made()
    bench.records.suspend([(USER, BOB)], "2026-11-20T12:00:00Z")
    bench.erase(ITEM, TEE)
    assert bench.everything(TEE) == []
    assert set(bench.shop.documents.texts) == {ANN}


def test_an_export_under_way_writes_nobody_back() -> None:
    bench = Bench().made()
    pipeline = bench.shop.open()
    write = bench.shop.documents.write

    def late(user: str, facts: Any) -> None:
        bench.erase(USER, user)
        write(user, facts)

    bench.shop.documents.write = late  # type: ignore[assignment, method-assign]
    pipeline.export(ANN, "run")
    assert bench.everything(ANN) == []


def test_a_busy_store_is_told_and_nothing_is_final() -> None:
    bench = Bench().made()
    bench.records._busy = True
    with pytest.raises(ErasureIncomplete, match="erase-expired"):
        bench.erase(USER, ANN)
    assert (bench.records.erasing() != [], bench.archive.kept) == (True, {})
    assert [e.event.value for e in bench.log.events if e.component == "erase"] == ["started", "failed"]
    bench.records._busy = False
    assert [r["id"] for r in upkeep.erase_expired(bench.eraser()).receipts] == [ANN]


def test_what_cannot_be_deleted_is_named() -> None:
    bench = Bench().made()
    bench.shop.blobs.delete = lambda path: True  # type: ignore[method-assign]
    with pytest.raises(ErasureIncomplete, match=r"\d+ in blobs"):
        bench.erase(USER, ANN)
    assert bench.records.erasing()


def test_leftovers_are_listed_by_store() -> None:
    bench = Bench().made()
    ann = bench.ref(ANN)
    assert leftovers(bench.shop.open()) == []
    bench.records.bury(ann, "2026-11-20T12:00:00Z")
    found = leftovers(bench.shop.open())
    assert {left.store for left in found} == {"uploads", "records", "blobs", "documents", "log"}
    assert all(isinstance(left, Leftover) and left.upload == ann and left.entries > 0 for left in found)
    bench.erase(USER, ANN)
    assert leftovers(bench.shop.open()) == []


def test_a_new_upload_under_the_id_is_no_leftover_of_the_old_one() -> None:
    bench = Bench().made()
    bench.erase(USER, ANN)
    add(bench.shop.uploads, ANN)
    assert leftovers(bench.shop.open()) == []
    bench.made()
    assert leftovers(bench.shop.open()) == []
    assert preview(bench.shop.open(), USER, ANN)["records"] > 0


def test_an_unaccepted_new_upload_survives_the_sweeping_of_the_old_one() -> None:
    bench = Bench().made()
    bench.erase(USER, ANN)
    bench.shop.uploads.photos[USER, ANN] = b"new, without a consent yet"
    bench.shop.blobs.put(f"users/{ANN}/late.webp", b"late")
    done = upkeep.erase_expired(bench.eraser())
    assert ([r["id"] for r in done.swept], done.receipts, done.incomplete) == ([ANN], [], {})
    assert bench.everything(ANN) == ["uploads"]


def test_one_that_cannot_be_finished_does_not_stop_the_others() -> None:
    bench = Bench().made()
    for name in (ANN, BOB):
        bench.records.bury(bench.ref(name), "2026-11-20T12:00:00Z")
    delete = bench.shop.blobs.delete

    def stuck(path: str) -> bool:
        if path.startswith(f"users/{ANN}/"):
            raise StoreError("the disk does not answer")
        return delete(path)

    bench.shop.blobs.delete = stuck  # type: ignore[method-assign]
    done = upkeep.erase_expired(bench.eraser())
    assert ([r["id"] for r in done.receipts], list(done.incomplete)) == ([BOB], [f"user {ANN}"])


def test_an_id_that_was_never_seen() -> None:
    with pytest.raises(UnknownUpload, match="never was"):
        Bench().erase(USER, "nobody")


def test_erasing_the_whole_closet_leaves_the_people() -> None:
    bench = Bench(items=CLOSET).made()
    bench.eraser().erase_all([(ITEM, name) for name in CLOSET])
    assert [place for name in CLOSET for place in bench.everything(name)] == []
    assert {record.stage for record in bench.records.published.values()} == {"mask"}
    assert everywhere(bench.shop.open()) == []


# Retention

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def days_ago(days: float) -> str:
    return (NOON - timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("consent", "suspended", "due"),
    [(9.9, None, False), (10.1, None, True), (1, 4.9, False), (1, 5.1, True), (10.1, 1, True)],
)
def test_what_is_due(consent: float, suspended: float | None, due: bool) -> None:
    kept = Kept(UploadRef(USER, ANN, 1), "" if suspended is None else days_ago(suspended), days_ago(consent))
    found = Retention(consent_days=10, suspended_days=5).due([kept], NOON)
    assert found == ([(USER, ANN)] if due else [])


@pytest.mark.parametrize(
    ("away", "there", "doubtful"), [(3, 0, 0), (4, 0, 4), (4, 3, 4), (4, 4, 0), (50, 49, 50)]
)
def test_a_missing_disk_is_not_taken_for_everybodys_wish(away: int, there: int, doubtful: int) -> None:
    kept = [Kept(UploadRef(USER, f"u{n}", n), days_ago(40), days_ago(50)) for n in range(away)]
    kept += [Kept(UploadRef(USER, f"v{n}", 100 + n), "", days_ago(50)) for n in range(there)]
    assert len(Retention().doubtful(kept, NOON)) == doubtful


def test_an_item_has_no_consent_that_could_run_out() -> None:
    retention = Retention(consent_days=1)
    assert retention.due([Kept(UploadRef(ITEM, TEE, 1))], NOON) == []
    assert retention.admit([upload(ITEM, TEE)], [], NOON) == ([upload(ITEM, TEE)], [])


def test_without_a_limit_no_consent_runs_out() -> None:
    assert Retention().due([Kept(UploadRef(USER, ANN, 1), "", "1999-01-01T00:00:00Z")], NOON) == []


def test_a_consent_that_ran_out_suspends_at_once_and_a_new_one_brings_back() -> None:
    bench = Bench().made()
    pipeline = replace(bench.shop.open(), retention=Retention(consent_days=1))
    _, rejected = pipeline.reconcile()
    assert {r.id: "older than 1 days" in r.reason for r in rejected} == dict.fromkeys(USERS, True)
    assert pipeline.records.users() == []
    fresh = json.dumps({"consent": {"version": "2", "at": datetime.now(UTC).isoformat()}}).encode()
    bench.shop.uploads.sidecars[USER, ANN] = fresh
    pipeline.reconcile()
    assert [user.id for user in pipeline.records.users()] == [ANN]


# Documents


def test_names_of_items_in_documents_are_told_apart() -> None:
    document = {"tops": [{"id": "tee.tops", "imageUrl": "https://x/items/tee/1.webp"}]}
    assert names_item(document, "tee")
    assert not names_item(document, "te")
    assert not names_item(None, "null")
