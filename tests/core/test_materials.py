"""Inputs of a stage: read by key, compared with their record, decoded once."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pytest

from bench.null_engines import figure
from tests.contract.verdicts import record
from tests.fakes import MemoryBlobs, MemoryRecords, MemoryUploads
from tryon.core.body import pack_body
from tryon.core.encoding import encode_png
from tryon.core.errors import BlobCorrupted, BlobMissing, ImageRejected, InputMissing
from tryon.core.materials import InputRefused, Materials
from tryon.core.ports import Pixels
from tryon.core.recipes import Input
from tryon.core.records import BlobFacts, Record
from tryon.core.uploads import Item, UploadKind, User
from tryon.core.words import Category, Refused

RED = np.full((96, 80, 3), (220, 30, 30), np.uint8)
CROP = np.dstack([RED, np.full(RED.shape[:2], 255, np.uint8)])
MASK = np.where(np.arange(96)[:, None] < 48, 255, 0).repeat(80, 1).astype(np.uint8)


def png(pixels: Pixels) -> bytes:
    return encode_png(np.ascontiguousarray(pixels)).data


class Room:
    def __init__(self, *, fail_opens: int = 0) -> None:
        self.uploads = MemoryUploads(fail_opens=fail_opens)
        self.blobs, self.records = MemoryBlobs(), MemoryRecords()
        self.materials = Materials(self.uploads, self.blobs, self.records)

    def photo(self, name: str, data: bytes, kind: UploadKind = UploadKind.USER) -> User:
        self.uploads.photos[kind, name] = data
        return User(1, name, sha256(data).hexdigest())

    def store(self, key: str, data: bytes, generation: int = 1) -> Record:
        """A published product with these bytes."""
        facts = BlobFacts(sha256(data).hexdigest(), "png", len(data))
        made = record(key, generation, result=facts, uploads=())
        self.blobs.put(made.path, data)
        self.records.publish([made])
        return made


def test_a_photo_is_decoded_once() -> None:
    room = Room()
    ann = room.photo("ann", png(RED))
    first = room.materials.photo(ann)
    room.uploads.photos.clear()
    assert room.materials.photo(ann) is first
    np.testing.assert_array_equal(first.pixels, RED)


def test_an_items_photo_is_not_a_users() -> None:
    room = Room()
    room.photo("tee", png(CROP[..., :3]), UploadKind.ITEM)
    tee = Item(1, "tee", sha256(png(RED)).hexdigest(), (Category.TOPS,))
    np.testing.assert_array_equal(room.materials.photo(tee).pixels, RED)
    with pytest.raises(InputMissing, match="taken away"):
        Room().materials.photo(tee)


def test_a_photo_that_was_replaced_is_not_used() -> None:
    room = Room()
    ann = room.photo("ann", png(RED))
    room.photo("ann", png(255 - RED))
    with pytest.raises(InputMissing, match="'ann' was replaced"):
        room.materials.photo(ann)


def test_a_photo_that_is_no_picture_is_rejected() -> None:
    room = Room()
    with pytest.raises(ImageRejected) as caught:
        room.materials.photo(room.photo("ann", b"no picture"))
    assert caught.value.code == "unknown_format"


def test_a_failed_read_is_not_remembered() -> None:
    room = Room(fail_opens=1)
    ann = room.photo("ann", png(RED))
    with pytest.raises(Exception, match="do not answer"):
        room.materials.photo(ann)
    assert room.materials.photo(ann).pixels.shape == RED.shape


def test_each_input_is_decoded_as_what_it_is() -> None:
    room = Room()
    body = figure(80, 96)
    files = {"crop": png(CROP), "mask": png(MASK), "look": png(RED), "body": pack_body(body)}
    for key, data in files.items():
        room.store(key, data)
    np.testing.assert_array_equal(room.materials.garment(Input("crop", 1)), CROP)
    np.testing.assert_array_equal(room.materials.mask(Input("mask", 1)), MASK)
    np.testing.assert_array_equal(room.materials.image(Input("look", 1)), RED)
    np.testing.assert_array_equal(room.materials.body(Input("body", 1)).labels, body.labels)


def test_neighbours_share_the_decoded_array() -> None:
    room = Room()
    room.store("crop", png(CROP))
    assert room.materials.garment(Input("crop", 1)) is room.materials.garment(Input("crop", 1))


def test_an_input_that_is_not_made_yet_is_missing() -> None:
    with pytest.raises(InputMissing, match=r"garment crop .*`fashion pregenerate`"):
        Room().materials.garment(Input("crop", 1))


def test_an_older_generation_is_not_used() -> None:
    room = Room()
    room.store("crop", png(CROP))
    with pytest.raises(InputMissing):
        room.materials.garment(Input("crop", 2))


def test_a_refused_input_says_why() -> None:
    room = Room()
    room.records.publish([record("mask", result=Refused("no_legs", "it ends at the waist"), uploads=())])
    with pytest.raises(InputRefused) as caught:
        room.materials.mask(Input("mask", 1))
    assert caught.value.refused == Refused("input_refused", "tee.tops: it ends at the waist")


def test_a_blob_that_changed_on_disk_is_not_used() -> None:
    room = Room()
    made = room.store("crop", png(CROP))
    room.blobs.files[made.path] = png(255 - CROP)
    with pytest.raises(BlobCorrupted, match="changed on disk"):
        room.materials.garment(Input("crop", 1))


def test_a_blob_that_is_gone_is_missing() -> None:
    room = Room()
    room.blobs.delete(room.store("crop", png(CROP)).path)
    with pytest.raises(BlobMissing):
        room.materials.garment(Input("crop", 1))


def test_exactly_the_generation_of_the_recipe_is_used() -> None:
    """Else the recipe would name an input that the picture was not made from."""
    room = Room()
    room.store("mask", png(MASK), 2)
    with pytest.raises(InputMissing):
        room.materials.mask(Input("mask", 1))
    assert room.materials.mask(Input("mask", 2)).shape == MASK.shape


def test_what_is_derived_is_made_once_a_generation() -> None:
    materials, made = Room().materials, list[int]()

    def make() -> int:
        made.append(len(made))
        return len(made)

    found = [materials.derived("region", Input("mask", n), make) for n in (1, 1, 2, 1)]
    assert found == [1, 1, 2, 1]
    assert materials.derived("person", Input("mask", 1), make) == 3


def test_kept_inputs_are_bounded_by_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least recently used one goes first; memory does not grow with the catalogue."""
    monkeypatch.setattr("tryon.core.materials.KEPT_BYTES", 3000)
    materials = Materials(MemoryUploads(), MemoryBlobs(), MemoryRecords())
    made: list[int] = []

    def get(n: int) -> None:
        def make() -> Pixels:
            made.append(n)
            return np.zeros(1000, np.uint8)

        materials.derived("region", Input(str(n), 1), make)

    for n in (0, 1, 2, 0, 3, 0, 1):
        get(n)
    assert made == [0, 1, 2, 3, 1]
