"""Masks in Cloudinary: signatures, lost answers, limits, pages, and two processes at the same mask."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256

import httpx
import pytest
from pydantic import SecretStr

from tests.peers.cloudinary_peer import CLOUD, KEY, SECRET, CloudinaryPeer
from tests.peers.faulty import KINDS, Asked, Fault, Kind
from tryon.core.errors import StoreBusy, StoreUnusable
from tryon.stores.cloudinary.masks import CloudinaryMasks
from tryon.stores.patience import Patience

PATH = f"users/ann/{'0a1b' * 16}.png"
DATA = b"\x89PNG mask\x00\xff" * 300
QUICK = Patience(attempts=4, seconds=5.0, first_wait=0.01, longest_wait=0.02)


@pytest.fixture
def masks(cloudinary: CloudinaryPeer) -> CloudinaryMasks:
    return CloudinaryMasks(cloudinary.url, api=cloudinary.address, timeout=2.0, patience=QUICK)


def age(masks: CloudinaryMasks) -> datetime:
    return dict(masks.ages(""))[PATH]


# The wire


def test_masks_are_kept_for_whoever_signs(cloudinary: CloudinaryPeer, masks: CloudinaryMasks) -> None:
    """The peer verifies each signature and keeps authenticated assets only."""
    assert masks.put(PATH, DATA) is True
    assert cloudinary.assets[PATH].data == DATA
    bare = f"{cloudinary.address}/v1_1/{CLOUD}/raw/download?public_id={PATH}&type=authenticated&api_key={KEY}"
    assert httpx.get(bare).status_code == 401


def test_a_name_with_an_ampersand_is_signed(masks: CloudinaryMasks) -> None:
    """Without the escaping of version 2 a value could smuggle in a parameter."""
    assert masks.put("users/a&type=upload/1.png", DATA) is True
    assert masks.get("users/a&type=upload/1.png") == DATA


def test_a_mask_has_a_signed_delivery_address(masks: CloudinaryMasks) -> None:
    address = masks.url(PATH)
    assert re.fullmatch(
        rf"https://res\.cloudinary\.com/{CLOUD}/raw/authenticated/s--[\w-]{{8}}--/v1/{PATH}", address
    )
    other = masks.url(PATH.replace("ann", "bob"))
    assert re.findall(r"s--(.{8})--", address) != re.findall(r"s--(.{8})--", other)


def test_a_deleted_mask_leaves_the_delivery_network_too(
    cloudinary: CloudinaryPeer, masks: CloudinaryMasks
) -> None:
    masks.put(PATH, DATA)
    masks.delete(PATH)
    assert cloudinary.invalidated == [PATH]


def test_no_address_reaches_a_log(masks: CloudinaryMasks, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    masks.put(PATH, DATA)
    masks.get(PATH)
    assert PATH not in caplog.text


# Every network call lies once


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_that_fails_once_still_tells_the_truth(
    cloudinary: CloudinaryPeer, masks: CloudinaryMasks, kind: Kind
) -> None:
    cloudinary.plan(Fault(kind, 500, after=0.0))
    assert masks.put(PATH, DATA) is True
    calls: list[tuple[str, Callable[[], object], object]] = [
        ("GET", lambda: masks.get(PATH), DATA),
        ("GET", lambda: masks.digest(PATH), sha256(DATA).hexdigest()),
        ("GET", lambda: masks.exists(PATH), True),
        ("GET", lambda: list(masks.list("users/")), [PATH]),
        ("POST", lambda: masks.delete(PATH), True),
    ]
    for method, ask, answer in calls:
        cloudinary.plan(Fault(kind, 420, after=0.0, method=method))
        assert ask() == answer
        assert cloudinary.planned == 0
    assert cloudinary.assets == {}


def test_an_answer_that_only_looks_like_success_is_not_taken_for_it(
    cloudinary: CloudinaryPeer, masks: CloudinaryMasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK takes any JSON object without "error" for success, whatever the status."""
    cloudinary.plan(Fault("busy", 502))
    refusal = cloudinary.refusal(502)
    monkeypatch.setattr(cloudinary, "refusal", lambda status: type(refusal)(502, b"{}", refusal.headers))
    assert masks.put(PATH, DATA) is True
    assert cloudinary.assets[PATH].data == DATA


