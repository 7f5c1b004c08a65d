"""Blobs in Supabase Storage: lost answers, busy servers, wrong keys, pages, and two processes at the same blob."""

from __future__ import annotations

import logging
import threading
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import httpx
import pytest
from pydantic import SecretStr

from tests.peers.faulty import KINDS, Asked, Fault, Kind
from tests.peers.supabase_peer import SupabasePeer, key_of
from tryon.core.errors import BlobMissing, StoreBusy, StoreError, StoreUnusable
from tryon.stores.patience import Patience
from tryon.stores.supabase.blobs import SupabaseBlobs

PATH = "users/ann/0a1b.png"
DATA = b"\x00picture\xff" * 1000
QUICK = Patience(attempts=4, seconds=5.0, first_wait=0.01, longest_wait=0.02)


@pytest.fixture
def store(supabase: SupabasePeer) -> SupabaseBlobs:
    return SupabaseBlobs(supabase.address, supabase.key, "fashion", timeout=2.0, patience=QUICK)


def names(peer: SupabasePeer) -> list[str]:
    return sorted(peer.buckets["fashion"])


def age(store: SupabaseBlobs, path: str = PATH) -> datetime:
    return dict(store.ages(""))[path]


# Every network call lies once


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_that_fails_once_still_tells_the_truth(
    supabase: SupabasePeer, store: SupabaseBlobs, kind: Kind
) -> None:
    supabase.plan(Fault(kind, 500))
    assert store.put(PATH, DATA) is True
    calls: list[tuple[str, Callable[[], object], object]] = [
        ("GET", lambda: store.get(PATH), DATA),
        ("GET", lambda: store.digest(PATH), sha256(DATA).hexdigest()),
        ("GET", lambda: store.exists(PATH), True),
        ("POST", lambda: list(store.list("users/")), [PATH]),
        ("POST", lambda: httpx.get(store.url(PATH)).content, DATA),
        ("DELETE", lambda: store.delete(PATH), True),
    ]
    for method, ask, answer in calls:
        supabase.plan(Fault(kind, 500, method=method))
        assert ask() == answer
        assert supabase.planned == 0
    assert names(supabase) == []


def test_an_upload_whose_answer_was_lost_is_recognized(supabase: SupabasePeer, store: SupabaseBlobs) -> None:
    supabase.plan(Fault("lost", 0, method="POST"))
    assert store.put(PATH, DATA) is True
    assert supabase.buckets["fashion"][PATH].data == DATA


def test_a_busy_server_is_asked_again_when_it_says(supabase: SupabasePeer, store: SupabaseBlobs) -> None:
    supabase.plan(Fault("busy", 429, after=0.05), Fault("busy", 503, after=0.0))
    assert store.put(PATH, DATA) is True
    assert len(supabase.asked) == 3


def test_a_server_that_wants_too_long_a_rest_is_named_at_once(
    supabase: SupabasePeer, store: SupabaseBlobs
) -> None:
    supabase.plan(Fault("busy", 429, after=3600))
    with pytest.raises(StoreBusy, match="429"):
        store.put(PATH, DATA)
    assert len(supabase.asked) == 1


def test_patience_is_bounded(supabase: SupabasePeer, store: SupabaseBlobs) -> None:
    supabase.plan(*[Fault("reset")] * 20)
    with pytest.raises(StoreBusy, match="cannot be reached"):
        store.get(PATH)
    assert len(supabase.asked) == QUICK.attempts


def test_a_server_that_is_away_is_named(supabase: SupabasePeer) -> None:
    store = SupabaseBlobs("http://127.0.0.1:9", supabase.key, "fashion", patience=QUICK)
    with pytest.raises(StoreBusy, match="ConnectError"):
        store.exists(PATH)


def test_half_a_picture_is_never_taken_for_one(supabase: SupabasePeer, store: SupabaseBlobs) -> None:
    store.put(PATH, DATA)
    supabase.plan(*[Fault("truncated", method="GET")] * 20)
    for read in (store.get, store.digest):
        with pytest.raises(StoreBusy):
            read(PATH)


def test_with_faults_everywhere_nothing_is_lost_or_doubled(
    supabase: SupabasePeer,
) -> None:
    patient = Patience(attempts=12, seconds=30.0, first_wait=0.001, longest_wait=0.01)
    store = SupabaseBlobs(supabase.address, supabase.key, "fashion", timeout=2.0, patience=patient)
    supabase.fault_rate = 0.2
    paths = [f"users/u{n % 3}/{n:04}.png" for n in range(40)]
    for path in paths:
        assert store.put(path, path.encode()) is True
    assert list(store.list("")) == sorted(paths)
    assert all(store.get(path) == path.encode() for path in paths)


