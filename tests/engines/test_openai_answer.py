"""The answer's schema is strict, and what does not fit it is not used."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.peers.openai_peer import item, photo_of
from tryon.core.errors import AnswerUnusable
from tryon.core.words import Category
from tryon.engines.openai_vision import prompt
from tryon.engines.openai_vision.answer import SCHEMA, Kind, read_answer

RIGHT = photo_of(item("grey sweater", "tops", pattern="striped"), item("hat", "accessories"), people=2)


def wrong(**facts: Any) -> str:
    return json.dumps(photo_of({**item("grey sweater", "tops"), **facts}))


def test_a_right_answer_is_read_as_it_is() -> None:
    answer = read_answer(json.dumps(RIGHT))
    assert (answer.is_fashion, answer.people, len(answer.items)) == (True, 2, 2)
    assert answer.model_dump(mode="json") == RIGHT


def test_there_is_one_kind_for_each_category_and_one_for_the_rest() -> None:
    assert [kind.value for kind in Kind] == [*(category.value for category in Category), "other"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the whole"),
        ('{"is_fashion": tr', "the whole"),
        ("[]", "the whole"),
        (json.dumps({**RIGHT, "more": 1}), "more"),
        (json.dumps({"is_fashion": True, "people": 0}), "items"),
        (json.dumps({**RIGHT, "is_fashion": "yes"}), "is_fashion"),
        (json.dumps({**RIGHT, "people": "2"}), "people"),
        (wrong(category="hats"), "items.0.category"),
        (wrong(layer="top"), "items.0.layer"),
        (wrong(prominence=1.2), "items.0.prominence"),
        (wrong(prominence=-0.1), "items.0.prominence"),
        (wrong(prominence="0.5"), "items.0.prominence"),
        (wrong(label=" .. "), "items.0.label"),
        (wrong(worn=None), "items.0.worn"),
    ],
)
def test_what_is_wrong_is_named_but_not_repeated(text: str, said: str) -> None:
    with pytest.raises(AnswerUnusable, match=said) as raised:
        read_answer(text)
    assert "hats" not in str(raised.value)


def test_the_prompt_explains_every_field_and_every_word() -> None:
    fields = [*RIGHT, *RIGHT["items"][0]]
    words = [value for name in ("category", "layer", "visibility") for value in enum_of(name)]
    assert [word for word in [*fields, *words] if word not in prompt.INSTRUCTIONS and word != "items"] == []


def enum_of(name: str) -> list[str]:
    definitions = SCHEMA["$defs"]
    reference = definitions["SeenItem"]["properties"][name]["$ref"]
    found: list[str] = definitions[reference.rpartition("/")[2]]["enum"]
    return found


def test_the_revision_is_that_of_the_prompt_of_today() -> None:
    """Changing the prompt, the schema or the picture pays for every photo again; here it is seen in a review."""
    assert prompt.PROMPT_REVISION == "c2be37db900e"
