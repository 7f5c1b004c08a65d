"""docs/flutter.md: what its query asks of Firestore is what the rules allow, and gives every event once."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.contract.test_event_log import event
from tests.contract.test_firestore_rules import OTHERS, App, token
from tests.contract.verdicts import upload
from tests.peers.firestore_emulator import Emulator
from tryon.core.uploads import UploadKind
from tryon.stores.firestore.client import Firestore
from tryon.stores.firestore.log import FirestoreLog
from tryon.stores.firestore.records import FirestoreRecords
from tryon.stores.outbox import Outbox
from tryon.stores.outbox_log import OutboxLog

PAGE = Path("docs/flutter.md").read_text()
OPERATORS = {"isEqualTo": "EQUAL", "whereIn": "IN", "isGreaterThan": "GREATER_THAN"}


def query(user: str | None, after: int) -> dict[str, Any]:
    """The page's, as the REST API takes it. user: None leaves that filter out."""
    code = PAGE.partition("FirebaseFirestore.instance")[2].partition(";")[0]
    given = {"user": user, "last": after}
    filters = []
    for name, operator, value in re.findall(r"\.where\('(\w+)', (\w+): ([^)]+)\)", code):
        if name != "user_id" or user is not None:
            filters.append(_filter(name, OPERATORS[operator], given.get(value) or _literal(value)))
    assert len(filters) == 2 + (user is not None)
    (order,) = re.findall(r"\.orderBy\('(\w+)'\)", code)
    (limit,) = re.findall(r"\.limit\((\d+)\)", code)
    (collection,) = re.findall(r"\.collection\('(\w+)'\)", code)
    return {
        "from": [{"collectionId": collection}],
        "where": {"compositeFilter": {"op": "AND", "filters": filters}},
        "orderBy": [{"field": {"fieldPath": order}}],
        "limit": int(limit),
    }


def _literal(value: str) -> object:
    return json.loads(value) if value.startswith("[") else 0


def _filter(name: str, operator: str, value: object) -> dict[str, Any]:
    return {"fieldFilter": {"field": {"fieldPath": name}, "op": operator, "value": _value(value)}}


def _value(value: object) -> dict[str, Any]:
    if isinstance(value, list):
        return {"arrayValue": {"values": [_value(one) for one in value]}}
    return {"stringValue": value} if isinstance(value, str) else {"integerValue": str(value)}


def steps(app: App, who: str, asked: dict[str, Any]) -> list[tuple[int, str]]:
    url = f"http://{app.host}/v1/projects/{app.project}/databases/(default)/documents:runQuery"
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {who}"}
    body = json.dumps({"structuredQuery": asked}).encode()
    with urlopen(Request(url, body, headers, method="POST"), timeout=30) as answer:
        found = [row["document"]["fields"] for row in json.load(answer) if "document" in row]
    return [(int(one["position"]["integerValue"]), one["step"]["stringValue"]) for one in found]


@pytest.fixture
def app(firestore: Firestore, firestore_emulator: Emulator, outbox: Outbox) -> App:
    """Five events of Ann's among those of others."""
    firestore_emulator.set_rules(firestore.project, Path("deploy/firestore/firestore.rules").read_text())
    FirestoreRecords(firestore).register([upload(UploadKind.USER, "ann"), upload(UploadKind.ITEM, "tee")])
    log = OutboxLog(outbox, FirestoreLog(firestore))
    log.append([replace(event(f"{n}"), user_id=user) for n in range(5) for user in ("ann", "bob", None)])
    log.flush()
    return App(firestore_emulator.host, firestore.project)


@pytest.mark.parametrize("who", [token("ann"), token("Xy7Firebase", fashion_user="ann")])
def test_a_user_reads_every_event_of_theirs_once(app: App, who: str) -> None:
    whole = steps(app, who, query("ann", 0))
    assert [step for _, step in whole] == ["0", "1", "2", "3", "4"]
    for number, (position, _) in enumerate(whole, start=1):
        assert steps(app, who, query("ann", position)) == whole[number:]


def test_nobody_else_does(app: App) -> None:
    asked = {"structuredQuery": query("ann", 0)}
    assert {app.status("POST", ":runQuery", who, asked) for who in OTHERS} == {403}


def test_a_query_for_everybody_is_refused_as_a_whole(app: App) -> None:
    asked = {"structuredQuery": query(None, 0)}
    assert app.status("POST", ":runQuery", token("ann"), asked) == 403
