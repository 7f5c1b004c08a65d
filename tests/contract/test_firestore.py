"""What only Firestore can do to us: answers that get lost, outages, refusals, and many writers at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from uuid import uuid4

import grpc
import pytest

from tests.contract.test_records_change import FAILED
from tests.contract.verdicts import ANN, TEE, record, upload
from tests.core.samples import RELEASE
from tests.peers.firestore_emulator import Emulator
from tests.peers.firestore_proxy import Wire, wire_to
from tests.peers.firestore_refusing import refusing
from tryon.core.budget import Caps
from tryon.core.errors import StoreAway, StoreDamaged, StoreError, StoreUnusable
from tryon.core.records import History, Publication
from tryon.core.uploads import Registered, UploadKind, UploadRef
from tryon.stores.firestore.base import PRODUCTS
from tryon.stores.firestore.client import Firestore
from tryon.stores.firestore.documents import FirestoreDocuments
from tryon.stores.firestore.places import place
from tryon.stores.firestore.records import FirestoreRecords

USER, ITEM = UploadKind.USER, UploadKind.ITEM
NOW, DAY = "2026-11-21T12:00:00.000000Z", "2026-11-21"


@pytest.fixture
def wire(firestore_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    with wire_to(firestore_emulator.host) as wire:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", wire.host)
        yield wire


@contextmanager
def records_of(project: str, seconds: float = 30.0) -> Iterator[FirestoreRecords]:
    with closing(FirestoreRecords(Firestore(project, seconds=seconds, call_seconds=5.0))) as records:
        yield records


# Answers that get lost: Firestore did it, and we never heard


def published(records: FirestoreRecords) -> object:
    return records.publish([record("a", seconds=2.0), record("b", seconds=1.0), record("a", token="later")])


def after_publishing(records: FirestoreRecords) -> object:
    return list(records.history().values()), records.owners()


def failed(records: FirestoreRecords) -> object:
    records.fail([FAILED, FAILED])
    return None


def registered(records: FirestoreRecords) -> object:
    return records.register([upload(ITEM, "hat"), upload(ITEM, "tee", "new"), upload(USER, "ann")])


def buried(records: FirestoreRecords) -> object:
    return records.bury_unregistered(ITEM, "bad", NOW)


def booked(records: FirestoreRecords) -> object:
    return records.book("run", DAY, 2.0, Caps(run=3.0))


def claimed(records: FirestoreRecords) -> object:
    return records.claim(["a", "b"], "me", 60)


def confirmed(records: FirestoreRecords) -> object:
    records.confirm(RELEASE, ["ann"])
    return None


WON, LOST = Publication.WON, Publication.LOST
CASES: list[tuple[Callable[[FirestoreRecords], object], object, Callable[[FirestoreRecords], object], object]]
CASES = [
    (published, [WON, WON, LOST], after_publishing, ([History(2, 3.0, 0.0)], ["ann"])),
    (failed, None, lambda r: [one.failures for one in r.attempts()], [2]),
    (
        registered,
        Registered(new_items=("hat",), changed_items=("tee",)),
        lambda r: [i.ordinal for i in r.items()],
        [2, 3],
    ),
    (buried, UploadRef(ITEM, "bad", 3), lambda r: [stone.ref.ordinal for stone in r.tombstones()], [3]),
    (booked, 1, lambda r: r.spent("run", DAY).catalogue, 2.0),
    (claimed, {"a", "b"}, lambda r: len(r.leases()), 2),
    (confirmed, None, lambda r: ([one.target for one in r.users()], len(r.releases())), ([RELEASE.id], 1)),
]


@pytest.mark.parametrize(("call", "answer", "look", "seen"), CASES, ids=[case[0].__name__ for case in CASES])
def test_whichever_answer_is_lost_it_is_done_once(
    wire: Wire,
    call: Callable[[FirestoreRecords], object],
    answer: object,
    look: Callable[[FirestoreRecords], object],
    seen: object,
) -> None:
    """The first, the second ... until a call ends before the answer that would be lost."""
    number, lost = 0, -1
    while wire.lost > lost:
        number, lost = number + 1, wire.lost
        with records_of(f"lost-{uuid4().hex[:8]}") as records:
            records.register([upload(USER, "ann"), upload(ITEM, "tee")])
            wire.lose_answer(number)
            assert call(records) == answer
            wire.lose_answer(0)
            assert look(records) == seen
    assert number > 2


# Outages and refusals


def test_an_outage_ends_in_a_named_error_and_what_comes_after_it_works(wire: Wire) -> None:
    with records_of(f"away-{uuid4().hex[:8]}", seconds=0.5) as records:
        records.register([upload(USER, "ann"), upload(ITEM, "tee")])
        wire.go_away()
        with pytest.raises(StoreAway, match=r"Firestore took no call for 0\.5 s"):
            records.publish([record("a")])
    wire.come_back()
    with records_of(records._store.project) as again:
        assert again.publish([record("a")]) == [Publication.WON]


@pytest.mark.parametrize(
    ("code", "named", "said"),
    [
        (grpc.StatusCode.PERMISSION_DENIED, StoreUnusable, "roles/datastore.user"),
        (grpc.StatusCode.UNAUTHENTICATED, StoreUnusable, "GOOGLE_APPLICATION_CREDENTIALS"),
        (grpc.StatusCode.NOT_FOUND, StoreUnusable, "no such Firestore database"),
        (grpc.StatusCode.FAILED_PRECONDITION, StoreUnusable, "firestore.indexes.json"),
        (grpc.StatusCode.INVALID_ARGUMENT, StoreError, "rejected a request"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, StoreAway, "took no call for 0.2 s"),
        (grpc.StatusCode.INTERNAL, StoreAway, "took no call"),
    ],
)
def test_every_refusal_has_a_name(
    code: grpc.StatusCode, named: type[StoreError], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with refusing(code) as peer:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", peer.host)
        with records_of("refused", seconds=0.2) as records, pytest.raises(named, match=said) as caught:
            records.users()
    assert type(caught.value) is named
    assert (peer.calls > 1) == (named is StoreAway)


def test_missing_credentials_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")
    with (
        records_of("none") as records,
        pytest.raises(StoreUnusable, match="GOOGLE_APPLICATION_CREDENTIALS"),
    ):
        records.users()
    with closing(FirestoreDocuments(Firestore("none"))) as documents, pytest.raises(StoreUnusable):
        documents.write("ann", {})


def test_a_document_of_another_schema_is_told(firestore: Firestore) -> None:
    firestore._connection.client.collection(PRODUCTS).document(place(PRODUCTS, "a").id).set(
        {"schema": 2, "user": None}
    )
    with pytest.raises(StoreDamaged, match="schema 2, and this program knows 1"):
        FirestoreRecords(firestore).publish([record("a")])


def test_a_list_in_a_list_leaves_the_old_document(firestore: Firestore) -> None:
    documents = FirestoreDocuments(firestore)
    documents.write("ann", {"tops": []})
    with pytest.raises(TypeError, match="list"):
        documents.write("ann", {"tops": [[1]]})
    assert documents.read("ann") == {"tops": []}


# Many writers


def test_ordinals_are_given_once_and_without_holes_whoever_asks(firestore: Firestore) -> None:
    """Six processes' worth of clients register their own items, and all of them the same hat."""

    def fill(maker: int) -> list[str]:
        with records_of(firestore.project) as records:
            new = [
                records.register([upload(ITEM, "hat"), upload(ITEM, f"i{maker}-{n}")]).new_items
                for n in range(4)
            ]
        return [name for names in new for name in names]

    with ThreadPoolExecutor(6) as pool:
        told = Counter(name for names in pool.map(fill, range(6)) for name in names)
    items = FirestoreRecords(firestore).items()
    assert sorted(item.ordinal for item in items) == list(range(1, 26))
    assert told == Counter(item.id for item in items)


