"""Digests that outlive the process, and how the uploads folder uses them: each photo is read once, and a photo that
was replaced is always read again."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from tests.contract.uploading import FolderSource
from tryon.core.uploads import UploadFile, UploadKind
from tryon.stores.digests import Digest, Digests, MemoryDigests, Stamp
from tryon.stores.folder_uploads import BATCH, SETTLED_NS, FolderUploads
from tryon.stores.sqlite.database import Database
from tryon.stores.sqlite.digests import SqliteDigests

USER, ITEM = UploadKind.USER, UploadKind.ITEM
CONSENT = b'{"consent": {"version": "2026-01", "at": "2026-11-01T09:00:00Z"}}'
TOP = b'{"categories": ["tops"]}'
LARGEST_INODE = 2**64 - 1


@pytest.fixture(params=["memory", "sqlite"])
def digests(request: pytest.FixtureRequest) -> Digests:
    return (
        MemoryDigests() if request.param == "memory" else SqliteDigests(request.getfixturevalue("database"))
    )


def digest(text: str, inode: int = 7) -> Digest:
    return Digest(Stamp(len(text), 1, 2, inode), sha256(text.encode()).hexdigest())


# The contract


def test_nothing_is_known_at_first(digests: Digests) -> None:
    assert digests.known() == {}


def test_what_was_remembered_is_known(digests: Digests) -> None:
    kept = {"users/ann.png": digest("ann"), "items/tee.png": digest("tee", LARGEST_INODE)}
    digests.remember(kept)
    assert digests.known() == kept


def test_a_newer_digest_replaces_the_older(digests: Digests) -> None:
    digests.remember({"users/ann.png": digest("ann")})
    digests.remember({"users/ann.png": digest("ann again")})
    assert digests.known() == {"users/ann.png": digest("ann again")}


def test_what_was_forgotten_is_gone(digests: Digests) -> None:
    digests.remember({"users/ann.png": digest("ann"), "users/bob.png": digest("bob")})
    digests.forget(["users/ann.png", "users/never.png"])
    assert digests.known() == {"users/bob.png": digest("bob")}


def test_no_byte_of_a_forgotten_digest_is_left_in_its_table(database: Database) -> None:
    SqliteDigests(database).remember({"users/ann.png": digest("ann")})
    SqliteDigests(database).forget(["users/ann.png"])
    database.close()
    with sqlite3.connect(database.path) as connection:
        assert digest("ann").sha256 not in "".join(connection.iterdump())
    connection.close()


# The uploads folder


class Spied(MemoryDigests):
    """`writes`: how many digests each call kept. `after_write`: where a test may kill the look."""

    def __init__(self, after_write: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.writes: list[int] = []
        self._after_write = after_write

    def remember(self, digests: Mapping[str, Digest]) -> None:
        super().remember(digests)
        self.writes.append(len(digests))
        self._after_write()


@pytest.fixture
def folder(tmp_path: Path) -> FolderSource:
    return FolderSource(tmp_path / "uploads")


def add(folder: FolderSource, kind: UploadKind, upload_id: str, photo: bytes = b"photo") -> Path:
    folder.photo(kind, upload_id, photo)
    folder.sidecar(kind, upload_id, CONSENT if kind is USER else TOP)
    return folder.place(kind, f"{upload_id}.png")


def later() -> int:
    """A clock that finds every file settled."""
    return 2**62


def look(folder: FolderSource, digests: Digests, clock: Callable[[], int] = later) -> tuple[UploadFile, ...]:
    """What a fresh process lists."""
    return FolderUploads(folder.uploads.root, digests, clock).list()[0]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the photos whose bytes were read."""
    found: list[str] = []
    read = Path.read_bytes

    def spy(path: Path) -> bytes:
        found.extend([path.name] if path.suffix != ".json" else [])
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", spy)
    return found


