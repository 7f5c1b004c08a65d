"""A mask at an address: our own mask service's is read from the store, everybody else's is fetched."""

from __future__ import annotations

import asyncio

import pytest

from tests.fakes import MemoryBlobs
from tryon.core.encoding import Encoded
from tryon.core.errors import BlobCorrupted, UrlRejected
from tryon.core.guests import GuestKind, Guests
from tryon.services.tryon import MaskFiles

MASK = Encoded(b"\x89PNG mask", "png", "image/png")
ABSENT = f"guests/masks/{'0' * 64}.png"


class Net:
    """Everything is there, and what was asked is remembered."""

    def __init__(self) -> None:
        self.asked = list[str]()

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        return b"of the web"


@pytest.fixture
def guests() -> Guests:
    return Guests(MemoryBlobs())


def read(guests: Guests, net: Net, url: str) -> bytes:
    return asyncio.run(_read(guests, net, url))


async def _read(guests: Guests, net: Net, url: str) -> bytes:
    return await MaskFiles(guests, net)(url)


@pytest.mark.parametrize(
    "door",
    ["http://127.0.0.1:8002/", "https://masks.example.com/", "https://store.example/a/b/", "file:///data/"],
)
@pytest.mark.parametrize("rest", ["", "?token=a/b", "#part"])
def test_what_our_store_has_is_never_fetched(guests: Guests, door: str, rest: str) -> None:
    net, path = Net(), guests.keep(GuestKind.MASKS, MASK)
    assert (read(guests, net, f"{door}{path}{rest}"), net.asked) == (MASK.data, [])


@pytest.mark.parametrize(
    "url",
    [
        f"https://example.com/{ABSENT}",
        f"https://example.com/?{ABSENT}",
        f"https://example.com/#/{ABSENT}",
        f"https://example.com/{ABSENT}/more",
        f"https://example.com/{ABSENT.upper()}",
        "https://example.com/mask.png",
        "https://example.com/guests/masks/../users/ann.png",
    ],
)
def test_everything_else_is_fetched(guests: Guests, url: str) -> None:
    net = Net()
    assert (read(guests, net, url), net.asked) == (b"of the web", [url])


def test_a_crop_is_no_mask(guests: Guests) -> None:
    net = Net()
    url = f"https://example.com/{guests.keep(GuestKind.CROPS, MASK)}"
    assert (read(guests, net, url), net.asked) == (b"of the web", [url])


def test_a_mask_that_changed_in_the_store_is_told(guests: Guests) -> None:
    path = guests.keep(GuestKind.MASKS, MASK)
    assert isinstance(guests.blobs, MemoryBlobs)
    guests.blobs.files[path] = b"something else"
    with pytest.raises(BlobCorrupted):
        read(guests, Net(), f"http://127.0.0.1:8002/{path}")


def test_what_the_fetcher_refuses_is_refused(guests: Guests) -> None:
    def refusing(url: str) -> bytes:
        raise UrlRejected("port", "the address names another port than 80 and 443")

    with pytest.raises(UrlRejected):
        asyncio.run(_fetched(MaskFiles(guests, refusing), f"http://127.0.0.1:8002/{ABSENT}"))


async def _fetched(files: MaskFiles, url: str) -> bytes:
    return await files(url)
