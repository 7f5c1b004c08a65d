"""What shoppers see of one person: outfits that are published and wanted now, and how each came to be."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest

from tests.core.lookbooks import copied
from tests.core.workshop import GOWN, USERS, Workshop, add
from tests.fakes import MemoryBlobs, MemoryRecords
from tryon.core import lookbook, rollout
from tryon.core.errors import (
    BlobCorrupted,
    BlobMissing,
    InvalidId,
    OutfitRefused,
    PregenerationRequired,
    UnknownOutfit,
    UnknownUpload,
)
from tryon.core.images import decode
from tryon.core.lookbook import OutfitView, State
from tryon.core.pipeline import Pipeline
from tryon.core.ports import DressJob
from tryon.core.provenance import DigitalSource, read_mark
from tryon.core.uploads import UploadKind, UploadRef
from tryon.core.words import Order, Outfit, Refused

ANN, BEN = USERS
LOOK, TOP, BOTTOM, DRESS = "t0000.tops+b0001.bottoms", "t0000.tops", "b0001.bottoms", f"{GOWN}.dress"


@pytest.fixture(scope="module")
def made() -> Workshop:
    """To be read only."""
    shop = Workshop()
    shop.run()
    return shop


@pytest.fixture
def shop(made: Workshop) -> Workshop:
    return copied(made)


@pytest.fixture(scope="module")
def view(made: Workshop) -> OutfitView:
    return lookbook.outfit(made.open(), ANN, LOOK)


def refusing(job: DressJob) -> Refused | None:
    return Refused("odd", "the sleeves are odd") if job.category.value == "tops" else None


def shown(pipeline: Pipeline, user: str = ANN, outfit: str = LOOK) -> str:
    """The image's digest, or what is said instead."""
    try:
        found = lookbook.image(pipeline, user, outfit)
        return sha256(found.read()).hexdigest()
    except (PregenerationRequired, OutfitRefused, UnknownUpload, UnknownOutfit) as error:
        return type(error).__name__


# People


def test_people_come_by_id_and_page_by_page(made: Workshop) -> None:
    first = lookbook.people(made.open(), limit=1)
    second = lookbook.people(made.open(), after=first.next, limit=1)
    assert [[one.id for one in page.people] for page in (first, second)] == [[ANN], [BEN]]
    assert (first.next, second.next, first.outfits) == (ANN, "", 9)


def test_a_person_says_what_they_agreed_to(made: Workshop) -> None:
    person = lookbook.person(made.open(), ANN)
    assert (person.consent_version, person.consent_at) == ("2026-01", "2026-11-01T09:00:00Z")
    assert not person.rollout


def test_the_erased_and_the_suspended_are_not_there(shop: Workshop) -> None:
    shop.bury(ANN)
    shop.records.suspend([(UploadKind.USER, BEN)], "2026-11-21T12:00:00Z")
    assert lookbook.people(shop.open()).people == ()
    for user in USERS:
        with pytest.raises(UnknownUpload):
            lookbook.person(shop.open(), user)


# One outfit


def test_a_published_outfit_has_its_image_and_its_recipe(made: Workshop, view: OutfitView) -> None:
    record = made.open().shown(ANN, _outfit(LOOK))
    assert view.image is not None
    assert (view.state, view.garments) == (State.PUBLISHED, (TOP, BOTTOM))
    assert (view.image.sha256, view.image.media_type) == (record.path[12:76], "image/webp")
    assert view.recipe == json.loads(record.recipe)
    assert (view.key, view.generation) == record.input
    assert json.loads(json.dumps(view.facts()))["image"]["bytes"] == view.image.bytes


def test_provenance_names_photos_engines_and_the_run(view: OutfitView) -> None:
    found = view.provenance
    assert found is not None
    assert [(one.kind, one.id) for one in found.uploads] == [
        ("user", ANN),
        ("item", "t0000"),
        ("item", "b0001"),
    ]
    assert [engine.id for engine in found.engines] == [
        *("null-analyzer", "null-detector", "null-parser", "null-dresser"),
    ]
    assert {engine.licence for engine in found.engines} == {"Apache-2.0"}
    assert (found.commercial_use, found.run_id, found.seed) == (True, "run", 42)
    assert found.parameters["order"] == "untucked"


def test_uploads_are_named_by_the_digests_of_their_photos(made: Workshop, view: OutfitView) -> None:
    assert view.provenance is not None
    for one in view.provenance.uploads:
        photo = made.uploads.photos[UploadKind(one.kind), one.id]
        assert one.sha256 == sha256(photo).hexdigest()


