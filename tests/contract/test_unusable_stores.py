"""A full, read-only or locked disk or database: an error that says which, where and what to do, and nothing half
written. The faults are real where an ordinary user can cause them; tests/cli/test_small_disk.py mounts real disks."""

from __future__ import annotations

import errno
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.contract.verdicts import record, upload
from tryon.core.errors import DiskFull, ReadOnly, StoreDamaged, StoreError, StoreLocked, StoreUnusable
from tryon.core.events import EventKind, LogEvent
from tryon.core.records import Publication
from tryon.core.uploads import UploadKind
from tryon.stores.disk import write_whole
from tryon.stores.files import FileBlobs, FileDocuments
from tryon.stores.sqlite.database import Database
from tryon.stores.sqlite.events import SqliteEventLog
from tryon.stores.sqlite.records import SqliteRecords

BLOB = "users/ann/picture.webp"
FAULTS = [
    (errno.ENOSPC, DiskFull, "is full"),
    (errno.EDQUOT, DiskFull, "quota"),
    (errno.EROFS, ReadOnly, "read-only"),
    (errno.EACCES, ReadOnly, "permission"),
]
Break = Callable[[int], None]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Break:
    """The disk answers every attempt to make written bytes durable with this errno."""

    def install(code: int) -> None:
        def fsync(_: int) -> None:
            raise OSError(code, "as the system says it")

        monkeypatch.setattr("os.fsync", fsync)

    return install


# Files


@pytest.mark.parametrize(("code", "named", "said"), FAULTS)
def test_a_blob_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, broken: Break, code: int, named: type[StoreUnusable], said: str
) -> None:
    (tmp_path / "users" / "ann").mkdir(parents=True)
    broken(code)
    with pytest.raises(named, match=said) as caught:
        FileBlobs(tmp_path).put(BLOB, b"picture")
    assert str(tmp_path) in str(caught.value)
    assert "ann" not in str(caught.value).replace(str(tmp_path), "")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_error_of_one_file_keeps_its_own_name(tmp_path: Path, broken: Break) -> None:
    """It may pass: it is tried again."""
    (tmp_path / "users" / "ann").mkdir(parents=True)
    broken(errno.EIO)
    with pytest.raises(OSError, match="as the system says it"):
        FileBlobs(tmp_path).put(BLOB, b"picture")


@pytest.mark.parametrize(("code", "named", "said"), FAULTS)
def test_a_document_that_cannot_be_written_stays_as_it_was(
    tmp_path: Path, broken: Break, code: int, named: type[StoreUnusable], said: str
) -> None:
    documents = FileDocuments(tmp_path)
    documents.write("ann", {"tops": ["old"]})
    broken(code)
    with pytest.raises(named, match=said):
        documents.write("ann", {"tops": ["new"]})
    assert documents.read("ann") == {"tops": ["old"]}
    assert [path.name for path in tmp_path.iterdir()] == ["ann.json"]


def test_a_whole_file_or_the_old_one(tmp_path: Path, broken: Break) -> None:
    write_whole(tmp_path / "a.json", b"old")
    broken(errno.ENOSPC)
    with pytest.raises(OSError, match="as the system says it"):
        write_whole(tmp_path / "a.json", b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.json": b"old"}


# The database


def event(message: str) -> LogEvent:
    return LogEvent("2026-11-20T12:00:00Z", None, None, "x", "x", EventKind.STARTED, "", None, None, message)


def limit(database: Database, spare: int) -> None:
    """A database that may grow by no more than `spare` pages: SQLite's own SQLITE_FULL."""
    (pages,) = database.connection().execute("PRAGMA page_count").fetchone()
    database.connection().execute(f"PRAGMA max_page_count = {pages + spare}").fetchone()


def unlimited(database: Database) -> None:
    database.connection().execute("PRAGMA max_page_count = 1000000").fetchone()


def test_a_full_database_keeps_nothing_of_the_transaction(database: Database) -> None:
    records = SqliteRecords(database)
    records.register([upload(UploadKind.USER, "ann"), upload(UploadKind.ITEM, "tee")])
    batch = [record(f"k{number:03}") for number in range(200)]
    limit(database, 3)
    with pytest.raises(DiskFull, match=f"no space was left for the database {database.path}"):
        records.publish(batch)
    assert records.find([one.input for one in batch]) == {}
    unlimited(database)
    assert set(records.publish(batch)) == {Publication.WON}


def test_a_full_log_keeps_nothing_of_the_batch(database: Database) -> None:
    log = SqliteEventLog(database)
    limit(database, 2)
    with pytest.raises(DiskFull):
        log.append([event("x" * 1000) for _ in range(100)])
    assert log.read() == []
    unlimited(database)
    log.append([event("there is space")])
    assert [one.message for _, one in log.read()] == ["there is space"]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process holds the database until the block ends."""
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); "
        "c.execute('BEGIN EXCLUSIVE'); print('locked', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
        try:
            yield
        finally:
            process.communicate()


def test_a_database_that_another_process_keeps_locked(database: Database) -> None:
    impatient = Database(database.path, busy_seconds=0.05)
    records = SqliteRecords(impatient)
    records.register([upload(UploadKind.USER, "ann"), upload(UploadKind.ITEM, "tee")])
    with locked(database.path):
        with pytest.raises(StoreLocked, match=r"another process .*fuser"):
            records.publish([record("a")])
        assert records.find([record("a").input]) == {}
        with pytest.raises(StoreLocked):
            Database(database.path, busy_seconds=0.05)
    assert records.publish([record("a")]) == [Publication.WON]
    impatient.close()


def test_a_database_that_may_only_be_read(database: Database) -> None:
    database.connection().execute("PRAGMA query_only = 1")
    with pytest.raises(ReadOnly, match="permission"):
        SqliteEventLog(database).append([event("x")])
    database.connection().execute("PRAGMA query_only = 0")
    assert SqliteEventLog(database).read() == []


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "fashion.sqlite"
    path.write_bytes(b"not a database " * 1000)
    with pytest.raises(StoreDamaged, match="restore it from a backup"):
        Database(path)


def test_a_damaged_page_is_named_when_it_is_met(tmp_path: Path) -> None:
    path = tmp_path / "fashion.sqlite"
    database = Database(path)
    database.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    schema = path.stat().st_size
    SqliteEventLog(database).append([event("x" * 500) for _ in range(100)])
    database.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    database.close()
    data = path.read_bytes()
    path.write_bytes(data[:schema] + b"\xff" * (len(data) - schema))
    again = Database(path)
    with pytest.raises(StoreDamaged):
        SqliteEventLog(again).append([event("one more")])
    again.close()


def test_a_folder_in_the_place_of_the_database(tmp_path: Path) -> None:
    (tmp_path / "fashion.sqlite").mkdir()
    with pytest.raises(StoreError, match="check the disk"):
        Database(tmp_path / "fashion.sqlite")


def test_a_wrong_statement_keeps_its_own_error(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        database.connection().execute("SELECT * FROM nowhere")