# What cannot work until somebody does something


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"key": SecretStr("")}, "not set"),
        ({"key": key_of("anon")}, "public key"),
        ({"key": SecretStr("sb_publishable_abc")}, "public key"),
        ({"key": SecretStr("sb_secret_wrong")}, "refuses the key"),
        ({"bucket": "no-such"}, "no bucket 'no-such'"),
        ({"url": "example.com"}, "no http or https address"),
    ],
)
def test_a_wrong_setting_is_named_and_not_retried(
    supabase: SupabasePeer, change: dict[str, object], said: str
) -> None:
    settings = {"url": supabase.address, "key": supabase.key, "bucket": "fashion", **change}
    store = SupabaseBlobs(**settings, patience=QUICK)  # type: ignore[arg-type]
    for ask in (lambda: store.put(PATH, DATA), lambda: list(store.list("")), lambda: store.delete(PATH)):
        with pytest.raises(StoreUnusable, match=said) as raised:
            ask()
        key = settings["key"]
        assert isinstance(key, SecretStr)
        assert not key.get_secret_value() or key.get_secret_value() not in str(raised.value)
    assert len(supabase.asked) <= 3


def test_another_server_is_not_taken_for_an_empty_store(supabase: SupabasePeer) -> None:
    store = SupabaseBlobs(supabase.address, supabase.key, "fashion", patience=QUICK)
    supabase.plan(Fault("busy", 404))
    with pytest.raises(StoreUnusable, match="no Supabase Storage"):
        store.exists(PATH)


def test_a_file_above_the_buckets_limit_is_named(supabase: SupabasePeer, store: SupabaseBlobs) -> None:
    supabase.most = 10
    with pytest.raises(StoreUnusable, match="file size limit"):
        store.put(PATH, DATA)


def test_a_name_that_the_server_does_not_take_stays_out_of_the_message(store: SupabaseBlobs) -> None:
    with pytest.raises(StoreError, match="InvalidKey") as raised:
        store.put("users/ann/[1].png", DATA)
    assert "ann" not in str(raised.value)


# Addresses


def test_an_address_works_for_a_while(supabase: SupabasePeer) -> None:
    store = SupabaseBlobs(supabase.address, supabase.key, "fashion", signed_seconds=60)
    store.put(PATH, DATA)
    address = store.url(PATH)
    assert httpx.get(address).content == DATA
    supabase.ahead = timedelta(seconds=62)
    assert httpx.get(address).json()["statusCode"] == "400"


def test_an_address_shows_nothing_else(supabase: SupabasePeer, store: SupabaseBlobs) -> None:
    store.put(PATH, DATA)
    store.put("users/bob/1.png", DATA)
    other = store.url(PATH).replace("users/ann/0a1b.png?", "users/bob/1.png?")
    assert httpx.get(other).json()["error"] == "InvalidSignature"
    assert httpx.get(f"{supabase.address}/storage/v1/object/fashion/{PATH}").status_code == 400


def test_what_is_not_there_has_no_address(store: SupabaseBlobs) -> None:
    with pytest.raises(BlobMissing, match=PATH):
        store.url(PATH)


