"""What a sidecar must say before a photo is touched."""

from __future__ import annotations

import json

import pytest

from tryon.core.errors import InvalidSidecar
from tryon.core.uploads import ItemSidecar, Registered, UploadKind, UserSidecar, read_sidecar, sidecar_facts
from tryon.core.words import Category

CONSENT = {"consent": {"version": "2026-01", "at": "2026-11-01T09:00:00Z"}}
USER, ITEM = UploadKind.USER, UploadKind.ITEM


def test_a_user_agreed_to_something_at_some_time() -> None:
    sidecar = read_sidecar(USER, "ann", json.dumps(CONSENT))
    assert isinstance(sidecar, UserSidecar)
    assert (sidecar.consent.version, sidecar.consent.at.isoformat()) == (
        "2026-01",
        "2026-11-01T09:00:00+00:00",
    )


def test_an_item_declares_its_categories_in_order() -> None:
    sidecar = read_sidecar(ITEM, "suit", '{"categories": ["bottoms", "tops"]}')
    assert sidecar == ItemSidecar(categories=(Category.BOTTOMS, Category.TOPS))


@pytest.mark.parametrize(
    ("kind", "text", "named"),
    [
        (USER, "{}", "consent: Field required"),
        (USER, '{"consent": {"version": "1"}}', r"consent\.at: Field required"),
        (USER, '{"consent": {"version": "1", "at": "2026-11-01T09:00:00"}}', r"consent\.at: .*time zone"),
        (USER, '{"consent": {"version": "1", "at": "yesterday"}}', r"consent\.at"),
        (USER, json.dumps({**CONSENT, "name": "Ann"}), "name: Extra inputs"),
        (ITEM, "{}", "categories: Field required"),
        (ITEM, '{"categories": []}', "categories: .*one or more"),
        (ITEM, '{"categories": ["tops", "tops"]}', "categories: .*different"),
        (ITEM, '{"categories": ["hats"]}', r"categories\.0: .*'tops'"),
        (ITEM, json.dumps(CONSENT), "categories: Field required"),
        (ITEM, "not json", "the file: Invalid JSON"),
        (ITEM, "", "the file: Invalid JSON"),
    ],
)
def test_a_wrong_sidecar_is_refused_by_field(kind: UploadKind, text: str, named: str) -> None:
    with pytest.raises(InvalidSidecar, match=f"sidecar of {kind} 'x': {named}"):
        read_sidecar(kind, "x", text)


@pytest.mark.parametrize(("kind", "facts"), [(USER, CONSENT), (ITEM, {"categories": ["dress", "bags"]})])
def test_a_sidecar_survives_storing(kind: UploadKind, facts: dict[str, object]) -> None:
    sidecar = read_sidecar(kind, "x", json.dumps(facts))
    assert read_sidecar(kind, "x", json.dumps(sidecar_facts(sidecar))) == sidecar


def test_nothing_changed_is_said_so() -> None:
    assert Registered().nothing
    assert not Registered(changed_items=("tee",)).nothing