@pytest.mark.parametrize("status", [420, 429])
def test_a_rate_limit_is_obeyed_or_named(
    cloudinary: CloudinaryPeer, masks: CloudinaryMasks, status: int
) -> None:
    masks.put(PATH, DATA)
    cloudinary.plan(Fault("busy", status, after=0.03))
    assert list(masks.list("")) == [PATH]
    asked = len(cloudinary.asked)
    cloudinary.plan(Fault("busy", status, after=3600))
    with pytest.raises(StoreBusy, match=str(status)):
        list(masks.list(""))
    assert len(cloudinary.asked) == asked + 1


def test_patience_is_bounded(cloudinary: CloudinaryPeer, masks: CloudinaryMasks) -> None:
    cloudinary.plan(*[Fault("reset")] * 20)
    with pytest.raises(StoreBusy, match="cannot be reached"):
        masks.put(PATH, DATA)
    assert len(cloudinary.asked) == QUICK.attempts


def test_with_faults_everywhere_nothing_is_lost_or_doubled(cloudinary: CloudinaryPeer) -> None:
    patient = Patience(attempts=12, seconds=30.0, first_wait=0.001, longest_wait=0.01)
    masks = CloudinaryMasks(cloudinary.url, api=cloudinary.address, timeout=2.0, patience=patient)
    cloudinary.fault_rate = 0.2
    paths = [f"users/u{n % 3}/{n:064}.png" for n in range(30)]
    assert all(masks.put(path, path.encode()) for path in paths)
    assert list(masks.list("")) == sorted(paths)
    assert all(masks.get(path) == path.encode() for path in paths)


# What cannot work until somebody does something


def test_a_wrong_secret_is_named_and_not_retried(cloudinary: CloudinaryPeer) -> None:
    wrong = SecretStr(f"cloudinary://{KEY}:another-secret@{CLOUD}")
    masks = CloudinaryMasks(wrong, api=cloudinary.address, patience=QUICK)
    for ask in (lambda: masks.put(PATH, DATA), lambda: masks.get(PATH), lambda: list(masks.list(""))):
        with pytest.raises(StoreUnusable, match="check CLOUDINARY_URL") as raised:
            ask()
        assert "another-secret" not in str(raised.value)
        assert "ann" not in str(raised.value)
    assert len(cloudinary.asked) == 3


def test_a_wrong_clock_is_named(cloudinary: CloudinaryPeer, masks: CloudinaryMasks) -> None:
    cloudinary.ahead = 2 * 3600.0
    with pytest.raises(StoreUnusable, match="clock"):
        masks.put(PATH, DATA)


@pytest.mark.parametrize(
    "url", ["", "https://key:secret@cloud", "cloudinary://cloud", f"cloudinary://{KEY}:{SECRET}@"]
)
def test_an_address_that_is_none_is_named_without_its_secret(url: str) -> None:
    with pytest.raises(StoreUnusable, match="CLOUDINARY_URL") as raised:
        CloudinaryMasks(SecretStr(url))
    assert SECRET not in str(raised.value)


# Listings


def test_pages_neither_lose_nor_repeat_what_stays(cloudinary: CloudinaryPeer, masks: CloudinaryMasks) -> None:
    cloudinary.page_limit = 3
    stays = [f"users/ann/{n:064}.png" for n in range(10)]
    for path in stays:
        masks.put(path, DATA)
    other, new = CloudinaryMasks(cloudinary.url, api=cloudinary.address), iter(range(100, 120))

    def meanwhile(asked: Asked) -> None:
        if "resources" in asked.path and (n := next(new, None)) is not None:
            other.put(f"users/ann/{n:064}.png", DATA)
            other.put(stays[n % 10], DATA)

    cloudinary.before = meanwhile
    found = list(masks.list("users/ann/"))
    assert [path for path in found if path in stays] == stays
    assert len(found) == len(set(found))


