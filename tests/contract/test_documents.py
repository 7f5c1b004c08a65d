"""The one mutable document of each user."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tryon.core.errors import InvalidId
from tryon.core.ports import Documents
from tryon.stores.files import FileDocuments

FACTS = {"userImageUrl": "https://example.org/ann.png", "tops": [{"id": "tee.tops"}], "Mask": {"Status": "é"}}


def test_a_document_is_read_as_it_was_written(documents: Documents) -> None:
    documents.write("ann", FACTS)
    assert documents.read("ann") == FACTS


def test_who_has_none_has_none(documents: Documents) -> None:
    assert documents.read("ann") is None


def test_a_document_is_replaced_as_a_whole(documents: Documents) -> None:
    documents.write("ann", FACTS)
    documents.write("ann", {"tops": []})
    assert documents.read("ann") == {"tops": []}


def test_documents_of_users_are_apart(documents: Documents) -> None:
    documents.write("ann", {"of": "ann"})
    documents.write("bob", {"of": "bob"})
    assert (documents.read("ann"), documents.read("bob")) == ({"of": "ann"}, {"of": "bob"})


def test_a_reader_never_sees_half_a_document(documents: Documents) -> None:
    versions = [{"version": n, "filler": [n] * 2000} for n in range(20)]
    documents.write("ann", versions[0])
    with ThreadPoolExecutor(3) as pool:
        writes = [pool.submit(documents.write, "ann", version) for version in versions]
        reads = [pool.submit(documents.read, "ann") for _ in range(40)]
    assert all(write.exception() is None for write in writes)
    assert all(read.result() in versions for read in reads)


@pytest.mark.parametrize("user", ["../ann", "Ann", "", "a/b"])
def test_an_illegal_id_has_no_document(documents: Documents, user: str) -> None:
    with pytest.raises(InvalidId):
        documents.write(user, FACTS)
    with pytest.raises(InvalidId):
        documents.read(user)


def test_a_value_that_is_no_json_leaves_the_old_document(documents: Documents) -> None:
    documents.write("ann", FACTS)
    with pytest.raises(TypeError):
        documents.write("ann", {"photo": b"bytes"})
    assert documents.read("ann") == FACTS


def test_a_sweep_leaves_the_documents(documents: Documents) -> None:
    documents.write("ann", FACTS)
    assert documents.sweep(datetime.now(UTC) + timedelta(days=1), remove=True) == 0
    assert documents.read("ann") == FACTS


def test_old_halves_of_killed_writers_are_swept_and_young_ones_are_not(tmp_path: Path) -> None:
    documents, now = FileDocuments(tmp_path), datetime.now(UTC)
    documents.write("ann", FACTS)
    half = tmp_path / ".ann.x1y2.part"
    half.write_text("{")
    assert documents.sweep(now - timedelta(hours=1), remove=True) == 0
    assert documents.sweep(now + timedelta(hours=1), remove=False) == 1
    assert half.exists()
    assert documents.sweep(now + timedelta(hours=1), remove=True) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["ann.json"]


def test_without_a_folder_there_is_nothing_to_sweep(tmp_path: Path) -> None:
    assert FileDocuments(tmp_path / "none").sweep(datetime.now(UTC), remove=True) == 0


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        FileDocuments(tmp_path).write("ann", {"photo": b"bytes"})
    assert list(tmp_path.iterdir()) == []
