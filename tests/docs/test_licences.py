"""docs/licences.md has every engine and every model, each with the licence that the code declares."""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import walk_packages

import pytest

import tryon.engines
from tests.docs.pages import ROOT, rows, sections
from tests.fakes import MemoryRecords
from tryon.core.licences import ALTERNATIVES, OF_ENGINE
from tryon.core.models import Model
from tryon.core.words import EngineCard
from tryon.engines.models import ALL
from tryon.profiles.engines import CHOICES, Engines
from tryon.settings import Profile, Settings

PAGE = ROOT / "docs/licences.md"


def table(section: str) -> dict[str, list[str]]:
    """The first cell, without its backticks -> the others."""
    return {row[0].strip("`"): row[1:] for row in rows(sections(PAGE)[section])[1:]}


def cards() -> list[EngineCard]:
    found = {}
    for module in walk_packages(tryon.engines.__path__, "tryon.engines."):
        for value in vars(import_module(module.name)).values():
            card = getattr(value, "card", None) if isinstance(value, type) else None
            if isinstance(card, EngineCard):
                found[card.id] = card
    return [*found.values(), *neural_cards()]


def neural_cards() -> list[EngineCard]:
    """Of engines whose card follows from their options; the others declare theirs on the class."""
    engines = Engines(Settings(profile=Profile.WORKSTATION, device="cpu"), MemoryRecords())
    return [getattr(engines, port).card for port in CHOICES[Profile.WORKSTATION]]


def yes(allowed: bool) -> str:
    return "yes" if allowed else "no"


def test_every_engine_stands_there_with_its_licence() -> None:
    declared = {card.id: [card.licence, yes(card.commercial_use)] for card in cards()}
    assert len(declared) >= 10
    assert {name: cells[:2] for name, cells in table("Engines").items()} == declared


def test_every_engine_says_where_its_licence_or_its_models_are() -> None:
    assert [card.id for card in cards() if not card.url.startswith("https://")] == []


def test_what_is_barred_has_something_instead() -> None:
    barred = {card.id for card in cards() if not card.commercial_use}
    assert barred == set(OF_ENGINE)
    assert {name for names in OF_ENGINE.values() for name in names} <= set(ALTERNATIVES)


def test_the_page_has_exactly_the_models_of_the_registry() -> None:
    assert list(table("Models")) == [model.id for model in ALL]


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.id)
def test_every_model_stands_there_with_its_licence(model: Model) -> None:
    licence, commercial, where, revision, what = table("Models")[model.id]
    assert licence == f"[{model.licence}]({model.terms})"
    assert commercial == yes(model.commercial_use)
    assert model.url in where
    assert model.revision.startswith(revision.strip("`"))
    assert what


def test_the_alternatives_are_those_that_a_refusal_names() -> None:
    assert set(table("Alternatives")) == set(ALTERNATIVES)
    for name, text in ALTERNATIVES.items():
        assert re.search(r"Apache-2\.0", text), name
        assert "Apache-2.0" in table("Alternatives")[name][1]
