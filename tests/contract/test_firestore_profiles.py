"""Users' documents, which belong to the app: a few fields are read, one is written, and only ours are ever deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from google.cloud import firestore as google

from tests.peers.firestore_refusing import refusing
from tryon.core.errors import StoreError, StoreUnusable
from tryon.core.uploads import UploadKind, read_sidecar
from tryon.stores.firestore.client import Firestore
from tryon.stores.firestore.documents import FirestoreDocuments
from tryon.stores.firestore.profiles import FirestoreProfiles
from tryon.stores.supabase.profiles import Profile

MASK = {"Status": "success", "Upper mask URL": "https://a/upper", "Lower mask URL": "https://a/lower"}
THEIRS = {
    "name": "Ann",
    "joined": datetime(2026, 10, 1, tzinfo=UTC),
    "home": google.GeoPoint(1, 2),
    "raw": b"\x00",
}
OURS = {
    "consent": {"version": "2026-01", "at": "2026-11-01T09:00:00Z"},
    "userImageUrl": "https://example.com/ann.jpg",
    "Mask": MASK,
    "tops": [{"id": "t1.tops"}],
    "bottoms": [],
    "apiRequest": {"url": "https://example.com"},
}


@pytest.fixture
def app(firestore: Firestore) -> Iterator[Any]:
    """The app's own client: the collection of users."""
    client = google.Client(project=firestore.project)
    yield client.collection("users")
    client.close()  # type: ignore[no-untyped-call]


@pytest.fixture
def profiles(firestore: Firestore) -> FirestoreProfiles:
    return FirestoreProfiles(firestore)


def test_consent_and_address_are_read_and_nothing_else(app: Any, profiles: FirestoreProfiles) -> None:
    app.document("ann").set({**THEIRS, **OURS})
    profile = Profile(json.dumps({"consent": OURS["consent"]}).encode(), "https://example.com/ann.jpg")
    assert (profiles.one("ann"), profiles.all()) == (profile, {"ann": profile})


@pytest.mark.parametrize(
    "at", [datetime(2026, 11, 1, 9, tzinfo=UTC), "2026-11-01T09:00:00Z"], ids=["timestamp", "text"]
)
def test_a_consent_has_its_time_however_the_app_writes_it(
    app: Any, profiles: FirestoreProfiles, at: object
) -> None:
    app.document("ann").set({"consent": {"version": "2026-01", "at": at, "by": "the app's page 3"}})
    profile = profiles.one("ann")
    assert profile is not None
    assert profile.sidecar is not None
    read = read_sidecar(UploadKind.USER, "ann", profile.sidecar)
    assert read.model_dump(mode="json") == {"consent": {"version": "2026-01", "at": "2026-11-01T09:00:00Z"}}


@pytest.mark.parametrize("consent", ["yes", True, {"version": "1"}, {"at": google.GeoPoint(1, 2)}], ids=str)
def test_what_is_no_consent_is_kept_apart_from_none(
    app: Any, profiles: FirestoreProfiles, consent: object
) -> None:
    """So that it is named as wrong, and not taken for a withdrawal."""
    app.document("ann").set({"consent": consent})
    profile = profiles.one("ann")
    assert profile is not None
    assert profile.sidecar is not None


def test_a_document_without_our_fields_says_nothing(app: Any, profiles: FirestoreProfiles) -> None:
    app.document("ann").set(THEIRS)
    assert (profiles.one("ann"), profiles.one("bob")) == (None, None)
    assert profiles.all() == {"ann": Profile()}
    assert (profiles.delete("ann"), profiles.delete("bob")) == (False, False)


def test_ids_that_break_our_rule_are_listed(app: Any, profiles: FirestoreProfiles) -> None:
    names = ["Ann", "zoë", "with space", "x" * 200]
    for name in names:
        app.document(name).set({"userImageUrl": "https://example.com/a.jpg"})
    assert set(profiles.all()) == set(names)


