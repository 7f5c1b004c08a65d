"""The catalogue that is kept is the one of now, whoever changed it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.contract.verdicts import upload
from tests.core.samples import RELEASE, TUCKED
from tests.fakes import MemoryRecords
from tryon.core import closet
from tryon.core.closet import Closet
from tryon.core.uploads import Item, UploadKind, UploadRef
from tryon.stores.sqlite.database import Database
from tryon.stores.sqlite.records import SqliteRecords

ITEM = UploadKind.ITEM


def names(found: Closet) -> list[str]:
    return [item.id for item in found.under(RELEASE).items]


def test_it_is_kept_while_nothing_changes() -> None:
    records = MemoryRecords()
    records.register([upload(ITEM, "tee")])
    kept = Closet(records)
    assert kept.under(RELEASE) is kept.under(RELEASE)
    assert kept.under(TUCKED) is not kept.under(RELEASE)
    records.register([upload(UploadKind.USER, "ann")])
    assert names(kept) == ["tee"]


def test_another_process_changes_it(tmp_path: Path) -> None:
    """Each has its own connection; nobody tells anybody."""
    mine, theirs = (SqliteRecords(Database(tmp_path / "fashion.sqlite")) for _ in range(2))
    kept = Closet(mine)
    assert names(kept) == []
    theirs.register([upload(ITEM, "tee"), upload(ITEM, "hat")])
    assert names(kept) == ["tee", "hat"]
    theirs.suspend([(ITEM, "tee")], "2026-11-20T12:00:00Z")
    assert names(kept) == ["hat"]
    theirs.bury(UploadRef(ITEM, "hat", theirs.items()[0].ordinal), "2026-11-20T12:00:00Z")
    assert names(kept) == []


class Changing(MemoryRecords):
    """An item comes while the items are read."""

    def items(self) -> list[Item]:
        found = super().items()
        if len(found) == 1:
            self.register([upload(ITEM, "hat")])
        return found

    def items_mark(self) -> str:
        return str(len(self._uploads))


def test_what_changed_while_it_was_read_is_not_kept() -> None:
    records = Changing()
    records.register([upload(ITEM, "tee")])
    kept = Closet(records)
    assert names(kept) == ["tee"]
    assert names(kept) == ["tee", "hat"]


class Silent(MemoryRecords):
    """As Firestore: it cannot tell whether items changed."""

    def items_mark(self) -> None:
        return None


def test_a_store_that_cannot_tell_is_read_each_time() -> None:
    records = Silent()
    kept = Closet(records)
    assert names(kept) == []
    records.register([upload(ITEM, "tee")])
    assert names(kept) == ["tee"]
    assert kept.under(RELEASE) is not kept.under(RELEASE)


def test_a_very_large_matrix_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closet, "MOST_OUTFITS", 1)
    records = MemoryRecords()
    records.register([upload(ITEM, "tee"), upload(ITEM, "hat")])
    kept = Closet(records)
    assert kept.under(RELEASE) is not kept.under(RELEASE)
    assert names(kept) == ["tee", "hat"]


def test_a_release_is_found_once_it_is_confirmed() -> None:
    records = MemoryRecords()
    records.register([upload(UploadKind.USER, "ann")])
    kept = Closet(records)
    assert kept.release(RELEASE.id) is None
    records.confirm(RELEASE, ["ann"])
    assert kept.release(RELEASE.id) == RELEASE
    assert kept.release(RELEASE.id) is kept.release(RELEASE.id)


def test_readers_beside_a_writer_never_go_back(tmp_path: Path) -> None:
    """What one of them has seen, it sees again."""
    path, done = tmp_path / "fashion.sqlite", threading.Event()
    kept, seen = Closet(SqliteRecords(Database(path))), list[list[int]]()

    def read() -> None:
        mine: list[int] = []
        while not done.is_set():
            mine.append(len(names(kept)))
        seen.append([*mine, len(names(kept))])

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    writer = SqliteRecords(Database(path))
    for number in range(30):
        writer.register([upload(ITEM, f"item-{number}")])
    done.set()
    for reader in readers:
        reader.join()
    assert all(mine == sorted(mine) and mine[-1] == 30 for mine in seen)
    assert len(seen) == 3