def test_no_address_reaches_a_log(store: SupabaseBlobs, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    store.put(PATH, DATA)
    store.get(PATH)
    assert PATH not in caplog.text


# Listings


def test_pages_neither_lose_nor_repeat_what_stays(supabase: SupabasePeer, store: SupabaseBlobs) -> None:
    """While it is listed, entries before, at and behind the page's end appear and vanish."""
    supabase.page_limit = 3
    stays = [f"users/ann/{n:02}.png" for n in range(0, 20, 2)]
    for path in stays:
        supabase.lay("fashion", path, b"x")
    comes = iter(range(1, 20, 2))

    def meanwhile(asked: Asked) -> None:
        if "list" in asked.path and (n := next(comes, None)) is not None:
            supabase.lay("fashion", f"users/ann/{n:02}.png", b"y")
            supabase.buckets["fashion"].pop(f"users/ann/{n - 4:02}.png", None)

    supabase.before = meanwhile
    found = list(store.list("users/ann/"))
    assert [path for path in found if path in stays] == stays
    assert len(found) == len(set(found))


def test_a_prefix_is_meant_as_it_is_written(supabase: SupabasePeer, store: SupabaseBlobs) -> None:
    for path in ("users/a_b/1.png", "users/axb/1.png"):
        store.put(path, DATA)
    assert list(store.list("users/a_b/")) == ["users/a_b/1.png"]
    assert store.discard("users/a_b/1.png", age(store, "users/a_b/1.png")) is True
    assert names(supabase) == ["users/axb/1.png"]


def test_a_digest_needs_little_memory(supabase: SupabasePeer, store: SupabaseBlobs) -> None:
    data = bytes(16 * 1024 * 1024)
    supabase.lay("fashion", PATH, data)
    store.exists(PATH)
    tracemalloc.start()
    try:
        assert store.digest(PATH) == sha256(data).hexdigest()
        assert tracemalloc.get_traced_memory()[1] < len(data) / 4
    finally:
        tracemalloc.stop()


# Two processes


def on(peer: SupabasePeer, method: str, part: str, do: Callable[[], object]) -> None:
    """Do it once, just before the next such request is carried out."""
    done = threading.Event()

    def before(asked: Asked) -> None:
        if asked.method == method and part in asked.path and not done.is_set():
            done.set()
            do()

    peer.before = before


@pytest.mark.parametrize(
    ("method", "part"), [("POST", "/object/list-v2"), ("POST", "/object/copy"), ("DELETE", "/object/fashion")]
)
def test_what_is_put_again_while_it_is_discarded_stays(
    supabase: SupabasePeer, store: SupabaseBlobs, method: str, part: str
) -> None:
    """Whichever of the discard's steps the other process gets in front of."""
    store.put(PATH, DATA)
    seen = age(store)
    other = SupabaseBlobs(supabase.address, supabase.key, "fashion")
    supabase.ahead = timedelta(seconds=1)
    on(supabase, method, part, lambda: other.put(PATH, DATA))
    assert store.discard(PATH, seen) is False
    assert names(supabase) == [PATH]
    assert store.get(PATH) == DATA


def test_what_is_put_anew_while_it_is_brought_back_stays(
    supabase: SupabasePeer, store: SupabaseBlobs
) -> None:
    store.put(PATH, DATA)
    seen = age(store)
    supabase.plan(Fault("lost", method="DELETE"))
    other = SupabaseBlobs(supabase.address, supabase.key, "fashion")
    on(supabase, "POST", "/object/move", lambda: other.put(PATH, DATA))
    assert store.discard(PATH, seen) is False
    assert names(supabase) == [PATH]


def test_a_removal_without_an_answer_is_taken_back(supabase: SupabasePeer, store: SupabaseBlobs) -> None:
    """It may have removed what another process had put again."""
    store.put(PATH, DATA)
    seen = age(store)
    supabase.plan(Fault("lost", 0, method="DELETE"))
    assert store.discard(PATH, seen) is False
    assert (names(supabase), store.get(PATH)) == ([PATH], DATA)


class Died(BaseException):
    pass


def die() -> None:
    raise Died


@pytest.mark.parametrize("again", [False, True])
def test_a_discard_that_dies_loses_nothing(supabase: SupabasePeer, store: SupabaseBlobs, again: bool) -> None:
    """Between the removal and the return of what was put again; and the blob may have been put anew since."""
    store.put(PATH, DATA)
    supabase.ahead = timedelta(seconds=1)
    dying = SupabaseBlobs(supabase.address, supabase.key, "fashion")
    on(supabase, "DELETE", "/object/fashion", lambda: store.put(PATH, DATA))
    dying._discarder.put_back = lambda aside: die()  # type: ignore[method-assign]
    with pytest.raises(Died):
        dying.discard(PATH, age(store))
    (left,) = store.unfinished("users/ann/")
    assert (list(store.list("")), store.exists(PATH)) == ([], False)
    if again:
        assert store.put(PATH, DATA) is True
    later = supabase.now() + timedelta(hours=1)
    assert store.sweep(supabase.now() - timedelta(hours=1), remove=True) == 0
    assert store.sweep(later, remove=False) == 1
    assert left in names(supabase)
    assert store.sweep(later, remove=True) == 1
    assert (names(supabase), store.get(PATH)) == ([PATH], DATA)


def test_an_erasure_takes_what_a_dead_discard_left(supabase: SupabasePeer, store: SupabaseBlobs) -> None:
    supabase.lay("fashion", f"discarding/{PATH}.0123456789abcdef", DATA)
    (left,) = store.unfinished("users/ann/")
    assert list(store.unfinished("users/bob/")) == []
    assert store.delete(left) is True
    assert store.sweep(datetime.now(UTC) + timedelta(hours=1), remove=True) == 0


def test_whoever_is_told_that_the_bytes_are_there_can_rely_on_it(supabase: SupabasePeer) -> None:
    """Writers put one blob again and again while collectors judge it and take it away."""

    def work(n: int) -> None:
        store = SupabaseBlobs(supabase.address, supabase.key, "fashion")
        for _ in range(12):
            for seen in [at for _, at in store.ages("")] if n % 2 else []:
                store.discard(PATH, seen)
            if not n % 2:
                store.put(PATH, DATA)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    store = SupabaseBlobs(supabase.address, supabase.key, "fashion")
    store.put(PATH, DATA)
    assert names(supabase) == [PATH]
