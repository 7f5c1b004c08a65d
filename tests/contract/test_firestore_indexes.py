"""deploy/firestore/firestore.indexes.json: an index for every query that needs one, and none that slows the log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.contract.test_event_log import event
from tests.contract.test_records_change import FAILED
from tests.contract.verdicts import ANN, record, upload
from tests.core.samples import RELEASE
from tryon.core.budget import Caps
from tryon.core.recipes import Input, Stage
from tryon.core.records import Placed
from tryon.core.uploads import UploadKind
from tryon.stores.firestore import base
from tryon.stores.firestore.calls import Calls, Row
from tryon.stores.firestore.client import Firestore
from tryon.stores.firestore.documents import FirestoreDocuments
from tryon.stores.firestore.log import FirestoreLog
from tryon.stores.firestore.places import Place, place
from tryon.stores.firestore.records import FirestoreRecords
from tryon.stores.outbox import Outbox
from tryon.stores.outbox_log import OutboxLog

FILE = json.loads(Path("deploy/firestore/firestore.indexes.json").read_text())
COMPOSITE = {
    (one["collectionGroup"], tuple(f["fieldPath"] for f in one["fields"])) for one in FILE["indexes"]
}
EXEMPT = {
    (one["collectionGroup"], one["fieldPath"]) for one in FILE["fieldOverrides"] if one["indexes"] == []
}


@dataclass
class Shapes:
    """What was asked: collection, fields compared with ==, other fields compared, order, sums."""

    queries: set[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = field(default_factory=set)

    def note(self, query: Any, sums: Sequence[str] = ()) -> None:
        asked = query._to_protobuf()
        collection = asked.from_[0].collection_id
        filters = asked.where.composite_filter.filters or [asked.where]
        plain = {"EQUAL", "IN", "IS_NULL"}
        equal, other = set[str](), set[str]()
        for one in filters:
            which = one.field_filter if one._pb.HasField("field_filter") else one.unary_filter
            if which.field.field_path:
                (equal if which.op.name in plain else other).add(which.field.field_path)
        order = [one.field.field_path for one in asked.order_by if one.field.field_path != "__name__"]
        self.queries.add((collection, tuple(sorted(equal)), tuple(sorted(other)), (*order, *sums)))


@pytest.fixture
def shapes(monkeypatch: pytest.MonkeyPatch) -> Shapes:
    """Every query that is sent."""
    found = Shapes()
    run, sums, count = Calls.run, Calls.sums, Calls.count

    def noted_run(self: Calls, query: Any) -> list[Row]:
        found.note(query)
        return run(self, query)

    def noted_sums(self: Calls, query: Any, fields: Sequence[str]) -> tuple[float, ...]:
        found.note(query, fields)
        return sums(self, query, fields)

    def noted_count(self: Calls, query: Any) -> int:
        found.note(query)
        return count(self, query)

    monkeypatch.setattr(Calls, "run", noted_run)
    monkeypatch.setattr(Calls, "sums", noted_sums)
    monkeypatch.setattr(Calls, "count", noted_count)
    return found


def ask_everything(firestore: Firestore, outbox: Outbox) -> None:
    records, log = FirestoreRecords(firestore), OutboxLog(outbox, FirestoreLog(firestore))
    ann = (UploadKind.USER, "ann")
    records.register([upload(*ann), upload(UploadKind.ITEM, "tee")])
    records.publish([record("a"), record("crop", user=None)])
    records.fail([FAILED])
    records.confirm(RELEASE, ["ann"])
    records.book("run", "day", 1.0, Caps(run=9.0))
    records.keep_answer("a", "text", ANN)
    order = Placed("o", Stage.TRYON, "{}", ("a",), (ANN,), "2026-11-21T12:00:00Z")
    assert (records.place(order), records.deliver("o", "{}"), records.orders() != []) == (order, True, True)
    log.append([event("a")])
    for ask in (
        *(records.users, records.items, records.suspended, records.kept, records.owners, records.history),
        *(records.leases, records.attempts, records.releases, records.tombstones, records.erasing),
    ):
        ask()
    assert records.standings("ann")
    assert list(records.of_user(None)) + list(records.of_upload(ANN))
    assert records.find([Input("a", 1)])
    assert records.names([record("a").path])
    assert log.read(user="ann") == log.read() == log.read(key="key")
    assert log.latest(1) == log.latest(1, "ann") == log.read()
    assert (log.failures(1), log.last_ends(["key"])) == ([], {})
    assert (log.ends(["key"]), log.keys(*ann), log.count(*ann), log.forget(*ann)) == (set(), {"key"}, 1, 1)
    assert list(FirestoreDocuments(firestore).list()) == []
    assert (records.forget_answers(ANN), records.unpublish(ANN), records.drop_keys(["a"])) == (1, 2, 2)


def test_every_query_has_its_index(firestore: Firestore, outbox: Outbox, shapes: Shapes) -> None:
    """The emulator needs none, so nothing else would tell. Equal fields alone need no composite index: Firestore joins
    the fields' own."""
    ask_everything(firestore, outbox)
    used = set()
    for collection, equal, other, rest in shapes.queries:
        behind = tuple(dict.fromkeys((*other, *sorted(rest))))
        if len(behind) > 1 or (equal and behind):
            wanted = {(collection, (*order, *behind)) for order in permutations(equal)} & COMPOSITE
            assert wanted, f"no index for {collection}: {equal}, {behind}"
            used |= wanted
        else:
            needed = {(collection, name) for name in (*equal, *behind)}
            assert needed.isdisjoint(EXEMPT), f"{collection} has no index for {equal}, {behind}"
    assert used == COMPOSITE


def test_what_rises_with_every_event_has_no_index_of_its_own() -> None:
    """An index over it takes some 500 writes a second, for all writers together."""
    assert {(base.LOGS, "timestamp"), (base.LOGS, "position")} <= EXEMPT
    assert {fields[-2:] for name, fields in COMPOSITE if name == base.LOGS} == {("shard", "position")}


def test_ids_are_hashes(firestore: Firestore) -> None:
    assert place("vton_products", "a").id != place("vton_products", "b").id
    assert place("c", "a", "b") != place("c", "ab")
    assert place("c", 1) == Place("c", place("c", 1).id)
    assert len(place("c", 1).id) == 40
