"""The production profile's stores over their peers, with engines that cost nothing: a shop from photos to erasure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from google.cloud import firestore as google

from bench.null_engines import null_stages
from tests.core.workshop import make_all
from tests.production import Cloud, Shop
from tryon import wiring
from tryon.core.erasure.erase import Eraser
from tryon.core.events import EventKind
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import Stage
from tryon.core.records import BlobFacts
from tryon.core.uploads import UploadKind
from tryon.profiles import stores as storage
from tryon.settings import Settings


@pytest.fixture
def shop(cloud: Cloud, tmp_path: Path) -> Iterator[Shop]:
    """Two items and a user."""
    shop = Shop(cloud, tmp_path / "photos")
    shop.stock()
    yield shop
    shop.close()


@pytest.fixture
def pipeline(shop: Shop) -> Iterator[Pipeline]:
    settings = Settings()
    yield wiring.build(settings, lambda event: None, null_stages)
    storage.open_stores(settings).close()


def test_a_shop_is_made_and_each_thing_lies_in_its_place(
    shop: Shop, pipeline: Pipeline, tmp_path: Path
) -> None:
    _, rejected = pipeline.reconcile()
    assert rejected == ()
    make_all(pipeline)
    records = [r for owner in pipeline.records.owners() for r in pipeline.records.of_user(owner)]
    made = {r.path: r.stage for r in records if isinstance(r.result, BlobFacts)}
    masks = {path for path in made if path.startswith("users/") and path.endswith(".png")}
    assert set(shop.cloud.cloudinary.assets) == masks
    assert {made[path] for path in masks} == {Stage.MASK}
    assert set(shop.cloud.supabase.buckets["fashion"]) == set(made) - masks
    assert set(made.values()) == set(Stage)
    assert sorted(path.name for path in (tmp_path / "data").iterdir() if "-" not in path.name) == [
        "digests.sqlite", "outbox.sqlite", "outbox.sqlite.turn",
    ]  # fmt: skip


def test_the_log_arrives_in_firestore(shop: Shop, pipeline: Pipeline) -> None:
    pipeline.reconcile()
    pipeline.make_crops(["t1"], "run")
    seen = [event for _, event in pipeline.log.read()]
    assert [e.event for e in seen if e.run_id == "run"] == [EventKind.STARTED, EventKind.FINISHED]
    stored = [document.to_dict() for document in shop.firestore.collection("vton_logs").get()]
    assert len(stored) == len(seen)


def test_an_erasure_leaves_only_what_the_app_keeps(shop: Shop, pipeline: Pipeline) -> None:
    pipeline.reconcile()
    make_all(pipeline)
    pipeline.export("ann", "run")
    eraser = Eraser(pipeline, wiring.open_archive(Settings()), lambda kind, upload_id: None)
    receipt = eraser.erase(UploadKind.USER, "ann")
    assert receipt["verified"]
    assert set(shop.document("ann").get().to_dict()) == {"name", "joined", "home"}
    left = [*shop.cloud.cloudinary.assets, *shop.cloud.supabase.buckets["fashion"]]
    assert [name for name in left if "ann" in name] == []
    assert [name for name in shop.cloud.supabase.buckets["uploads"] if "ann" in name] == []


def test_masks_are_written_back_to_the_users_document(shop: Shop, pipeline: Pipeline) -> None:
    before = shop.document("ann").get().to_dict()
    pipeline.reconcile()
    assert list(pipeline.outdated()) == ["ann"]
    make_all(pipeline)
    said = pipeline.export("ann", "run").facts()
    after = shop.document("ann").get().to_dict()
    assert {name: value for name, value in after.items() if name != "Mask"} == before
    assert after["Mask"] == said["Mask"]
    assert set(after["Mask"]) == {"Status", "Upper mask URL", "Lower mask URL"}
    assert after["Mask"]["Upper mask URL"].startswith(
        "https://res.cloudinary.com/Demo-cloud/raw/authenticated/s--"
    )
    pipeline.export("ann", "run")
    assert shop.document("ann").get().to_dict()["Mask"] == after["Mask"]


def test_a_document_is_current_until_half_the_life_of_its_addresses_is_over(
    shop: Shop, pipeline: Pipeline
) -> None:
    pipeline.reconcile()
    make_all(pipeline)
    pipeline.export("ann", "run")
    asked = len(shop.cloud.supabase.asked)
    assert pipeline.outdated() == {}
    assert len(shop.cloud.supabase.asked) == asked, "nothing is signed to find that out"
    assert list(replace(pipeline, url_seconds=3 * storage.URL_SECONDS).outdated()) == ["ann"]
    shop.add_item("t2", "tops", 7)
    pipeline.reconcile()
    make_all(pipeline)
    assert list(pipeline.outdated()) == ["ann"]


def test_masks_are_withdrawn_with_the_consent(shop: Shop, pipeline: Pipeline) -> None:
    pipeline.reconcile()
    make_all(pipeline)
    pipeline.export("ann", "run")
    shop.document("ann").update({"consent": google.DELETE_FIELD})
    pipeline.reconcile()
    assert set(shop.document("ann").get().to_dict()) == {"name", "joined", "home"}
    assert pipeline.documents.read("ann") is None


def test_deleted_bytes_are_scrubbed_from_this_machine(shop: Shop, pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.reconcile()
    (ann,) = pipeline.records.users()
    digests = tmp_path / "data" / "digests.sqlite"
    files = [digests, digests.with_name("digests.sqlite-wal")]
    assert any(ann.sha256.encode() in file.read_bytes() for file in files)
    Eraser(pipeline, wiring.open_archive(Settings()), lambda kind, upload_id: None).erase(
        UploadKind.USER, "ann"
    )
    left = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert [path.name for path in left if ann.sha256.encode() in path.read_bytes()] == []


def test_another_process_finds_the_same_shop(shop: Shop, pipeline: Pipeline) -> None:
    pipeline.reconcile()
    make_all(pipeline)
    pipeline.export("ann", "run")
    storage.open_stores(Settings()).close()
    other = wiring.build(Settings(data=Settings().data / "elsewhere"), lambda event: None, null_stages)
    other.reconcile()
    assert (other.plan().nothing, other.outdated()) == (True, {})
    storage.open_stores(Settings(data=Settings().data / "elsewhere")).close()


def test_stores_are_opened_once_a_process(shop: Shop) -> None:
    assert storage.open_stores(Settings()) is storage.open_stores(Settings())


def test_a_photo_at_an_address_of_the_projects_own_storage_is_taken(shop: Shop, pipeline: Pipeline) -> None:
    consent = shop.document("ann").get().to_dict()["consent"]
    shop.document("bea").set({"consent": consent, "userImageUrl": shop.photo_elsewhere("bea", 8)})
    shop.document("eve").set({"consent": consent, "userImageUrl": "http://127.0.0.1:9/eve.png"})
    _, rejected = pipeline.reconcile()
    assert {user.id for user in pipeline.records.users()} == {"ann", "bea"}
    assert [(upload.id, "address" in upload.reason) for upload in rejected] == [("eve", True)]
    make_all(pipeline)
    pipeline.export("bea", "run")
    bea = shop.document("bea").get().to_dict()
    assert bea["Mask"]["Status"] == "success"
    assert "/avatars/" in bea["userImageUrl"], "the app's own address stays"
