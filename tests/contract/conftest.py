"""Every implementation of each store port. A new store joins its suite as one more param of its fixture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.contract.uploading import FolderSource, MemorySource, Source, SupabaseSource
from tests.fakes import MemoryArchive, MemoryBlobs, MemoryDocuments, MemoryEventLog, MemoryRecords
from tests.peers.cloudinary_peer import CloudinaryPeer, cloudinary_peer
from tests.peers.firestore_emulator import Emulator, firestore_emulator
from tests.peers.supabase_peer import SupabasePeer, supabase_peer
from tests.production import Cloud, production
from tryon.core.events import EventLog
from tryon.core.ports import Archive, Blobs, Documents, Records
from tryon.stores.archive import LocalArchive
from tryon.stores.cloudinary.masks import CloudinaryMasks
from tryon.stores.files import FileBlobs, FileDocuments
from tryon.stores.firestore.client import Firestore
from tryon.stores.firestore.documents import FirestoreDocuments
from tryon.stores.firestore.log import FirestoreLog
from tryon.stores.firestore.records import FirestoreRecords
from tryon.stores.outbox import Outbox
from tryon.stores.outbox_log import OutboxLog
from tryon.stores.routed_blobs import RoutedBlobs
from tryon.stores.sqlite.database import Database
from tryon.stores.sqlite.events import SqliteEventLog
from tryon.stores.sqlite.records import SqliteRecords
from tryon.stores.supabase.blobs import SupabaseBlobs

__all__ = ["firestore_emulator"]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "fashion.sqlite")
    yield database
    database.close()


@pytest.fixture
def supabase() -> Iterator[SupabasePeer]:
    with supabase_peer("fashion", "uploads") as peer:
        yield peer


@pytest.fixture
def cloudinary() -> Iterator[CloudinaryPeer]:
    with cloudinary_peer() as peer:
        yield peer


@pytest.fixture
def supabase_blobs(supabase: SupabasePeer) -> SupabaseBlobs:
    return SupabaseBlobs(supabase.address, supabase.key, "fashion")


@pytest.fixture
def cloudinary_masks(cloudinary: CloudinaryPeer) -> CloudinaryMasks:
    return CloudinaryMasks(cloudinary.url, api=cloudinary.address)


@pytest.fixture
def routed_blobs(supabase_blobs: SupabaseBlobs, cloudinary_masks: CloudinaryMasks) -> RoutedBlobs:
    """As in production, but that every PNG of a user is a mask."""
    stores: dict[str, Blobs] = {"masks": cloudinary_masks, "others": supabase_blobs}
    return RoutedBlobs(stores, lambda path: "masks" if path.endswith(".png") else "others")


@pytest.fixture
def firestore(firestore_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Firestore]:
    """An empty database: another project each time."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator.host)
    database = Firestore(f"test-{uuid4().hex[:12]}")
    yield database
    database.close()
    firestore_emulator.delete(database.project)


@pytest.fixture
def cloud(firestore_emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Cloud]:
    """Everything of the production profile, and the environment that leads there."""
    with production(firestore_emulator) as found:
        found.enter(monkeypatch)
        monkeypatch.setenv("FASHION_DATA", str(tmp_path / "data"))
        yield found


@pytest.fixture(params=["memory", "files", "supabase_blobs", "cloudinary_masks", "routed_blobs"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param in ("memory", "files"):
        return MemoryBlobs() if request.param == "memory" else FileBlobs(tmp_path / "blobs")
    found: Blobs = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["memory", "sqlite", "firestore"])
def records(request: pytest.FixtureRequest) -> Records:
    if request.param == "memory":
        return MemoryRecords()
    if request.param == "firestore":
        return FirestoreRecords(request.getfixturevalue("firestore"))
    return SqliteRecords(request.getfixturevalue("database"))


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    yield outbox
    outbox.close()


@pytest.fixture(params=["memory", "sqlite", "firestore"])
def event_log(request: pytest.FixtureRequest) -> EventLog:
    if request.param == "memory":
        return MemoryEventLog()
    if request.param == "firestore":
        return OutboxLog(
            request.getfixturevalue("outbox"), FirestoreLog(request.getfixturevalue("firestore"))
        )
    return SqliteEventLog(request.getfixturevalue("database"))


@pytest.fixture(params=["memory", "sqlite", "firestore"])
def records_and_log(request: pytest.FixtureRequest) -> tuple[Records, EventLog]:
    """Over the same store, so that the log knows which uploads were erased."""
    if request.param == "memory":
        records = MemoryRecords()
        return records, MemoryEventLog(is_erased=records.is_erased)
    if request.param == "firestore":
        store, outbox = request.getfixturevalue("firestore"), request.getfixturevalue("outbox")
        return FirestoreRecords(store), OutboxLog(outbox, FirestoreLog(store))
    database = request.getfixturevalue("database")
    return SqliteRecords(database), SqliteEventLog(database)


@pytest.fixture(params=["memory", "folder"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Archive:
    """One picture was drawn."""
    (tmp_path / "contact_sheet.jpg").write_bytes(b"picture")
    return MemoryArchive(("contact_sheet.jpg",)) if request.param == "memory" else LocalArchive(tmp_path)


@pytest.fixture(params=["memory", "files", "firestore"])
def documents(request: pytest.FixtureRequest, tmp_path: Path) -> Documents:
    if request.param == "firestore":
        return FirestoreDocuments(request.getfixturevalue("firestore"))
    return MemoryDocuments() if request.param == "memory" else FileDocuments(tmp_path / "export")


@pytest.fixture(params=["memory", "folder", "supabase"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    if request.param == "supabase":
        return SupabaseSource(request.getfixturevalue("supabase"))
    return MemorySource() if request.param == "memory" else FolderSource(tmp_path / "uploads")
