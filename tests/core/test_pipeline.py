"""Uploads in, every outfit out: once, whatever fails, is refused, changes or is killed on the way."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.core.workshop import (
    BOTTOMS,
    CLOSET,
    GOWN,
    PASSES,
    TOPS,
    USERS,
    Workshop,
    add,
    index,
    uploads,
)
from tests.fakes import MemoryBlobs, MemoryDocuments, MemoryEventLog
from tryon.core.errors import PregenerationRequired, StoreError, UnknownOutfit, UnknownUpload
from tryon.core.events import EventKind
from tryon.core.ports import DressJob
from tryon.core.recipes import Stage
from tryon.core.records import BlobFacts, Verdict
from tryon.core.stages.tally import Status, Tally
from tryon.core.uploads import UploadKind
from tryon.core.words import Category, Order, Outfit, Refused

ANN, BOB = USERS
LOOK, GOWN_LOOK = Outfit.parse("t0000.tops+b0000.bottoms"), Outfit.parse("d0000.dress")
NO_LEGS = Refused("no_legs", "the photo ends at the waist")


def names(tally: Tally, status: Status) -> set[str]:
    return {e.product.name for e in tally.entries if e.status is status}


def refuses_bottoms(job: DressJob) -> Refused | None:
    return NO_LEGS if job.category is Category.BOTTOMS else None


def breaks_on_bottoms(job: DressJob) -> Refused | None:
    if job.category is Category.BOTTOMS:
        raise RuntimeError("CUDA error: an illegal memory access")
    return None


# All of it


def test_at_first_everything_is_made() -> None:
    shop = Workshop()
    tally = shop.run()
    assert (tally.failed, tally.refused) == ([], [])
    assert (tally.made, tally.published) == (5 + 2 * 6 + 18 + 10, 5 + 2 * 6 + 18 + 10)
    assert shop.passes.counts() == PASSES
    plan = shop.open().plan()
    assert (plan.nothing, plan.outfits, plan.published) == (True, 18, 18)


def test_the_tally_counts_the_engine_passes() -> None:
    shop = Workshop()
    assert shop.run().engine_calls == shop.passes.total()


def test_a_second_run_asks_no_engine() -> None:
    shop = Workshop()
    shop.run()
    shop.passes.calls.clear()
    again = shop.run("again")
    assert (shop.passes.calls, again.engine_calls, again.made) == ([], 0, 0)
    assert {entry.status for entry in again.entries} == {Status.KEPT}


def test_every_visible_blob_is_what_its_record_says() -> None:
    shop = Workshop()
    shop.run()
    for record in shop.records.of_user(ANN):
        assert isinstance(record.result, BlobFacts)
        assert len(shop.blobs.get(record.path)) == record.result.size
        assert record.path.startswith(f"users/{ANN}/")


def test_users_share_no_blob() -> None:
    shop = Workshop(uploads(items=TOPS[:1]))
    add(shop.uploads, BOB, photo_of=ANN)
    shop.run()
    theirs = [{record.path for record in shop.records.of_user(user)} for user in USERS]
    assert theirs[0].isdisjoint(theirs[1])


@pytest.mark.parametrize("order", Order)
def test_one_pair_alone_gets_the_bases_it_needs(order: Order) -> None:
    """b0001 completes two outfits; their base is its own single try-on, or the two tops' of other pairs."""
    shop = Workshop(order=order)
    pipeline = shop.open()
    pipeline.reconcile()
    pipeline.make_crops(CLOSET, "run")
    pipeline.make_masks([ANN], "run")
    tally = pipeline.make_two_piece([(ANN, BOTTOMS[1])], "run")
    assert names(tally, Status.MADE) == {"t0000.tops+b0001.bottoms", "t0001.tops+b0001.bottoms"}
    assert shop.passes.counts()["dress"] == tally.engine_calls == 2 + (1 if order is Order.UNTUCKED else 2)


def test_a_pair_that_owns_nothing_is_done_with_nothing() -> None:
    shop = Workshop()
    shop.run()
    assert shop.open().make_two_piece([(ANN, GOWN)], "again") == Tally()


