"""Whatever bytes come, the decoder gives pixels or says why not, and never anything else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from bench import hostile
from tryon.core.errors import ImageRejected
from tryon.core.images import UPLOADS, decode, decode_rgba

Decode = Callable[[bytes], object]


def outcome(data: bytes, read: Decode = decode) -> str:
    try:
        read(data)
    except ImageRejected as error:
        return error.code
    return "ok"


@pytest.mark.parametrize(
    ("name", "code"),
    {
        "png of 3.6 gigapixels": "too_many_pixels",
        "png of 2 gigapixels in one row": "too_many_pixels",
        "jpeg of 4 gigapixels": "too_many_pixels",
        "webp of 268 megapixels": "too_many_pixels",
        "gif of 4 gigapixels": "too_many_pixels",
        "bmp of 4 gigapixels": "too_many_pixels",
        "png with a packed text": "truncated",
        "png with a packed profile": "truncated",
        "png with more pixels than it says": "ok",
        "gif of many frames": "animated",
        "animation": "animated",
        "tiff that leads to itself": "truncated",
    }.items(),
)
def test_a_bomb_does_not_go_off(name: str, code: str) -> None:
    assert outcome(hostile.bombs()[name]) == code


def test_what_is_two_types_in_one_is_a_picture_only_where_it_begins_as_one() -> None:
    found = {name: outcome(data) for name, data in hostile.polyglots().items()}
    pictures = {name for name, code in found.items() if code == "ok"}
    assert pictures == {
        "jpeg and zip",
        "jpeg and html",
        "jpeg and pdf",
        "png and php",
        "webp and html",
        "png and jpeg",
    }


@pytest.mark.parametrize("name", hostile.strangers())
def test_another_type_is_no_picture(name: str) -> None:
    expected = {"empty": "empty", "heic": "heic"}.get(name, "unknown_format")
    assert outcome(hostile.strangers()[name]) == expected


@pytest.mark.parametrize("kind", hostile.KINDS)
def test_a_picture_without_its_end_is_no_picture(kind: str) -> None:
    """But for the last byte of a PNG, which belongs to a checksum after the pixels."""
    found = {name: outcome(data) for name, data in hostile.cut().items() if name.startswith(kind)}
    assert {name for name, code in found.items() if code == "ok"} <= {
        f"PNG cut at {len(hostile.real('PNG')) - 1}"
    }


@pytest.mark.parametrize("read", [decode, lambda data: decode_rgba(data, UPLOADS)], ids=["photo", "cut out"])
def test_ten_thousand_small_mutations(read: Decode) -> None:
    found = Counter(outcome(data, read) for data in hostile.mutations(10_000))
    assert found.total() == 10_000
    assert found["ok"] > 1000
    assert found["truncated"] > 1000


def test_mutations_are_the_same_every_time() -> None:
    assert list(hostile.mutations(50)) == list(hostile.mutations(50))
    assert list(hostile.mutations(50)) != list(hostile.mutations(50, seed=8))
