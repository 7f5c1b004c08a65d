"""Where people put their photos: what is listed, what is rejected with its reason, what is read."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest

from tests.contract.uploading import FolderSource, Source
from tryon.core.errors import BlobMissing, InvalidId
from tryon.core.uploads import Rejected, UploadFile, UploadKind

USER, ITEM = UploadKind.USER, UploadKind.ITEM
CONSENT = b'{"consent": {"version": "2026-01", "at": "2026-11-01T09:00:00Z"}}'
TOP = b'{"categories": ["tops"]}'


def add(source: Source, kind: UploadKind, upload_id: str, photo: bytes = b"photo") -> None:
    source.photo(kind, upload_id, photo)
    source.sidecar(kind, upload_id, CONSENT if kind is USER else TOP)


def accepted(source: Source) -> tuple[UploadFile, ...]:
    files, rejected = source.uploads.list()
    assert not rejected
    return files


def only_rejected(source: Source) -> Rejected:
    files, (rejected,) = source.uploads.list()
    assert not files
    return rejected


def test_an_empty_source_lists_nothing(source: Source) -> None:
    assert source.uploads.list() == ((), ())


def test_an_upload_is_listed_with_the_digest_of_its_photo(source: Source) -> None:
    add(source, USER, "ann", b"ann's photo")
    (file,) = accepted(source)
    assert (file.kind, file.id, file.sha256) == (USER, "ann", sha256(b"ann's photo").hexdigest())


def test_users_and_items_may_have_the_same_id(source: Source) -> None:
    add(source, USER, "ann")
    add(source, ITEM, "ann")
    assert {(file.kind, file.id) for file in accepted(source)} == {(USER, "ann"), (ITEM, "ann")}


def test_a_replaced_photo_has_another_digest(source: Source) -> None:
    add(source, ITEM, "tee", b"one")
    before = accepted(source)
    add(source, ITEM, "tee", b"two, another photo")
    (file,) = accepted(source)
    assert (file.id, file.sha256) == ("tee", sha256(b"two, another photo").hexdigest())
    assert (file,) != before


def test_a_removed_upload_is_gone(source: Source) -> None:
    add(source, ITEM, "tee")
    accepted(source)
    source.remove(ITEM, "tee")
    assert accepted(source) == ()
    with pytest.raises(BlobMissing, match="tee"):
        source.uploads.open(ITEM, "tee")


def test_a_photo_is_read_as_it_was_put(source: Source) -> None:
    add(source, USER, "ann", b"\x00\xffbytes")
    assert source.uploads.open(USER, "ann") == b"\x00\xffbytes"


def test_a_photo_that_was_never_there_is_missing(source: Source) -> None:
    with pytest.raises(BlobMissing, match="'bob'"):
        source.uploads.open(USER, "bob")


@pytest.mark.parametrize("name", ["../ann", "Ann", "a.b", ""])
def test_an_illegal_id_is_never_looked_up(source: Source, name: str) -> None:
    with pytest.raises(InvalidId):
        source.uploads.open(USER, name)
    with pytest.raises(InvalidId):
        source.uploads.url(USER, name)


def test_a_photo_has_an_address(source: Source) -> None:
    add(source, USER, "ann")
    assert "://" in source.uploads.url(USER, "ann")


@pytest.mark.parametrize("name", ["Ann", "a|b", "ann smith", "a.b"])
def test_an_illegal_id_is_rejected_with_the_rule(source: Source, name: str) -> None:
    source.photo(USER, name, b"photo")
    files, rejected = source.uploads.list()
    assert not files
    assert any(r.id == name and "[a-z0-9]" in r.reason for r in rejected)


def test_a_photo_without_a_sidecar_is_rejected(source: Source) -> None:
    source.photo(USER, "ann", b"photo")
    assert "ann.json" in only_rejected(source).reason


def test_a_sidecar_without_a_photo_is_rejected(source: Source) -> None:
    source.sidecar(USER, "ann", CONSENT)
    rejected = only_rejected(source)
    assert (rejected.id, "no photo" in rejected.reason) == ("ann", True)


@pytest.mark.parametrize(
    ("sidecar", "named"),
    [
        (b"{}", "consent"),
        (b"{", "Invalid JSON"),
        (b'{"consent": {"version": "\xe9", "at": "2026-11-01T09:00:00Z"}}', "the file"),
        (json.dumps({"consent": {"version": "1", "at": "2026-11-01T09:00:00"}}).encode("utf-16"), "the file"),
    ],
)
def test_a_wrong_sidecar_is_rejected_and_named(source: Source, sidecar: bytes, named: str) -> None:
    source.photo(USER, "ann", b"photo")
    source.sidecar(USER, "ann", sidecar)
    assert named in only_rejected(source).reason


def test_a_bad_upload_does_not_hide_the_others(source: Source) -> None:
    add(source, USER, "ann")
    source.photo(USER, "bob", b"photo")
    source.sidecar(USER, "bob", b"\xff\xfe")
    files, (rejected,) = source.uploads.list()
    assert ([file.id for file in files], rejected.id) == (["ann"], "bob")


# What only a folder of files can get wrong


@pytest.fixture
def folder(tmp_path: Path) -> FolderSource:
    return FolderSource(tmp_path / "uploads")


def test_the_oldest_upload_is_listed_first(folder: FolderSource) -> None:
    for age, name in enumerate(["zoe", "ann", "mia"]):
        add(folder, USER, name)
        os.utime(folder.place(USER, f"{name}.png"), (1_000 + age, 1_000 + age))
    assert [file.id for file in accepted(folder)] == ["zoe", "ann", "mia"]


def test_two_photos_of_one_user_are_both_rejected(folder: FolderSource) -> None:
    add(folder, USER, "ann")
    folder.place(USER, "ann.jpg").write_bytes(b"another")
    files, rejected = folder.uploads.list()
    assert not files
    assert all("ann.jpg, ann.png" in r.reason for r in rejected)


@pytest.mark.parametrize("suffix", ["heic", "svg", "txt"])
def test_a_type_that_is_no_photo_is_rejected_with_those_that_are(folder: FolderSource, suffix: str) -> None:
    folder.sidecar(USER, "ann", CONSENT)
    folder.place(USER, f"ann.{suffix}").write_bytes(b"photo")
    assert ".jpg" in only_rejected(folder).reason


def test_hidden_files_are_not_uploads(folder: FolderSource) -> None:
    folder.place(USER, ".DS_Store").write_bytes(b"finder")
    assert folder.uploads.list() == ((), ())


def test_the_suffix_may_be_upper_case(folder: FolderSource) -> None:
    folder.sidecar(USER, "ann", CONSENT)
    folder.place(USER, "ann.JPG").write_bytes(b"photo")
    assert [file.id for file in accepted(folder)] == ["ann"]