def test_what_lacks_its_inputs_fails_and_is_made_later() -> None:
    shop = Workshop()
    pipeline = shop.open()
    pipeline.reconcile()
    tally = pipeline.make_singles([(ANN, GOWN)], "early")
    assert [e.message.partition(":")[0] for e in tally.failed] == ["InputMissing"]
    assert shop.run().failed == []


# Failures and refusals


def test_a_failing_product_fails_its_dependants_and_no_others() -> None:
    shop = Workshop(uploads([ANN]), answer=breaks_on_bottoms)
    tally = shop.run()
    broken = {f"{bottom}.bottoms" for bottom in BOTTOMS}
    over = {f"{top}.tops+{bottom}.bottoms" for top in TOPS for bottom in BOTTOMS}
    assert names(tally, Status.FAILED) == broken | over
    assert {"t0000.tops", "t0001.tops", "d0000.dress"} <= names(tally, Status.MADE)


def test_a_failure_says_why() -> None:
    tally = Workshop(uploads([ANN], BOTTOMS[:1]), answer=breaks_on_bottoms).run()
    assert [e.message for e in tally.failed] == ["RuntimeError: CUDA error: an illegal memory access"]


def test_after_a_failure_only_the_missing_is_made() -> None:
    shop = Workshop(uploads([ANN]), answer=breaks_on_bottoms)
    shop.run()
    shop.answer = Workshop.answer
    shop.passes.calls.clear()
    assert shop.run("again").failed == []
    assert shop.passes.counts() == {"dress": 2 + 4, "splat": 4}


def test_a_refusal_spreads_without_an_engine_pass() -> None:
    shop = Workshop(uploads([ANN]), answer=refuses_bottoms)
    tally = shop.run()
    assert (tally.failed, len(tally.refused)) == ([], 2 + 4 + 4)
    assert shop.passes.counts() == {"analyze": 5, "parse": 1, "dress": 5, "splat": 1}


def test_a_spread_refusal_names_its_origin() -> None:
    shop = Workshop(uploads([ANN]), answer=refuses_bottoms)
    shop.run()
    shown = shop.open().shown(ANN, LOOK)
    assert shown.result == Refused("input_refused", f"b0000.bottoms: {NO_LEGS.message}")


def test_a_refusal_is_a_verdict_and_not_tried_again() -> None:
    shop = Workshop(uploads([ANN]), answer=refuses_bottoms)
    shop.run()
    shop.passes.calls.clear()
    shop.run("again")
    assert shop.passes.calls == []
    assert shop.open().plan().nothing


def test_a_photo_that_is_none_is_refused_with_the_reason() -> None:
    shop = Workshop()
    shop.uploads.photos[UploadKind.USER, ANN] = b"%PDF-1.7 not a picture"
    tally = shop.run()
    refused = {(e.product.user.id if e.product.user else None) for e in tally.refused}
    codes = Counter(e.refusal.code for e in tally.refused if e.refusal)
    assert (tally.failed, refused) == ([], {ANN})
    assert codes == {"image_unknown_format": 6 + 9, "input_refused": 5}
    assert shop.passes.counts() == {"analyze": 5, "parse": 1, "dress": 9, "splat": 5}


def test_a_product_photo_that_is_none_is_refused_for_everybody() -> None:
    shop = Workshop()
    shop.uploads.photos[UploadKind.ITEM, GOWN] = b""
    tally = shop.run()
    assert Counter(e.refusal.code for e in tally.refused if e.refusal) == {
        "image_empty": 1,
        "input_refused": 2 + 2,
    }


def test_a_crop_that_changed_on_disk_fails_what_wears_it() -> None:
    blobs = MemoryBlobs()
    shop = Workshop(uploads([ANN]), blobs)
    shop.open().reconcile()
    shop.open().make_crops(CLOSET, "run")
    (crop,) = [r for r in shop.records.find(list(shop.records.standings(None))).values() if r.item == GOWN]
    blobs.files[crop.path] = b"bit rot"
    tally = shop.run()
    assert names(tally, Status.FAILED) == {GOWN_LOOK.id}
    assert tally.failed[0].message.startswith("BlobCorrupted: ")


# What is shown