def test_lineage_is_everything_the_image_is_made_from(view: OutfitView) -> None:
    assert view.provenance is not None
    steps = [(step.stage, step.name) for step in view.provenance.lineage]
    assert steps == [
        *(("mask", "body"), ("mask", "upper"), ("mask", "lower"), ("crop", TOP), ("crop", BOTTOM)),
        ("tryon", BOTTOM),
    ]
    assert {step.state for step in view.provenance.lineage} == {State.PUBLISHED}
    keys = {step.key for step in view.provenance.lineage}
    assert {key for key, _ in view.recipe["inputs"]} <= keys


def test_the_mark_is_the_one_in_the_file(made: Workshop, view: OutfitView) -> None:
    mark = read_mark(lookbook.image(made.open(), ANN, LOOK).read())
    assert mark is not None
    assert view.provenance is not None
    assert (view.provenance.digital_source, view.provenance.creator_tool) == (
        mark.source.uri,
        mark.creator_tool,
    )
    assert mark.source is DigitalSource.COMPOSITE_SYNTHETIC


def test_the_mark_of_an_older_record_is_read_from_the_file(shop: Workshop, view: OutfitView) -> None:
    """It does not name it."""
    assert isinstance(shop.records, MemoryRecords)
    for place, record in shop.records.published.items():
        facts = {name: value for name, value in record.facts.items() if name != "digital_source"}
        shop.records.published[place] = replace(record, facts=facts)
    found = lookbook.outfit(shop.open(), ANN, LOOK).provenance
    assert found is not None
    assert view.provenance is not None
    assert found.digital_source == view.provenance.digital_source


def test_a_look_has_a_splat_and_a_single_garment_has_none(made: Workshop, view: OutfitView) -> None:
    assert view.splat is not None
    assert (view.splat.state, view.splat.facts_of_record["f_px_source"]) == (State.PUBLISHED, "default")
    assert view.splat.gaussians == view.splat.facts_of_record["gaussians"] > 0
    assert lookbook.outfit(made.open(), ANN, TOP).splat is None
    with pytest.raises(UnknownOutfit, match="gets no splat"):
        lookbook.splat_file(made.open(), ANN, TOP)


def test_what_is_not_generated_says_what_stands_in_the_way() -> None:
    shop = Workshop()
    pipeline = shop.open()
    pipeline.reconcile()
    found = lookbook.outfit(pipeline, ANN, LOOK)
    assert (found.state, found.code, found.image, found.provenance) == (
        State.MISSING,
        "input_missing",
        None,
        None,
    )
    assert found.reason == "mask body is not made yet"
    with pytest.raises(PregenerationRequired, match=r"^This outfit has not been generated yet\. Run "):
        lookbook.shown_outfit(pipeline, ANN, LOOK)
    assert shop.passes.total() == 0


def test_a_refused_one_says_why_and_is_never_shown() -> None:
    shop = Workshop(answer=refusing)
    shop.run()
    found = lookbook.outfit(shop.open(), ANN, TOP)
    assert (found.state, found.code, found.reason) == (State.REFUSED, "odd", "the sleeves are odd")
    with pytest.raises(OutfitRefused, match="the sleeves are odd") as told:
        lookbook.shown_outfit(shop.open(), ANN, TOP)
    assert told.value.code == "odd"
    assert (shown(shop.open(), outfit=TOP), len(shown(shop.open(), outfit=BOTTOM))) == ("OutfitRefused", 64)


@pytest.mark.parametrize(
    "outfit",
    [
        "",
        "t0000",
        "t0000.shoes",
        "b0001.bottoms+t0000.tops",
        "t9999.tops",
        "T!.tops",
        f"{LOOK}+{DRESS}",
        "../x",
    ],
)
def test_an_outfit_outside_the_matrix_is_unknown(made: Workshop, outfit: str) -> None:
    for ask in (lookbook.outfit, lookbook.image, lookbook.splat_file):
        with pytest.raises(UnknownOutfit):
            ask(made.open(), ANN, outfit)


def test_an_id_is_checked_before_anything_is_asked(made: Workshop) -> None:
    for user in ("", "Ann", "../ann", "a" * 64):
        with pytest.raises(InvalidId):
            lookbook.outfit(made.open(), user, LOOK)


# Only what is wanted is shown


def test_a_changed_photo_hides_the_images_made_from_it(shop: Workshop) -> None:
    before = shown(shop.open())
    add(shop.uploads, "t0000", photo_of="t0001")
    pipeline = shop.open()
    pipeline.reconcile()
    assert (len(before), shown(pipeline), len(shown(pipeline, outfit=BOTTOM))) == (
        64,
        "PregenerationRequired",
        64,
    )
    shop.run("again")
    assert shown(pipeline) not in (before, "PregenerationRequired")


