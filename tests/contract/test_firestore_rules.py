"""deploy/firestore: who may read what from an app, and an index for every query that needs one."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.contract.test_event_log import event
from tests.contract.verdicts import TEE, record, upload
from tests.peers.firestore_emulator import Emulator
from tryon.core.uploads import UploadKind
from tryon.stores.firestore import base
from tryon.stores.firestore.client import Firestore
from tryon.stores.firestore.documents import FirestoreDocuments
from tryon.stores.firestore.log import FirestoreLog
from tryon.stores.firestore.product_facts import place_of
from tryon.stores.firestore.records import FirestoreRecords
from tryon.stores.outbox import Outbox
from tryon.stores.outbox_log import OutboxLog

FOLDER = Path("deploy/firestore")
COLLECTIONS = sorted({name for key, name in vars(base).items() if key.isupper() and key != "MOST_PLACES"})


def test_every_collection_is_known() -> None:
    assert all(name.startswith("vton_") for name in COLLECTIONS)
    assert len(COLLECTIONS) == 11


# Rules


@dataclass(frozen=True)
class App:
    """What a phone would send: unsigned tokens, which the emulator takes."""

    host: str
    project: str

    def status(self, method: str, path: str, token: str | None, body: object = None) -> int:
        url = f"http://{self.host}/v1/projects/{self.project}/databases/(default)/documents{path}"
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {token}"} if token else {}
        )
        data = None if body is None else json.dumps(body).encode()
        try:
            with urlopen(Request(url, data, headers, method=method), timeout=30) as answer:
                found: int = answer.status
                return found
        except HTTPError as error:
            return error.code

    def query(self, collection: str, user_field: str, user: str, token: str | None) -> int:
        where = {"field": {"fieldPath": user_field}, "op": "EQUAL", "value": {"stringValue": user}}
        query = {"from": [{"collectionId": collection}], "where": {"fieldFilter": where}}
        return self.status("POST", ":runQuery", token, {"structuredQuery": query})


def token(uid: str, **claims: str) -> str:
    def part(facts: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(facts).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part({'sub': uid, 'user_id': uid, **claims})}."


@pytest.fixture
def app(firestore: Firestore, firestore_emulator: Emulator, outbox: Outbox) -> App:
    """Ann has a document, a result and a log event; an item has a crop."""
    firestore_emulator.set_rules(firestore.project, (FOLDER / "firestore.rules").read_text())
    records = FirestoreRecords(firestore)
    records.register([upload(UploadKind.USER, "ann"), upload(UploadKind.ITEM, "tee")])
    records.publish([record("a"), record("crop", user=None, uploads=(TEE,))])
    FirestoreDocuments(firestore).write("ann", {"tops": []})
    OutboxLog(outbox, FirestoreLog(firestore)).append([event("a")])
    return App(firestore_emulator.host, firestore.project)


ANNS = [token("ann"), token("Xy7Firebase", fashion_user="ann")]
OTHERS = [None, token("bob"), token("Xy7Firebase", fashion_user="bob"), token("")]


def of_ann(app: App, who: str | None) -> set[int]:
    """What reading each of her things ends in."""
    return {
        app.status("GET", "/vton_documents/ann", who),
        app.status("GET", f"/vton_products/{place_of('a').id}", who),
        app.query("vton_products", "user", "ann", who),
        app.query("vton_logs", "user_id", "ann", who),
    }


def test_users_read_what_is_theirs_and_nobody_else_does(app: App) -> None:
    assert [of_ann(app, who) for who in ANNS] == [{200}] * len(ANNS)
    assert [of_ann(app, who) for who in OTHERS] == [{403}] * len(OTHERS)


def test_nobody_reads_what_is_nobodys(app: App) -> None:
    crop = f"/vton_products/{place_of('crop').id}"
    paths = [crop, *(f"/{name}" for name in COLLECTIONS)]
    assert [path for path in paths for who in (*OTHERS, *ANNS) if app.status("GET", path, who) != 403] == []


def test_nobody_writes(app: App) -> None:
    body = {"fields": {"user": {"stringValue": "ann"}, "user_id": {"stringValue": "ann"}}}
    paths = [f"/{name}/{one}" for name, one in product([*COLLECTIONS, "other"], ("ann", "new"))]
    for who in (None, *ANNS):
        assert [path for path in paths if app.status("PATCH", path, who, body) != 403] == []
        assert app.status("DELETE", "/vton_documents/ann", who) == 403
