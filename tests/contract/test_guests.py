"""Results of service calls in every store: kept, listed with their age, given out, and deleted when they are old."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.core.workshop import Workshop
from tests.peers.supabase_peer import SupabasePeer
from tryon.core.auditing.audit import audit
from tryon.core.encoding import Encoded
from tryon.core.guests import GuestKind, Guests
from tryon.core.ports import Blobs
from tryon.stores.supabase.blobs import SupabaseBlobs

MASK, CROP = Encoded(b"a mask", "webp", "image/webp"), Encoded(b"a crop", "png", "image/png")
DAY = timedelta(days=1)


@pytest.fixture
def paths(blobs: Blobs) -> list[str]:
    guests = Guests(blobs)
    return [guests.keep(GuestKind.CROPS, CROP), guests.keep(GuestKind.MASKS, MASK)]


def test_guests_are_read_back_and_have_an_address(blobs: Blobs, paths: list[str]) -> None:
    guests = Guests(blobs)
    for path, kind, made in zip(paths, GuestKind, (CROP, MASK), strict=True):
        assert guests.read(kind, path.rpartition("/")[2]) == made
        assert path in blobs.url(path)


def test_the_same_result_again_is_kept_once_and_is_young(blobs: Blobs, paths: list[str]) -> None:
    before = dict(blobs.ages("guests/"))
    assert Guests(blobs).keep(GuestKind.CROPS, CROP) == paths[0]
    after = dict(blobs.ages("guests/"))
    assert [*after] == [*before] == paths
    assert after[paths[0]] >= before[paths[0]]


@pytest.mark.parametrize(("later", "left"), [(29 * DAY, 2), (31 * DAY, 0)])
def test_an_audit_deletes_the_old_and_leaves_the_young(
    blobs: Blobs, paths: list[str], later: timedelta, left: int
) -> None:
    """Whatever lies beside them, and none is taken for a stranger's file or an orphan."""
    blobs.put("items/tee/README.txt", b"somebody's")
    found = audit(Workshop(blobs=blobs).open(), datetime.now(UTC) + later, repair=True)
    assert (found.guests, found.guests_due, found.deleted) == (2, 2 - left, 2 - left)
    assert (found.foreign, found.orphans, found.wrong) == (1, [], 0)
    assert len([*blobs.list("guests/")]) == left


def test_a_guests_address_in_supabase_works_for_as_long_as_the_guest_is_there(supabase: SupabasePeer) -> None:
    blobs = SupabaseBlobs(
        supabase.address, supabase.key, "fashion", signed_seconds=60, lasting={"guests/": 30 * 86400}
    )
    blobs.put("users/ann/1.png", b"picture")
    guest = Guests(blobs).keep(GuestKind.CROPS, CROP)
    for path, seconds in (("users/ann/1.png", 60), (guest, 30 * 86400)):
        blobs.url(path)
        assert json.loads(supabase.asked[-1].body) == {"expiresIn": str(seconds)}