def test_a_rollout_shows_the_old_images_until_the_user_is_switched(shop: Workshop) -> None:
    before = shown(shop.open())
    shop.order = Order.TUCKED
    pipeline = shop.open()
    rollout.confirm(pipeline, rollout.prepare(pipeline))
    assert (shown(pipeline), lookbook.person(pipeline, ANN).rollout) == (before, True)
    shop.run("tucked")
    assert shown(pipeline) == before
    assert set(rollout.switch(pipeline)) == set(USERS)
    assert shown(pipeline) != before
    assert not lookbook.person(pipeline, ANN).rollout


@pytest.mark.parametrize(("gone", "expected"), [(ANN, "UnknownUpload"), ("t0000", "UnknownOutfit")])
def test_what_is_erased_is_gone_with_the_next_request(shop: Workshop, gone: str, expected: str) -> None:
    """Of one pipeline that was asked before: it keeps nothing."""
    pipeline = shop.open()
    assert len(shown(pipeline)) == 64
    shop.bury(gone)
    assert shown(pipeline) == expected
    assert len(shown(pipeline, BEN, f"t0001.tops+{BOTTOM}")) == 64


def test_a_suspended_one_is_hidden_until_it_is_back(shop: Workshop) -> None:
    pipeline = shop.open()
    before = shown(pipeline)
    shop.records.suspend([(UploadKind.USER, ANN), (UploadKind.ITEM, "t0001")], "2026-11-21T12:00:00Z")
    assert (shown(pipeline), shown(pipeline, BEN, "t0001.tops")) == ("UnknownUpload", "UnknownOutfit")
    pipeline.reconcile()
    assert shown(pipeline) == before


# Files


def test_a_damaged_file_is_an_error_and_not_a_picture(shop: Workshop) -> None:
    pipeline = shop.open()
    record = pipeline.shown(ANN, _outfit(LOOK))
    assert isinstance(shop.blobs, MemoryBlobs)
    shop.blobs.files[record.path] = shop.blobs.files[record.path][:-1]
    with pytest.raises(BlobCorrupted):
        lookbook.image(pipeline, ANN, LOOK).read()
    del shop.blobs.files[record.path]
    with pytest.raises(BlobMissing):
        lookbook.image(pipeline, ANN, LOOK).read()
    assert len(shown(pipeline, outfit=TOP)) == 64


def test_what_is_erased_while_it_is_sent_is_not_called_damaged(shop: Workshop) -> None:
    found = lookbook.image(shop.open(), ANN, LOOK)
    (ann,) = [user for user in shop.records.users() if user.id == ANN]
    shop.bury(ANN)
    shop.records.unpublish(UploadRef(UploadKind.USER, ANN, ann.ordinal))
    assert isinstance(shop.blobs, MemoryBlobs)
    shop.blobs.files.clear()
    with pytest.raises(PregenerationRequired):
        found.read()


def test_the_photo_lies_under_the_try_on(made: Workshop) -> None:
    """Same size, the same pixels where nothing is worn, and nothing of the upload's metadata."""
    pipeline = made.open()
    photo = decode(lookbook.person_photo(pipeline, ANN).read()).pixels
    worn = decode(lookbook.image(pipeline, ANN, TOP).read()).pixels
    assert photo.shape == worn.shape
    assert np.abs(photo[:8].astype(int) - worn[:8]).mean() < 6
    assert read_mark(lookbook.person_photo(pipeline, ANN).read()) is None


def test_a_replaced_photo_is_not_shown_beside_old_images(shop: Workshop) -> None:
    add(shop.uploads, ANN, photo_of=BEN)
    with pytest.raises(PregenerationRequired, match="was replaced"):
        lookbook.person_photo(shop.open(), ANN).read()


def test_a_crop_is_the_one_that_the_outfit_is_made_from(made: Workshop, view: OutfitView) -> None:
    found = lookbook.crop_image(made.open(), ANN, LOOK, TOP)
    assert view.provenance is not None
    (step,) = [step for step in view.provenance.lineage if (step.stage, step.name) == ("crop", TOP)]
    assert (found.tag, found.media_type, sha256(found.read()).hexdigest()) == (
        step.sha256,
        "image/png",
        step.sha256,
    )
    with pytest.raises(UnknownOutfit, match="has no garment"):
        lookbook.crop_image(made.open(), ANN, LOOK, DRESS)


def _outfit(text: str) -> Outfit:
    return Outfit.parse(text)
