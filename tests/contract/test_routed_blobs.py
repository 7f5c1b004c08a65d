"""Two stores as one."""

from __future__ import annotations

import pytest

from tests.fakes import MemoryBlobs
from tryon.core.errors import StoreError
from tryon.stores.routed_blobs import RoutedBlobs

DIGEST = "0a1b" * 16
MASK = f"users/ann/{DIGEST}.png"
GUESTS = [f"guests/masks/{DIGEST}.png", f"guests/masks/{DIGEST}.webp"]
OTHERS = [
    f"guests/crops/{DIGEST}.png",
    f"users/ann/{DIGEST}.webp",
    f"users/ann/{DIGEST}.ply",
    f"items/tee/{DIGEST}.png",
    f"discarding/{MASK}.1-2",
]


@pytest.fixture
def masks() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def others() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def blobs(masks: MemoryBlobs, others: MemoryBlobs) -> RoutedBlobs:
    return RoutedBlobs({"masks": masks, "others": others})


def test_masks_go_to_their_store_and_everything_else_to_the_other(
    blobs: RoutedBlobs, masks: MemoryBlobs, others: MemoryBlobs
) -> None:
    for path in (*GUESTS, MASK, *OTHERS):
        assert blobs.put(path, path.encode()) is True
        assert blobs.get(path) == path.encode()
    assert list(masks.files) == [*GUESTS, MASK]
    assert list(others.files) == OTHERS


def test_a_users_blobs_follow_each_other(blobs: RoutedBlobs) -> None:
    """Each owner is audited once, with all that is theirs."""
    paths = [
        f"users/{user}/{DIGEST}.{kind}" for user in ("ann", "ann-lee", "bob") for kind in ("png", "webp")
    ]
    for path in paths:
        blobs.put(path, b"x")
    owners = [path.split("/")[1] for path, _ in blobs.ages("")]
    assert len(owners) == 6
    assert [owner for n, owner in enumerate(owners) if owners[n - 1] != owner] == ["ann-lee", "ann", "bob"]
    assert list(blobs.list("users/ann/")) == [path for path in paths if "/ann/" in path]


def test_a_store_that_lists_in_another_order_is_named(
    blobs: RoutedBlobs, masks: MemoryBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(masks, "list", lambda prefix: iter(["users/b/1.png", "users/a/1.png"]))
    with pytest.raises(StoreError, match="store of masks"):
        list(blobs.list(""))


def test_what_a_dead_process_left_is_deleted_wherever_it_lies(blobs: RoutedBlobs, masks: MemoryBlobs) -> None:
    left = f"discarding/{MASK}.1-2"
    masks.put(left, b"mask")
    assert blobs.delete(left) is True
    assert blobs.delete(left) is False