def test_a_tombstone_comes_before_or_after_a_publication_never_between(firestore: Firestore) -> None:
    """Publishers and an eraser side by side: what was published is found by the eraser or was not published."""
    records = FirestoreRecords(firestore)
    records.register([upload(USER, "ann"), upload(ITEM, "tee")])

    def publish(number: int) -> Publication:
        return records.publish([record(f"k{number}", uploads=(ANN, TEE))])[0]

    with ThreadPoolExecutor(5) as pool:
        told = [pool.submit(publish, number) for number in range(10)]
        pool.submit(records.bury, TEE, NOW).result()
        seen = {one.key for one in records.of_upload(TEE)}
        after = [pool.submit(publish, number) for number in range(10, 15)]
    won = {f"k{number}" for number, one in enumerate(told) if one.result() is Publication.WON}
    assert won <= seen
    assert {one.result() for one in after} == {Publication.BURIED}


def test_many_documents_are_read_in_pages(firestore: Firestore) -> None:
    records = FirestoreRecords(firestore)
    records.publish([record(f"k{n}", uploads=()) for n in range(7)])
    rows = list(firestore.rows(PRODUCTS, ("user", "==", "ann"), only=("key",), page=3))
    assert sorted(facts["key"] for _, facts in rows) == [f"k{n}" for n in range(7)]
    assert {tuple(sorted(facts)) for _, facts in rows} == {("key", "schema")}
