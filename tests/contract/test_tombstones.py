"""What an erasure asks of records, log, uploads, documents, blobs and archive."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from tests.contract.test_event_log import event
from tests.contract.uploading import FolderSource, Source
from tests.contract.verdicts import ANN, TEE, record, upload
from tests.fakes import MemoryRecords
from tryon.core.errors import InvalidId, InvalidSetting
from tryon.core.events import EventLog, LogEvent
from tryon.core.ports import Archive, Blobs, Documents, Records
from tryon.core.recipes import Input, Stage
from tryon.core.records import BlobFacts, Publication, Record
from tryon.core.uploads import Kept, Registered, Tombstone, UploadFile, UploadKind, UploadRef
from tryon.core.words import Refused
from tryon.stores.archive import LocalArchive
from tryon.stores.files import FileBlobs, FileDocuments
from tryon.stores.sqlite.database import Database
from tryon.stores.sqlite.events import SqliteEventLog
from tryon.stores.sqlite.records import SqliteRecords

USER, ITEM = UploadKind.USER, UploadKind.ITEM
THEN, NOW, LATER = "2026-11-20T12:00:00.000000Z", "2026-11-21T12:00:00.000000Z", "2026-11-22T12:00:00.000000Z"
BOTH = (upload(USER, "ann"), upload(ITEM, "tee"))


@pytest.fixture
def open_records(records: Records) -> Records:
    """Ann (ordinal 1) and a tee (ordinal 2) are registered."""
    records.register(BOTH)
    return records


def listed(records: Records, files: Sequence[UploadFile], at: str | None = None) -> Registered:
    return records.register(files, at)


# Tombstones


def test_a_tombstone_is_open_until_the_erasure_is_complete(open_records: Records) -> None:
    open_records.bury(ANN, THEN)
    assert (open_records.tombstones(), open_records.erasing()) == ([Tombstone(ANN, THEN)], [ANN])
    open_records.draft(ANN, '{"number": "7"}')
    assert open_records.tombstones() == [Tombstone(ANN, THEN, "", '{"number": "7"}')]
    open_records.erased(ANN, NOW, '{"signed": 1}')
    assert open_records.tombstones() == [Tombstone(ANN, THEN, NOW, '{"signed": 1}')]
    assert open_records.erasing() == []


def test_what_is_final_stays(open_records: Records) -> None:
    open_records.bury(ANN, THEN)
    open_records.erased(ANN, NOW, "first")
    open_records.bury(ANN, LATER)
    open_records.draft(ANN, "draft")
    open_records.erased(ANN, LATER, "second")
    assert open_records.tombstones() == [Tombstone(ANN, THEN, NOW, "first")]


def test_only_what_is_buried_becomes_final(open_records: Records) -> None:
    open_records.draft(ANN, "draft")
    open_records.erased(ANN, NOW, "receipt")
    assert open_records.tombstones() == []
    assert [user.id for user in open_records.users()] == ["ann"]


def test_an_upload_that_was_never_registered_gets_a_tombstone(open_records: Records) -> None:
    ref = open_records.bury_unregistered(USER, "bad", THEN)
    assert (ref, open_records.erasing()) == (UploadRef(USER, "bad", TEE.ordinal + 1), [ref])
    assert [user.id for user in open_records.users()] == ["ann"]


def test_while_it_is_erased_an_id_is_not_registered(open_records: Records) -> None:
    open_records.bury(TEE, THEN)
    assert listed(open_records, BOTH).nothing
    assert open_records.items() == []
    open_records.erased(TEE, NOW, "{}")
    assert listed(open_records, BOTH) == Registered(new_items=("tee",))


def test_a_listing_from_before_the_erasure_brings_nothing_back(open_records: Records) -> None:
    """It was read, then the erasure began and ended, then it is registered."""
    open_records.bury(TEE, THEN)
    open_records.erased(TEE, NOW, "{}")
    assert listed(open_records, BOTH, at=THEN).nothing
    assert listed(open_records, BOTH, at=NOW).nothing
    assert listed(open_records, BOTH, at=LATER) == Registered(new_items=("tee",))
    assert listed(open_records, BOTH, at=THEN).nothing
    assert [item.id for item in open_records.items()] == ["tee"]


def test_a_later_listing_still_notes_a_changed_photo(open_records: Records) -> None:
    open_records.bury(TEE, THEN)
    open_records.erased(TEE, NOW, "{}")
    listed(open_records, BOTH, at=LATER)
    assert listed(open_records, [upload(ITEM, "tee", "new")], at=LATER).changed_items == ("tee",)


def test_kept_is_what_has_no_tombstone(open_records: Records) -> None:
    both = [Kept(ANN, "", "2026-11-01T09:00:00Z"), Kept(TEE)]
    assert open_records.kept() == both
    open_records.suspend([(USER, "ann")], THEN)
    open_records.suspend([(USER, "ann")], NOW)
    assert open_records.kept() == [replace(both[0], suspended_at=THEN), both[1]]
    listed(open_records, BOTH)
    assert open_records.kept() == both
    open_records.bury(ANN, NOW)
    assert open_records.kept() == both[1:]


def test_gone_is_what_cannot_be_published(open_records: Records) -> None:
    assert open_records.gone([ANN, TEE]) == set()
    open_records.suspend([(USER, "ann")], THEN)
    open_records.bury(TEE, NOW)
    assert open_records.gone([ANN, TEE]) == {ANN, TEE}
    assert open_records.gone([]) == set()


# What was made


OTHER = UploadRef(USER, "bob", 3)


def test_what_was_made_from_an_upload_is_found_whoever_owns_it(open_records: Records) -> None:
    open_records.register([upload(USER, "bob")])
    mine, his = record("a", uploads=(ANN, TEE)), record("b", user="bob", uploads=(OTHER, TEE))
    mask, crop = record("c", uploads=(ANN,)), record("d", user=None, uploads=(TEE,))
    open_records.publish([mine, his, mask, crop, record("a", 2)])
    assert sorted(r.key for r in open_records.of_upload(TEE)) == ["a", "a", "b", "d"]
    assert sorted(r.key for r in open_records.of_upload(ANN)) == ["a", "a", "c"]
    assert open_records.unpublish(TEE) == 4
    assert (list(open_records.of_upload(TEE)), open_records.unpublish(TEE)) == ([], 0)
    assert open_records.find([Input(key, 1) for key in "abcd"]).keys() == {("c", 1)}


def test_a_longer_ordinal_or_id_is_another_upload(open_records: Records) -> None:
    open_records.publish([record("a", uploads=(UploadRef(ITEM, "tee", 22), UploadRef(ITEM, "a-tee", 2)))])
    assert list(open_records.of_upload(TEE)) == []


def test_cost_is_kept_when_products_are_not(open_records: Records) -> None:
    open_records.publish([record("a", seconds=2.0)])
    before = open_records.history()
    open_records.unpublish(TEE)
    assert open_records.history() == before


def test_paths_that_a_record_names(open_records: Records) -> None:
    shared, crop = record("a"), record("c", user=None, uploads=(TEE,), stage=Stage.CROP)
    other = record("b", result=BlobFacts("ffff", "ply", 1), uploads=(ANN,))
    open_records.publish([shared, crop, other, record("d", result=Refused("blank", "blank"))])
    paths = [
        shared.path,
        crop.path,
        other.path,
        "users/ann/0a1b.png",
        "users/bob/0a1b.webp",
        "items/hat/0a1b.webp",
    ]
    assert open_records.names(paths) == {shared.path, crop.path, other.path}
    assert open_records.names(paths, besides=TEE) == {other.path}
    assert open_records.names([]) == set()


def test_keys_are_dropped_with_their_leases(records: Records) -> None:
    records.claim(["a", "b"], "one", 60)
    records.claim(["old"], "one", 0.01)
    time.sleep(0.02)
    assert records.kept_keys(["a", "c"]) == {"a"}
    assert records.drop_keys(["a", "c"]) == 1
    assert records.kept_keys(["a", "b", "old"]) == {"b"}
    assert records.claim(["a", "b"], "two", 60) == {"a"}


def test_thousands_of_keys_are_dropped_at_once(records: Records) -> None:
    names = [f"k{n}" for n in range(2500)]
    records.claim(names, "one", 60)
    assert (records.drop_keys(names), records.kept_keys(names)) == (2500, set())


def test_nothing_that_is_buried_is_published_even_after_it_is_final(open_records: Records) -> None:
    open_records.bury(TEE, THEN)
    open_records.erased(TEE, NOW, "{}")
    assert open_records.publish([record("a")]) == [Publication.BURIED]


# The log


def outfit(step: str, item: str = "b1", user: str | None = "bob") -> LogEvent:
    return replace(event(step, user), item_id=item, recipe=f"key of {step}")


EVENTS = [
    replace(event("register", None), component="uploads", recipe=None),
    outfit("tee.tops"),
    outfit("tee.tops+b1.bottoms"),
    outfit("a-tee.tops+tee.bottoms"),
    outfit("a-tee.tops"),
    outfit("b1.bottoms", user="ann"),
    replace(outfit("data.json", item="hat"), component="export", recipe=None),
]


@pytest.mark.parametrize(
    ("kind", "name", "about"),
    [(ITEM, "tee", [0, 1, 2, 3]), (ITEM, "b1", [1, 2, 3, 4, 5]), (USER, "ann", [5]), (ITEM, "data", [])],
)
def test_the_events_about_one_upload_are_forgotten(
    event_log: EventLog, kind: UploadKind, name: str, about: list[int]
) -> None:
    event_log.append(EVENTS)
    found = [EVENTS[n] for n in about]
    assert event_log.keys(kind, name) == {e.recipe for e in found if e.recipe}
    assert event_log.count(kind, name) == len(found)
    assert event_log.forget(kind, name) == len(found)
    assert (event_log.count(kind, name), event_log.forget(kind, name)) == (0, 0)
    assert [e for _, e in event_log.read()] == [e for e in EVENTS if e not in found]


def test_positions_stay_and_are_not_given_again(event_log: EventLog) -> None:
    event_log.append([event("a"), event("b", "bob"), event("c")])
    (_, (second, _), (last, _)) = event_log.read()
    event_log.forget(USER, "ann")
    event_log.append([event("d", "bob")])
    assert next(n for n, _ in event_log.read()) == second
    assert [n for n, _ in event_log.read()][-1] > last


def test_late_events_about_an_erased_upload_are_dropped(records_and_log: tuple[Records, EventLog]) -> None:
    records, log = records_and_log
    records.register(BOTH)
    log.append([outfit("tee.tops"), outfit("b1.bottoms", user="ann")])
    records.bury(ANN, THEN)
    records.bury(TEE, THEN)
    log.append([outfit("tee.tops+b1.bottoms"), outfit("b1.bottoms", user="ann"), outfit("b1.bottoms")])
    assert [e.step for _, e in log.read()] == ["tee.tops", "b1.bottoms", "b1.bottoms"]
    records.erased(ANN, NOW, "{}")
    log.append([outfit("b1.bottoms", user="ann")])
    assert log.count(USER, "ann") == 1


def test_a_new_upload_under_that_id_is_logged_again(records_and_log: tuple[Records, EventLog]) -> None:
    records, log = records_and_log
    records.register(BOTH)
    records.bury(ANN, THEN)
    records.erased(ANN, NOW, "{}")
    records.register(BOTH)
    log.append([event("a")])
    assert log.count(USER, "ann") == 1


# Files


def test_everything_under_an_id_is_deleted(source: Source) -> None:
    for kind, name in ((USER, "ann"), (USER, "anna"), (ITEM, "ann")):
        source.photo(kind, name, b"photo")
        source.sidecar(kind, name, b"{}")
    assert len(source.uploads.files(USER, "ann")) == 2
    assert (source.uploads.delete(USER, "ann"), source.uploads.delete(USER, "ann")) == (2, 0)
    assert source.uploads.files(USER, "ann") == ()
    assert len(source.uploads.files(USER, "anna")) == len(source.uploads.files(ITEM, "ann")) == 2


@pytest.mark.parametrize("name", ["../ann", "*", ""])
def test_an_illegal_id_deletes_nothing(source: Source, name: str) -> None:
    source.photo(USER, "ann", b"photo")
    with pytest.raises(InvalidId):
        source.uploads.delete(USER, name)
    assert source.uploads.files(USER, "ann")


def test_hidden_halves_and_doubles_belong_to_the_id(tmp_path: Path) -> None:
    folder = FolderSource(tmp_path / "uploads")
    for name in ("ann.png", "ann.jpg", "ann.json", ".ann.png.part", "ann", "anna.png", ".anna.png.part"):
        folder.place(USER, name).write_bytes(b"x")
    assert folder.uploads.delete(USER, "ann") == 5
    assert sorted(p.name for p in folder.place(USER, "x").parent.iterdir()) == [".anna.png.part", "anna.png"]


def test_documents_are_listed_and_deleted(documents: Documents) -> None:
    documents.write("bob", {})
    documents.write("ann", {})
    assert list(documents.list()) == ["ann", "bob"]
    assert (documents.delete("ann"), documents.delete("ann")) == (True, False)
    assert (documents.read("ann"), list(documents.list())) == (None, ["bob"])


def test_a_half_document_goes_with_its_user(tmp_path: Path) -> None:
    (tmp_path / ".ann.x1.part").write_text("half")
    assert list(FileDocuments(tmp_path).list()) == []
    assert FileDocuments(tmp_path).delete("ann") is False
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_unfinished_after_a_put(blobs: Blobs) -> None:
    blobs.put("users/ann/1.webp", b"x")
    assert list(blobs.unfinished("users/ann/")) == []


def test_what_a_killed_writer_left_is_told_and_deleted(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    blobs.put("users/anna/1.webp", b"x")
    (tmp_path / "users/ann").mkdir()
    (tmp_path / "users/ann/tmp1.part").write_bytes(b"half")
    assert list(blobs.unfinished("users/ann/")) == ["users/ann/tmp1.part"]
    assert blobs.delete("users/ann/tmp1.part")
    assert sorted(p.name for p in (tmp_path / "users").iterdir()) == ["anna"]


def test_a_folder_that_became_empty_is_written_again(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    blobs.put("users/ann/1.webp", b"x")
    blobs.delete("users/ann/1.webp")
    assert blobs.put("users/ann/2.webp", b"y")
    assert list(blobs.list("users/")) == ["users/ann/2.webp"]


def test_pictures_beside_the_stores_are_dropped(archive: Archive) -> None:
    assert archive.copies() == ("contact_sheet.jpg",)
    assert (archive.drop_copies(), archive.drop_copies(), archive.copies()) == (1, 0, ())


def test_the_key_stays_the_same(archive: Archive) -> None:
    assert archive.key() == archive.key()
    assert len(archive.key()) >= 16


def test_every_folder_has_a_key_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = LocalArchive(tmp_path / "a"), LocalArchive(tmp_path / "b")
    assert first.key() != second.key()
    assert LocalArchive(tmp_path / "a").key() == first.key()
    assert LocalArchive(tmp_path / "a", "sixteen letters!").key() == b"sixteen letters!"
    with pytest.raises(InvalidSetting, match="16"):
        LocalArchive(tmp_path / "a", "short").key()
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["receipt.key"]


# The bytes of the SQLite file


def grep(database: Database, text: str) -> list[str]:
    folder = database.path.parent
    return sorted(p.name for p in folder.iterdir() if p.is_file() and text.encode() in p.read_bytes())


def fill(database: Database, users: int = 20, rounds: int = 100) -> SqliteRecords:
    """Rows of all users mixed by their keys, so that pages are split and rows move between them."""
    records, log = SqliteRecords(database), SqliteEventLog(database)
    records.register([upload(USER, f"u{n}") for n in range(users)])
    refs = [kept.ref for kept in records.kept()]
    for turn in range(rounds):
        made = [_secret(sha256(f"{turn} {ref.id}".encode()).hexdigest(), ref) for ref in refs]
        records.publish(made)
        log.append([replace(event("a", r.user), recipe=r.key) for r in made])
    return records


def _secret(key: str, ref: UploadRef) -> Record:
    return replace(record(key, user=ref.id, uploads=(ref,)), recipe=f"secret-{ref.id}-photo")


def test_deleted_rows_leave_no_bytes_in_the_file(database: Database) -> None:
    """Deleting alone, even with secure_delete, leaves a copy here and there where rows moved between pages."""
    records, log = fill(database), SqliteEventLog(database)
    half = [kept.ref for kept in records.kept()][:10]
    assert grep(database, "secret-u8-photo")
    for ref in half:
        records.bury(ref, THEN)
        records.unpublish(ref)
        log.forget(USER, ref.id)
    assert records.scrub()
    assert [ref.id for ref in half if grep(database, f"secret-{ref.id}-photo")] == []
    assert [ref.id for ref in half if grep(database, upload(USER, ref.id).sha256)] == []
    assert grep(database, "secret-u18-photo") == ["fashion.sqlite"]
    assert len(list(records.of_user("u18"))) == 100


def test_a_reader_holds_the_scrubbing_up_and_that_is_told(database: Database) -> None:
    records = fill(database, users=2, rounds=2)
    database.connection().execute("PRAGMA busy_timeout = 50")
    reader = sqlite3.connect(database.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM events").fetchone()
    records.unpublish(next(k.ref for k in records.kept()))
    assert not records.scrub()
    reader.execute("COMMIT")
    assert records.scrub()
    reader.execute("BEGIN IMMEDIATE")
    assert not records.scrub()
    reader.close()
    assert records.scrub()


def test_memory_records_may_be_busy() -> None:
    assert (MemoryRecords(busy=True).scrub(), MemoryRecords().scrub()) == (False, True)


def test_an_older_file_gets_the_columns(tmp_path: Path) -> None:
    """A suspended upload of the version before counts from the day of the migration."""
    from importlib.resources import files

    first = (files("tryon.stores.sqlite") / "migrations" / "0001_spine.sql").read_text()
    old = sqlite3.connect(tmp_path / "fashion.sqlite")
    old.executescript(first + "PRAGMA user_version = 1;")
    old.execute(
        "INSERT INTO uploads (kind, id, sha256, sidecar, suspended) VALUES ('item', 'tee', 'x', '{}', 1)"
    )
    old.commit()
    old.close()
    database = Database(tmp_path / "fashion.sqlite")
    (kept,) = SqliteRecords(database).kept()
    assert (kept.ref.id, kept.suspended_at[:2]) == ("tee", "20")
    database.close()
