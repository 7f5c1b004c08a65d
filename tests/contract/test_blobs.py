"""Bytes under a path: written once, never changed, never outside the store."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from tryon.core.errors import BadInput, BlobMissing
from tryon.core.ports import Blobs
from tryon.stores.files import FileBlobs

PATH = "users/ann/0a1b.png"


def test_what_was_put_is_read_back(blobs: Blobs) -> None:
    assert blobs.put(PATH, b"\x00\xffpicture") is True
    assert blobs.get(PATH) == b"\x00\xffpicture"


def test_a_blob_is_never_changed(blobs: Blobs) -> None:
    blobs.put(PATH, b"first")
    assert blobs.put(PATH, b"second") is False
    assert blobs.get(PATH) == b"first"


def test_of_concurrent_writers_one_wins(blobs: Blobs) -> None:
    bodies = [bytes([n]) * 10_000 for n in range(16)]
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda body: blobs.put(PATH, body), bodies))
    assert won.count(True) == 1
    assert blobs.get(PATH) == bodies[won.index(True)]
    assert list(blobs.list("")) == [PATH]


def test_an_empty_blob_is_a_blob(blobs: Blobs) -> None:
    blobs.put(PATH, b"")
    assert (blobs.exists(PATH), blobs.get(PATH)) == (True, b"")


def test_a_missing_blob_is_named(blobs: Blobs) -> None:
    with pytest.raises(BlobMissing, match=PATH):
        blobs.get(PATH)


def test_it_knows_what_exists(blobs: Blobs) -> None:
    assert not blobs.exists(PATH)
    blobs.put(PATH, b"picture")
    assert blobs.exists(PATH)
    assert not blobs.exists("users/ann")


def test_blobs_are_listed_by_prefix(blobs: Blobs) -> None:
    for path in ("users/bob/2.png", "users/ann/1.png", "users/ann-lee/3.png", "items/tee/4.png"):
        blobs.put(path, b"picture")
    assert list(blobs.list("users/ann/")) == ["users/ann/1.png"]
    assert sorted(blobs.list("users/ann")) == ["users/ann-lee/3.png", "users/ann/1.png"]
    assert len(list(blobs.list(""))) == 4


def test_an_empty_store_lists_nothing(blobs: Blobs) -> None:
    assert list(blobs.list("")) == []


def test_a_blob_is_deleted_once(blobs: Blobs) -> None:
    blobs.put(PATH, b"picture")
    assert (blobs.delete(PATH), blobs.delete(PATH)) == (True, False)
    assert not blobs.exists(PATH)
    with pytest.raises(BlobMissing):
        blobs.get(PATH)


def test_a_deleted_path_can_be_written_again(blobs: Blobs) -> None:
    blobs.put(PATH, b"first")
    blobs.delete(PATH)
    assert blobs.put(PATH, b"second") is True
    assert blobs.get(PATH) == b"second"


@pytest.mark.parametrize("path", ["../out.png", "users/../../out.png", "/etc/out.png", "users/..", ""])
def test_a_path_cannot_leave_the_store(blobs: Blobs, path: str) -> None:
    for call in (lambda: blobs.put(path, b"x"), lambda: blobs.get(path), lambda: blobs.exists(path)):
        with pytest.raises(BadInput, match="leaves the store"):
            call()
    with pytest.raises(BadInput, match="leaves the store"):
        blobs.delete(path)


def test_a_blob_has_an_address(blobs: Blobs) -> None:
    blobs.put(PATH, b"picture")
    assert blobs.url(PATH).endswith(PATH)
    assert "://" in blobs.url(PATH)


def test_the_digest_is_that_of_the_stored_bytes(blobs: Blobs) -> None:
    blobs.put(PATH, b"picture" * 100_000)
    assert blobs.digest(PATH) == sha256(b"picture" * 100_000).hexdigest()
    with pytest.raises(BlobMissing):
        blobs.digest("users/ann/none.png")


def test_ages_tell_when_a_blob_was_last_put(blobs: Blobs) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    for path in ("users/bob/2.png", "users/ann/1.png", "items/tee/4.png"):
        blobs.put(path, b"picture")
    found = dict(blobs.ages("users/"))
    assert list(found) == ["users/ann/1.png", "users/bob/2.png"]
    assert all(before < age < before + timedelta(hours=1) for age in found.values())
    assert list(blobs.ages("nobody/")) == []


def test_what_was_judged_is_discarded_once(blobs: Blobs) -> None:
    blobs.put(PATH, b"picture")
    seen = dict(blobs.ages(""))[PATH]
    assert (blobs.discard(PATH, seen), blobs.discard(PATH, seen)) == (True, False)
    assert list(blobs.list("")) == []


def test_what_was_put_again_is_not_discarded(blobs: Blobs) -> None:
    blobs.put(PATH, b"picture")
    seen = dict(blobs.ages(""))[PATH] - timedelta(seconds=1)
    assert blobs.put(PATH, b"picture") is False
    assert blobs.discard(PATH, seen) is False
    assert blobs.get(PATH) == b"picture"


def test_nothing_stray_is_left_by_writers_that_ended(blobs: Blobs) -> None:
    blobs.put(PATH, b"picture")
    assert blobs.sweep(datetime.now(UTC) + timedelta(days=1), remove=True) == 0
    assert blobs.exists(PATH)


# Files only


def test_whoever_is_told_that_the_bytes_are_there_can_rely_on_it(tmp_path: Path) -> None:
    """Writers put one blob again and again while a collector, which judged it long ago, takes it away."""
    blobs = FileBlobs(tmp_path)
    long_ago = datetime.now(UTC) - timedelta(days=1)

    def collect(_: int) -> bool:
        return blobs.discard(PATH, long_ago)

    with ThreadPoolExecutor(4) as pool:
        puts = pool.map(lambda _: blobs.put(PATH, b"picture"), range(300))
        taken = pool.map(collect, range(300))
        assert (any(puts), any(taken)) == (True, False)
    assert list(blobs.list("")) == [PATH]
    assert not list(tmp_path.rglob("*.part"))


def test_an_old_blob_that_is_put_again_is_young(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    blobs.put(PATH, b"picture")
    os.utime(tmp_path / PATH, (1, 1))
    seen = datetime.fromtimestamp(1, UTC)
    blobs.put(PATH, b"picture")
    assert blobs.discard(PATH, seen) is False
    os.utime(tmp_path / PATH, (1, 1))
    assert blobs.discard(PATH, seen) is True


def test_old_strays_are_swept_and_young_ones_are_not(tmp_path: Path) -> None:
    blobs, now = FileBlobs(tmp_path), datetime.now(UTC)
    blobs.put(PATH, b"picture")
    stray = tmp_path / "users/ann/tmp123.part"
    stray.write_bytes(b"pic")
    assert blobs.sweep(now - timedelta(hours=1), remove=True) == 0
    assert blobs.sweep(now + timedelta(hours=1), remove=False) == 1
    assert stray.exists()
    assert blobs.sweep(now + timedelta(hours=1), remove=True) == 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["0a1b.png"]


def test_files_survive_reopening(tmp_path: Path) -> None:
    FileBlobs(tmp_path).put(PATH, b"picture")
    assert FileBlobs(tmp_path).get(PATH) == b"picture"


def test_a_stray_part_of_a_killed_writer_is_no_blob(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    blobs.put(PATH, b"picture")
    (tmp_path / "users/ann/tmp123.part").write_bytes(b"pic")
    assert list(blobs.list("")) == [PATH]


def test_every_new_folder_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a power cut takes a whole user away, though each file of theirs was synced."""
    synced: list[Path] = []
    monkeypatch.setattr("tryon.stores.files.sync_folder", synced.append)
    FileBlobs(tmp_path / "blobs").put(PATH, b"picture")
    root = tmp_path / "blobs"
    assert {tmp_path, root, root / "users", root / "users/ann"} <= set(synced)