# Two processes


def on(peer: CloudinaryPeer, part: str, do: Callable[[], object]) -> None:
    """Do it once, just before the next such request is carried out."""
    todo = [do]

    def before(asked: Asked) -> None:
        if part in asked.path and todo:
            todo.pop()()

    peer.before = before


@pytest.mark.parametrize("part", [f"/{PATH}", "raw/rename", "/discarding/"])
def test_what_is_put_again_while_it_is_discarded_stays(
    cloudinary: CloudinaryPeer, masks: CloudinaryMasks, part: str
) -> None:
    """Whichever of the discard's steps the other process gets in front of; all within one of Cloudinary's seconds."""
    masks.put(PATH, DATA)
    seen = age(masks)
    other = CloudinaryMasks(cloudinary.url, api=cloudinary.address)
    on(cloudinary, part, lambda: other.put(PATH, DATA))
    gone = masks.discard(PATH, seen)
    assert (list(cloudinary.assets), masks.get(PATH)) == ([PATH], DATA)
    assert gone is (part == "/discarding/")  # There the old one was gone already, and the other made it anew.


def test_a_rename_whose_answer_was_lost_goes_on(cloudinary: CloudinaryPeer, masks: CloudinaryMasks) -> None:
    masks.put(PATH, DATA)
    cloudinary.plan(Fault("lost", 0, path="rename"))
    assert masks.discard(PATH, age(masks)) is True
    assert cloudinary.assets == {}


class Died(BaseException):
    pass


@pytest.mark.parametrize("again", [False, True])
def test_a_discard_that_dies_loses_nothing(
    cloudinary: CloudinaryPeer, masks: CloudinaryMasks, again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise Died

    masks.put(PATH, DATA)
    dying = CloudinaryMasks(cloudinary.url, api=cloudinary.address)
    monkeypatch.setattr(dying._discarder, "_destroy", die)
    with pytest.raises(Died):
        dying.discard(PATH, age(masks))
    (left,) = masks.unfinished("users/ann/")
    assert (list(masks.list("")), masks.exists(PATH)) == ([], False)
    if again:
        assert masks.put(PATH, DATA) is True
    later = datetime.now(UTC) + timedelta(hours=1)
    assert masks.sweep(datetime.now(UTC) - timedelta(hours=1), remove=True) == 0
    assert (masks.sweep(later, remove=False), left in cloudinary.assets) == (1, True)
    assert masks.sweep(later, remove=True) == 1
    assert (list(cloudinary.assets), masks.get(PATH)) == ([PATH], DATA)


def test_an_erasure_takes_what_a_dead_discard_left(
    cloudinary: CloudinaryPeer, masks: CloudinaryMasks
) -> None:
    masks.put(f"discarding/{PATH}.1700000000-00", DATA)
    (left,) = masks.unfinished("users/ann/")
    assert list(masks.unfinished("users/bob/")) == []
    assert masks.delete(left) is True
    assert cloudinary.assets == {}


def test_the_peer_refuses_a_wrong_or_stale_signature(cloudinary: CloudinaryPeer) -> None:
    def asked(signature: str, timestamp: int) -> int:
        form = {"public_id": PATH, "type": "authenticated", "timestamp": str(timestamp), "api_key": KEY}
        files = {name: (None, value) for name, value in {**form, "signature": signature}.items()}
        return httpx.post(f"{cloudinary.address}/v1_1/{CLOUD}/raw/destroy", files=files).status_code

    def signed(timestamp: int) -> str:
        return sha1(f"public_id={PATH}&timestamp={timestamp}&type=authenticated{SECRET}".encode()).hexdigest()

    now = cloudinary.now()
    assert asked(signed(now), now) == 200
    assert asked(signed(now), now - 1) == 401
    assert asked(signed(now - 3601), now - 3601) == 400