def test_many_users_come_in_pages(app: Any, profiles: FirestoreProfiles) -> None:
    for start in range(0, 1200, 400):
        batch = app._client.batch()
        for number in range(start, start + 400):
            batch.set(app.document(f"u{number}"), {"consent": OURS["consent"]})
        batch.commit()
    assert len(profiles.all()) == 1200


def test_only_our_fields_are_deleted(app: Any, profiles: FirestoreProfiles) -> None:
    app.document("ann").set({**THEIRS, **OURS})
    app.document("bob").set(OURS)
    assert profiles.delete("ann")
    assert app.document("ann").get().to_dict() == THEIRS
    assert app.document("bob").get().to_dict() == OURS
    assert (profiles.one("ann"), profiles.delete("ann")) == (None, False)
    assert profiles.delete("bob")
    assert app.document("bob").get().exists, "the document itself is the app's"


def test_a_schema_of_the_apps_own_is_no_concern_of_ours(app: Any, profiles: FirestoreProfiles) -> None:
    app.document("ann").set({"schema": "v7", "consent": OURS["consent"]})
    assert profiles.one("ann")
    assert profiles.delete("ann")
    assert app.document("ann").get().to_dict() == {"schema": "v7"}


def test_profiles_that_cannot_be_read_are_an_error_and_not_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty would look like everybody's withdrawal."""
    with refusing(grpc.StatusCode.PERMISSION_DENIED) as peer:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", peer.host)
        profiles = FirestoreProfiles(Firestore("shop", seconds=0.2))
        with pytest.raises(StoreUnusable):
            profiles.all()
        with pytest.raises(StoreError):
            profiles.one("ann")
        profiles.close()


# Masks in the app's documents


@pytest.fixture
def documents(firestore: Firestore) -> FirestoreDocuments:
    return FirestoreDocuments(firestore)


def test_masks_stand_beside_what_the_app_wrote(app: Any, documents: FirestoreDocuments) -> None:
    app.document("ann").set({**THEIRS, "userImageUrl": "https://example.com/ann.jpg"})
    for _ in range(2):
        documents.write("ann", {"userImageUrl": "https://signed", "tops": [{"id": "t1"}], "Mask": MASK})
        assert app.document("ann").get().to_dict() == {
            **THEIRS,
            "userImageUrl": "https://example.com/ann.jpg",
            "Mask": MASK,
        }
    documents.write("ann", {"Mask": {"Status": "missing"}})
    assert app.document("ann").get().to_dict()["Mask"] == {"Status": "missing"}


def test_masks_go_with_the_document(app: Any, documents: FirestoreDocuments) -> None:
    app.document("ann").set(THEIRS)
    documents.write("ann", {"Mask": MASK})
    assert documents.delete("ann")
    assert app.document("ann").get().to_dict() == THEIRS
    app.document("ann").update({"Mask": MASK})
    assert not documents.delete("ann"), "there was no document of ours"
    assert app.document("ann").get().to_dict() == THEIRS


def test_no_document_is_made_for_a_user_that_the_app_deleted(app: Any, documents: FirestoreDocuments) -> None:
    documents.write("ann", {"Mask": MASK})
    assert documents.read("ann") == {"Mask": MASK}
    assert not app.document("ann").get().exists
    assert documents.delete("ann")
    assert not app.document("ann").get().exists


def test_what_the_app_writes_meanwhile_is_kept(
    app: Any, documents: FirestoreDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between our reading of its document and the commit."""
    app.document("ann").set(THEIRS)
    real, done = Firestore._decided, list[bool]()

    def decided(self: Firestore, *args: Any) -> Any:
        if not done:
            done.append(True)
            app.document("ann").set({"name": "Anna", "size": 38})
        return real(self, *args)

    monkeypatch.setattr(Firestore, "_decided", decided)
    documents.write("ann", {"Mask": MASK})
    assert app.document("ann").get().to_dict() == {"name": "Anna", "size": 38, "Mask": MASK}