def test_a_photo_is_read_once_however_many_processes_look(
    folder: FolderSource, digests: Digests, reads: list[str]
) -> None:
    add(folder, USER, "ann")
    first, second = look(folder, digests), look(folder, digests)
    assert first == second
    assert reads == ["ann.png"]


def test_a_replaced_photo_of_the_same_size_and_time_is_noticed(
    folder: FolderSource, digests: Digests
) -> None:
    """As `cp --preserve` and a rename do: only the inode and ctime differ."""
    photo = add(folder, ITEM, "tee", b"one")
    look(folder, digests)
    stat = photo.stat()
    other = photo.with_name(".tee.part")
    other.write_bytes(b"two")
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    other.replace(photo)
    assert (photo.stat().st_size, photo.stat().st_mtime_ns) == (stat.st_size, stat.st_mtime_ns)
    (file,) = look(folder, digests)
    assert file.sha256 == sha256(b"two").hexdigest()


@pytest.mark.parametrize("changed", ["size", "mtime_ns", "ctime_ns", "inode"])
def test_every_part_of_the_stamp_counts(folder: FolderSource, digests: Digests, changed: str) -> None:
    add(folder, ITEM, "tee", b"one")
    look(folder, digests)
    ((path, known),) = digests.known().items()
    old = known.stamp._replace(**{changed: getattr(known.stamp, changed) + 1})
    digests.remember({path: Digest(old, "0" * 64)})
    assert [file.sha256 for file in look(folder, digests)] == [sha256(b"one").hexdigest()]


def test_a_photo_that_may_still_change_within_its_tick_is_not_kept(
    folder: FolderSource, digests: Digests, reads: list[str]
) -> None:
    stat = add(folder, ITEM, "tee").stat()
    assert len(look(folder, digests, lambda: stat.st_ctime_ns + SETTLED_NS)) == 1
    assert digests.known() == {}
    look(folder, digests, lambda: stat.st_ctime_ns + SETTLED_NS + 1)
    look(folder, digests)
    assert reads == ["tee.png", "tee.png"]


def test_the_digest_of_a_removed_photo_goes_with_the_next_look(
    folder: FolderSource, digests: Digests
) -> None:
    add(folder, USER, "ann")
    add(folder, USER, "bob")
    look(folder, digests)
    folder.remove(USER, "ann")
    look(folder, digests)
    assert list(digests.known()) == ["users/bob.png"]


def test_without_its_consent_the_digest_of_a_photo_is_not_kept(
    folder: FolderSource, digests: Digests
) -> None:
    add(folder, USER, "ann")
    look(folder, digests)
    folder.place(USER, "ann.json").unlink()
    look(folder, digests)
    assert digests.known() == {}


def test_a_photo_that_is_erased_while_others_are_hashed_is_not_remembered(folder: FolderSource) -> None:
    digests = Spied()
    paths = [add(folder, ITEM, f"i{number:03d}") for number in range(3)]

    looks = iter(range(len(paths)))

    def clock() -> int:
        """When the last photo is looked at, the first is gone."""
        if next(looks) == len(paths) - 1:
            paths[0].unlink()
        return later()

    look(folder, digests, clock)
    assert sorted(digests.known()) == ["items/i001.png", "items/i002.png"]


class Killed(BaseException):
    pass


def test_a_killed_look_goes_on_where_it_was(folder: FolderSource, reads: list[str]) -> None:
    def kill() -> None:
        raise Killed

    for number in range(BATCH + 10):
        add(folder, ITEM, f"i{number:03d}")
    digests = Spied(kill)
    with pytest.raises(Killed):
        look(folder, digests)
    assert len(reads) == BATCH
    again = MemoryDigests()
    again.remember(digests.known())
    assert len(look(folder, again)) == BATCH + 10
    assert len(reads) == BATCH + 10


def test_digests_are_written_in_batches(folder: FolderSource) -> None:
    digests = Spied()
    for number in range(BATCH + 1):
        add(folder, ITEM, f"i{number:03d}")
    look(folder, digests)
    look(folder, digests)
    assert digests.writes == [BATCH, 1]