def test_only_what_was_generated_is_shown() -> None:
    shop = Workshop()
    shop.open().reconcile()
    with pytest.raises(PregenerationRequired, match="fashion pregenerate"):
        shop.open().shown(ANN, LOOK)
    shop.run()
    assert shop.open().shown(ANN, LOOK).name == LOOK.id


@pytest.mark.parametrize("replaced", [ANN, "b0000", "t0000"])
def test_after_a_changed_photo_the_old_image_is_not_shown(replaced: str) -> None:
    shop = Workshop()
    shop.run()
    add(shop.uploads, replaced, photo_of=BOB if replaced == ANN else GOWN)
    shop.open().reconcile()
    with pytest.raises(PregenerationRequired):
        shop.open().shown(ANN, LOOK)
    shop.run("again")
    assert shop.open().shown(ANN, LOOK).run_id == "again"


def test_what_is_outside_the_matrix_is_unknown() -> None:
    shop = Workshop()
    shop.run()
    with pytest.raises(UnknownOutfit):
        shop.open().shown(ANN, Outfit.parse("hat.tops"))
    with pytest.raises(UnknownUpload, match="'zoe'"):
        shop.open().shown("zoe", LOOK)
    with pytest.raises(UnknownUpload, match="'hat'"):
        shop.open().wanted().item("hat")


def test_partitions_that_are_not_offered_are_left_out() -> None:
    """A range run of Dagster names every key between two; a suspended one must not stop the others."""
    shop = Workshop()
    shop.run()
    assert shop.open().make_crops(["hat"], "run").entries == []
    assert shop.open().make_masks(["zoe"], "run").entries == []
    assert shop.open().make_singles([("zoe", "hat"), (ANN, "hat")], "run").entries == []


def test_a_photo_that_is_taken_away_suspends_its_user() -> None:
    """Nothing new is made or shown; everything is back when the photo is."""
    shop = Workshop()
    shop.run()
    photo = shop.uploads.photos.pop((UploadKind.USER, ANN))
    _, rejected = shop.open().reconcile()
    assert [(refusal.kind, refusal.id) for refusal in rejected] == [(UploadKind.USER, ANN)]
    with pytest.raises(UnknownUpload):
        shop.open().shown(ANN, LOOK)
    shop.uploads.photos[UploadKind.USER, ANN] = photo
    shop.open().reconcile()
    assert shop.open().shown(ANN, LOOK).verdict is Verdict.PUBLISHED
    assert [e.message for e in shop.log.events if e.component == "uploads"][-2:] == [
        "suspended upload",
        "changed upload",
    ]


# Changes


def test_a_new_item_costs_its_own_outfits() -> None:
    shop = Workshop(uploads(items=[name for name in CLOSET if name != "b0001"]))
    shop.run()
    shop.passes.calls.clear()
    add(shop.uploads, "b0001")
    shop.run("again")
    assert shop.passes.counts() == {"analyze": 1, "dress": 2 * (1 + 2), "splat": 2 * 2}


def test_a_new_user_costs_that_user() -> None:
    shop = Workshop(uploads([ANN]))
    shop.run()
    shop.passes.calls.clear()
    add(shop.uploads, BOB)
    shop.run("again")
    assert shop.passes.counts() == {"parse": 1, "dress": 9, "splat": 5}


def test_a_changed_photo_costs_what_uses_it() -> None:
    shop = Workshop()
    shop.run()
    shop.passes.calls.clear()
    add(shop.uploads, "t0000", photo_of=GOWN)
    shop.run("again")
    assert shop.passes.counts() == {"analyze": 1, "dress": 2 * (1 + 2), "splat": 2 * 2}


def test_a_deleted_item_costs_nothing() -> None:
    shop = Workshop()
    shop.run()
    shop.passes.calls.clear()
    shop.bury("b0000")
    plan = shop.open().plan()
    assert (plan.nothing, plan.outfits) == (True, 2 * 6)
    with pytest.raises(UnknownOutfit):
        shop.open().shown(ANN, LOOK)


def test_the_document_of_a_suspended_user_is_taken_away_and_comes_back() -> None:
    shop = Workshop(uploads([ANN, USERS[1]]))
    shop.run()
    for user in (ANN, USERS[1]):
        shop.open().export(user, "run")
    photo = shop.uploads.photos.pop((UploadKind.USER, ANN))
    shop.open().reconcile()
    assert list(shop.documents.list()) == [USERS[1]]
    shop.uploads.photos[UploadKind.USER, ANN] = photo
    shop.open().reconcile()
    assert list(shop.open().outdated()) == [ANN]


