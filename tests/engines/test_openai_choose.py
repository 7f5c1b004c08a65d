"""Which of the things in a photo is cropped: every rule of `choose` by an example."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.peers.openai_peer import item, photo_of
from tryon.core.ports import Analysis, SeenGarment
from tryon.core.words import Category, Refused
from tryon.engines.openai_vision.answer import SeenItem, read_answer
from tryon.engines.openai_vision.choose import choose, settle

TOPS, BOTTOMS, DRESS, SHOES, HATS = (
    Category(c) for c in ("tops", "bottoms", "dress", "shoes", "accessories")
)
Item = Mapping[str, Any]


def chosen(*items: Item, declared: tuple[Category, ...] = (TOPS,), people: int = 1) -> Analysis | Refused:
    return choose(read_answer(json.dumps(photo_of(*items, people=people))), declared)


def picked(*items: Item, declared: tuple[Category, ...] = (TOPS,), people: int = 1) -> list[str]:
    found = chosen(*items, declared=declared, people=people)
    assert isinstance(found, Analysis)
    return [garment.phrase for garment in found.garments]


SWEATER = item("grey wool sweater", "tops", layer="mid", worn=True, prominence=0.4)
COLLAR = item("white shirt", "tops", layer="inner", worn=True, visibility="sliver", prominence=0.01)
JACKET = item("denim jacket", "tops", layer="outer", worn=True, prominence=0.3)
GOWN = item("red dress", "dress", layer="mid", worn=True, visibility="partial", prominence=0.35)
SKIRT = item("black skirt", "bottoms", worn=True, prominence=0.2)
CROP_TOP = item("black crop top", "tops", worn=True, prominence=0.15)
SWEATER_DRESS = {**SWEATER, "label": "sweater dress", "subtype": "knit"}
BOOTS = item("brown leather boots", "shoes", worn=True, prominence=0.05)
HANGER = item("wooden shirt hanger", "other", prominence=0.6)


def test_the_sweater_and_not_the_sliver_of_shirt_under_it() -> None:
    assert chosen(COLLAR, SWEATER) == Analysis((SeenGarment(TOPS, "grey wool sweater"),), ("white shirt",))


@pytest.mark.parametrize(
    ("name", "items", "declared", "phrases"),
    [
        ("a sliver alone is nothing", [COLLAR], [TOPS], []),
        ("a sliver that claims to be all", [{**COLLAR, "prominence": 0.9}, SWEATER], [TOPS], ["grey wool sweater"]),
        (
            "half seen under a sweater, however large",
            [{**COLLAR, "visibility": "partial", "prominence": 0.9}, SWEATER],
            [TOPS],
            ["grey wool sweater"],
        ),
        (
            "half seen under a dress: its box would show the dress",
            [{**COLLAR, "visibility": "partial", "prominence": 0.1}, GOWN],
            [TOPS],
            [],
        ),
        (
            "under a dress of which no layer is told",
            [{**COLLAR, "visibility": "partial", "prominence": 0.1}, {**GOWN, "layer": "none"}],
            [TOPS],
            [],
        ),
        (
            "under something that nobody knows the kind of",
            [{**COLLAR, "visibility": "partial", "prominence": 0.1}, SWEATER_DRESS],
            [TOPS],
            [],
        ),
        ("an edge that is called half seen", [{**COLLAR, "visibility": "partial", "layer": "none"}], [TOPS], []),
        ("a small hat is a hat", [item("red hat", "accessories", prominence=0.01)], [HATS], ["red hat"]),
        (
            "an edge of a coat covers nothing",
            [{**SWEATER, "visibility": "partial"}, {**JACKET, "visibility": "sliver"}],
            [TOPS],
            ["grey wool sweater"],
        ),
        (
            "a whole shirt in an open jacket, and more of it",
            [{**COLLAR, "visibility": "full", "prominence": 0.4}, {**JACKET, "prominence": 0.2}],
            [TOPS],
            ["white shirt"],
        ),
        ("a jacket over a dress, asked for the dress", [JACKET, GOWN], [DRESS], ["red dress"]),
        ("a jacket over a dress, asked for the top", [GOWN, JACKET], [TOPS], ["denim jacket"]),
        ("both, in the declared order", [GOWN, JACKET], [TOPS, DRESS], ["denim jacket", "red dress"]),
        ("a set is two pieces", [CROP_TOP, SKIRT], [TOPS, BOTTOMS], ["black crop top", "black skirt"]),
        ("only what is asked for", [CROP_TOP, SKIRT, BOOTS], [BOTTOMS], ["black skirt"]),
        ("shoes at the edge of a photo", [SKIRT, BOOTS], [SHOES], ["brown leather boots"]),
        ("what is not there is left out", [SKIRT], [TOPS, BOTTOMS], ["black skirt"]),
        ("nothing is there", [], [TOPS], []),
        ("the larger of two", [{**SWEATER, "prominence": 0.1}, JACKET], [TOPS], ["denim jacket"]),
        (
            "all of one rather than half of another",
            [{**JACKET, "visibility": "partial", "layer": "none"}, {**CROP_TOP, "prominence": 0.2}],
            [TOPS],
            ["black crop top"],
        ),
        ("the first of two equals", [item("red tee", "tops"), item("blue tee", "tops")], [TOPS], ["red tee"]),
        (
            "a shirt dress that was filed under tops loses to any top",
            [item("white shirt dress", "tops", subtype="dress", prominence=0.9), CROP_TOP],
            [TOPS],
            ["black crop top"],
        ),
        (
            "what only one noun speaks against counts half",
            [item("white shirt dress", "tops", subtype="shirt", prominence=0.25), CROP_TOP],
            [TOPS],
            ["black crop top"],
        ),
    ],
)  # fmt: skip
def test_what_is_cropped(name: str, items: list[Item], declared: list[Category], phrases: list[str]) -> None:
    assert picked(*items, declared=tuple(declared)) == phrases


@pytest.mark.parametrize(
    ("label", "subtype", "said", "settled", "doubtful"),
    [
        ("white dress shirt", "dress shirt", "tops", "tops", False),
        ("white dress shirt", "shirt", "dress", "tops", False),
        ("blue shirt dress", "shirt dress", "dress", "dress", False),
        ("blue shirt dress", "shirt dress", "tops", "dress", False),
        ("black belt bag", "belt bag", "accessories", "bags", False),
        ("black belt bag", "belt bag", "bags", "bags", False),
        ("knitted sweater", "pullover", "other", "tops", False),
        ("knitted thing", "pullover", "other", "tops", False),
        ("shirt hanger", "hanger", "other", None, False),
        ("top and skirt", "jeans", "other", "bottoms", False),
        ("red dress", "skirt", "other", None, False),
        ("red dress", "skirt", "tops", None, False),
        ("shirt dress", "garment", "tops", None, False),
        ("plaid skirt", "mini", "tops", None, False),
        ("plaid skirt", "shirt", "tops", "tops", True),
        ("plaid skirt", "garment", "bottoms", "bottoms", False),
        ("denim jumper", "jumper", "dress", "dress", False),
        ("wool jumper", "jumper", "tops", "tops", False),
        ("something woollen", "garment", "tops", "tops", False),
    ],
)
def test_the_nouns_as_a_second_opinion(
    label: str, subtype: str, said: str, settled: str | None, doubtful: bool
) -> None:
    """Against a category both nouns have to agree; against "other" one is enough. A skirt is never a top."""
    found = settle(SeenItem.model_validate_json(json.dumps(item(label, said, subtype=subtype))))
    assert (found.category, found.doubtful) == (settled and Category(settled), doubtful)


def test_everything_else_is_told_to_the_detector_once() -> None:
    found = chosen(COLLAR, SWEATER, BOOTS, BOOTS, HANGER)
    assert isinstance(found, Analysis)
    assert found.others == ("white shirt", "brown leather boots", "wooden shirt hanger")


def test_a_twin_is_no_distractor() -> None:
    """The detector could not tell it from the garment."""
    found = chosen(SWEATER, {**SWEATER, "prominence": 0.1})
    assert found == Analysis((SeenGarment(TOPS, "grey wool sweater"),))


def test_each_garment_has_a_phrase_of_its_own() -> None:
    same = {"detection_phrase": "black set"}
    assert picked({**CROP_TOP, **same}, {**SKIRT, **same}, declared=(TOPS, BOTTOMS)) == [
        "black set",
        "black skirt",
    ]
    both = {**same, "label": "black set", "subtype": "set"}
    phrases = picked({**CROP_TOP, **both}, {**SKIRT, **both}, declared=(TOPS, BOTTOMS))
    assert phrases == ["black set", "black set bottoms"]


def test_phrases_are_fit_for_a_text_prompt() -> None:
    long = "a. Very? long, " + "striped " * 9 + "T-shirt.\nwith: dots"
    assert picked(item("tee", "tops", detection_phrase=long)) == [
        "striped striped striped striped striped t-shirt with dots"
    ]
    assert picked(item("Red Tee", "tops", detection_phrase=" .. ")) == ["red tee"]


def test_several_people_in_different_tops_are_a_guess() -> None:
    found = chosen(SWEATER, JACKET, people=2)
    assert isinstance(found, Refused)
    assert (found.code, "tops" in found.message) == ("several_people", True)


@pytest.mark.parametrize(
    ("name", "items", "declared", "phrases"),
    [
        ("one is clearly meant", [SWEATER, {**JACKET, "prominence": 0.1}], TOPS, ["grey wool sweater"]),
        ("both wear the same", [SWEATER, {**SWEATER, "prominence": 0.38}], TOPS, ["grey wool sweater"]),
        ("only one wears what is asked for", [SWEATER, JACKET, SKIRT], BOTTOMS, ["black skirt"]),
    ],
)
def test_several_people_where_nothing_is_guessed(
    name: str, items: list[Item], declared: Category, phrases: list[str]
) -> None:
    assert picked(*items, declared=(declared,), people=2) == phrases


def test_a_photo_of_something_else_is_refused() -> None:
    answer = photo_of(item("oak table", "other"), is_fashion=False)
    found = choose(read_answer(json.dumps(answer)), (TOPS,))
    assert isinstance(found, Refused)
    assert found.code == "not_fashion"


def test_what_was_listed_counts_more_than_what_was_said_of_the_whole() -> None:
    answer = photo_of(SKIRT, is_fashion=False)
    found = choose(read_answer(json.dumps(answer)), (BOTTOMS,))
    assert found == Analysis((SeenGarment(BOTTOMS, "black skirt"),))
