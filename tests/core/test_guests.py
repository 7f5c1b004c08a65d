"""What service calls store: found again, never a record's, private, and gone after some days."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from tests.core.workshop import Workshop
from tests.fakes import MemoryBlobs
from tryon.core.auditing.audit import audit
from tryon.core.auditing.findings import Audit
from tryon.core.encoding import Encoded
from tryon.core.erasure.retention import Retention
from tryon.core.errors import BlobCorrupted, BlobMissing, StoreError
from tryon.core.guests import GuestKind, Guests, is_guest, named

CROP, MASK = Encoded(b"\x89PNG crop", "png", "image/png"), Encoded(b"RIFF mask", "webp", "image/webp")
DAY, MONTH = timedelta(days=1), timedelta(days=30)


def name_of(path: str) -> str:
    return path.rpartition("/")[2]


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def guests(blobs: MemoryBlobs) -> Guests:
    return Guests(blobs)


# Kept


def test_a_path_says_what_it_is_and_names_nobody(guests: Guests) -> None:
    assert guests.keep(GuestKind.CROPS, CROP) == f"guests/crops/{sha256(CROP.data).hexdigest()}.png"
    assert guests.keep(GuestKind.MASKS, MASK) == f"guests/masks/{sha256(MASK.data).hexdigest()}.webp"


def test_what_was_kept_is_read_back(guests: Guests) -> None:
    for kind, made in ((GuestKind.CROPS, CROP), (GuestKind.MASKS, MASK)):
        path = guests.keep(kind, made)
        assert is_guest(path)
        assert guests.read(kind, name_of(path)) == made


def test_its_address_is_the_stores_on_the_web_or_else_behind_the_services_door(guests: Guests) -> None:
    path, door = guests.keep(GuestKind.MASKS, MASK), "http://127.0.0.1:8002/"
    assert guests.address(path, door) == f"{door}{path}"
    assert Guests(OnTheWeb()).address(path, door) == f"https://store.example/{path}?until=1"


def test_an_address_names_a_guest_by_the_end_of_its_path_alone() -> None:
    name = f"{'0a' * 32}.png"
    for address in (f"http://h/guests/masks/{name}", f"https://h/x/guests/masks/{name}?a=/b#c"):
        assert named(GuestKind.MASKS, address) == name
        assert named(GuestKind.CROPS, address) is None
    for address in (f"https://h/?/guests/masks/{name}", f"https://h/guests/masks/{name}x", name, ""):
        assert named(GuestKind.MASKS, address) is None


def test_the_same_result_lies_once(guests: Guests, blobs: MemoryBlobs) -> None:
    assert guests.keep(GuestKind.CROPS, CROP) == guests.keep(GuestKind.CROPS, CROP)
    assert len(blobs.files) == 1


def test_damaged_bytes_are_not_served_and_the_next_call_mends_them(
    guests: Guests, blobs: MemoryBlobs
) -> None:
    path = guests.keep(GuestKind.CROPS, CROP)
    blobs.files[path] = b"something else"
    with pytest.raises(BlobCorrupted, match="changed"):
        guests.read(GuestKind.CROPS, name_of(path))
    assert guests.keep(GuestKind.CROPS, CROP) == path
    assert guests.read(GuestKind.CROPS, name_of(path)) == CROP


def test_a_store_that_cannot_hold_it_is_told() -> None:
    with pytest.raises(BlobCorrupted, match="reads back differently"):
        Guests(Stuck()).keep(GuestKind.CROPS, CROP)
    with pytest.raises(StoreError, match="does not take"):
        Guests(MemoryBlobs(fail_puts=1)).keep(GuestKind.CROPS, CROP)


class OnTheWeb(MemoryBlobs):
    def url(self, path: str) -> str:
        return f"https://store.example/{path}?until=1#{path}"


class Stuck(MemoryBlobs):
    """Whatever is written, other bytes are there already, and stay."""

    def put(self, path: str, data: bytes) -> bool:
        self.files[path] = b"other bytes"
        return False


@pytest.mark.parametrize(
    "name",
    ["", "x.png", f"{'0' * 64}.png", f"{'0' * 64}.svg", f"../masks/{'0' * 64}.png", "../../users/ann/a.png"],
)
def test_nothing_else_of_the_store_is_read_through_it(guests: Guests, blobs: MemoryBlobs, name: str) -> None:
    for path in ("guests/crops/x.png", f"guests/masks/{'0' * 64}.png", "users/ann/a.png"):
        blobs.files[path] = b"private"
    with pytest.raises(BlobMissing) as raised:
        guests.read(GuestKind.CROPS, name)
    assert "0" * 64 not in str(raised.value)


# Gone


def look(shop: Workshop, later: timedelta, repair: bool = True, days: int = 30) -> Audit:
    pipeline = replace(shop.open(), retention=Retention(guest_days=days))
    return audit(pipeline, datetime.now(UTC) + later, repair=repair)


@pytest.fixture
def shop(blobs: MemoryBlobs, guests: Guests) -> Workshop:
    """A catalogue that is made, and two guests."""
    shop = Workshop(blobs=blobs)
    shop.run()
    guests.keep(GuestKind.CROPS, CROP)
    guests.keep(GuestKind.MASKS, MASK)
    return shop


def left(blobs: MemoryBlobs) -> list[str]:
    return [path for path in blobs.files if is_guest(path)]


def test_a_young_guest_is_no_orphan(shop: Workshop, blobs: MemoryBlobs) -> None:
    found = look(shop, MONTH - DAY)
    assert (found.guests, found.guests_due, found.orphans, found.wrong, found.foreign) == (2, 0, [], 0, 0)
    assert len(left(blobs)) == 2


@pytest.mark.parametrize("working", [False, True])
def test_an_old_guest_is_deleted_whoever_works(shop: Workshop, blobs: MemoryBlobs, working: bool) -> None:
    before = {path for path in blobs.files if not is_guest(path)}
    if working:
        shop.records.claim(["some key"], "another:1", 10**7)
    found = look(shop, MONTH + DAY)
    assert (found.guests_due, found.deleted, found.orphans, found.wrong) == (2, 2, [], 0)
    assert {*blobs.files} == before


def test_an_audit_without_repair_only_counts_them(shop: Workshop, blobs: MemoryBlobs) -> None:
    found = look(shop, MONTH + DAY, repair=False)
    assert (found.guests_due, found.deleted, found.wrong) == (2, 0, 0)
    assert len(left(blobs)) == 2


def test_how_long_is_a_setting(shop: Workshop, blobs: MemoryBlobs) -> None:
    assert look(shop, 3 * DAY, days=4).guests_due == 0
    assert look(shop, 3 * DAY, days=2).guests_due == 2
    assert left(blobs) == []


def test_a_guest_that_is_made_again_while_an_audit_runs_stays(
    shop: Workshop, blobs: MemoryBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was just told its address can rely on it: they were put after this listing of old ones."""
    listed = {path: datetime.now(UTC) - MONTH - DAY for path in left(blobs)}
    whole = dict(blobs.ages(""))
    monkeypatch.setattr(blobs, "ages", lambda prefix: iter(sorted({**whole, **listed}.items())))
    found = look(shop, timedelta())
    assert (found.guests_due, found.deleted, len(left(blobs))) == (2, 0, 2)


def test_the_log_says_how_many_and_names_none(shop: Workshop, blobs: MemoryBlobs) -> None:
    paths = left(blobs)
    look(shop, MONTH + DAY)
    (event,) = [event for event in shop.log.events if event.step == "guests"]
    assert event.message == "2 results of service calls that were kept long enough: deleted"
    assert not any(path in str(event.facts()) for path in paths)


def test_guests_alone_do_not_make_a_store_look_mounted(shop: Workshop, blobs: MemoryBlobs) -> None:
    """A service wrote into the empty folder where the disk should be."""
    blobs.files = {path: data for path, data in blobs.files.items() if is_guest(path)}
    with pytest.raises(StoreError, match="is the disk mounted"):
        look(shop, timedelta())
    assert shop.records.history()


def test_a_store_of_guests_alone_is_fine_where_nothing_was_published(
    blobs: MemoryBlobs, guests: Guests
) -> None:
    guests.keep(GuestKind.CROPS, CROP)
    assert look(Workshop(blobs=blobs), MONTH + DAY).deleted == 1
    assert blobs.files == {}