# The log


def test_every_product_starts_once_and_ends_once() -> None:
    shop = Workshop(answer=refuses_bottoms)
    tally = shop.run()
    ends = (EventKind.FINISHED, EventKind.REFUSED, EventKind.FAILED)
    made = [event for event in shop.log.events if event.recipe]
    started = Counter(e.recipe for e in made if e.event is EventKind.STARTED)
    ended = Counter(e.recipe for e in made if e.event in ends)
    products = Counter(e.product.key for e in tally.entries)
    assert started == ended == products


def test_every_event_has_a_time_a_component_and_whose_it_is() -> None:
    shop = Workshop()
    shop.run()
    for event in shop.log.events:
        assert event.timestamp.endswith("Z")
        assert event.component in {"uploads", *(f"stage.{stage}" for stage in Stage)}
        assert event.user_id in USERS or event.item_id
        assert event.run_id == ("" if event.component == "uploads" else "run")


def test_every_new_upload_is_logged_once() -> None:
    shop = Workshop()
    for _ in range(2):
        shop.open().reconcile()
    told = [e.user_id or e.item_id or "" for e in shop.log.events if e.component == "uploads"]
    assert sorted(told) == sorted({u.id for u in shop.records.users()} | {i.id for i in shop.records.items()})


def test_a_failure_is_logged_as_one() -> None:
    shop = Workshop(uploads([ANN], BOTTOMS[:1]), answer=breaks_on_bottoms)
    shop.run()
    (event,) = [e for e in shop.log.events if e.event is EventKind.FAILED]
    assert (event.level, event.step, event.user_id) == ("error", "b0000.bottoms", ANN)
    assert "CUDA error" in event.message


def test_without_a_log_nothing_is_published() -> None:
    shop = Workshop(log=MemoryEventLog(broken=True))
    with pytest.raises(StoreError, match="event log"):
        shop.run()
    assert (index(shop), shop.passes.calls) == ({}, [])


# Export


def test_the_document_of_a_user_has_what_apps_read() -> None:
    shop = Workshop()
    shop.run()
    shop.open().export(ANN, "run")
    document = shop.documents.read(ANN)
    assert document is not None
    assert list(document) == ["userImageUrl", "tops", "bottoms", "apiRequest", "Mask"]
    tops, mask = document["tops"], document["Mask"]
    assert isinstance(tops, list)
    assert isinstance(mask, dict)
    assert [(top["id"], top["name"], top["category"]) for top in tops] == [
        ("t0000.tops", "t0000", "tops"),
        ("t0001.tops", "t0001", "tops"),
    ]
    assert list(mask) == ["Status", "Upper mask URL", "Lower mask URL"]
    assert mask["Status"] == "success"


def test_a_document_says_that_masks_are_missing_or_refused() -> None:
    shop = Workshop()
    shop.open().reconcile()
    assert shop.open().export(ANN, "run").mask == {"Status": "missing"}
    shop.uploads.photos[UploadKind.USER, BOB] = b"no picture"
    shop.run()
    mask = shop.open().export(BOB, "run").mask
    assert (mask["Status"], "Reason" in mask) == ("refused", True)


def test_an_export_is_logged_with_start_and_end() -> None:
    shop = Workshop()
    shop.open().reconcile()
    shop.open().export(ANN, "run")
    events = [event for event in shop.log.events if event.component == "export"]
    assert [(e.event, e.user_id) for e in events] == [(EventKind.STARTED, ANN), (EventKind.FINISHED, ANN)]
    assert events[1].duration_ms is not None


def test_an_export_that_cannot_be_written_ends_as_failed() -> None:
    shop = Workshop(documents=MemoryDocuments(fail_writes=1))
    shop.open().reconcile()
    with pytest.raises(StoreError):
        shop.open().export(ANN, "run")
    events = [event.event for event in shop.log.events if event.component == "export"]
    assert events == [EventKind.STARTED, EventKind.FAILED]
