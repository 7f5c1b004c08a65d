"""The noun says what a thing is, and the noun comes last."""

from __future__ import annotations

import pytest

from tryon.core.words import Category
from tryon.engines.openai_vision.keywords import category_of


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("dress shirt", "tops"),
        ("shirt dress", "dress"),
        ("belt bag", "bags"),
        ("bag belt", "accessories"),
        ("dress shoes", "shoes"),
        ("sweater vest", "tops"),
        ("T-Shirt", "tops"),
        ("boot cut jeans", "bottoms"),
        ("tank top", "tops"),
        ("jean jacket", "tops"),
        ("denim shorts", "bottoms"),
        ("short shorts", "bottoms"),
        ("summer dresses", "dress"),
        ("watches", "accessories"),
        ("silk scarves", "accessories"),
        ("booties", "shoes"),
        ("pair of boots", "shoes"),
        ("a pair of blue jeans with a belt", "bottoms"),
        ("dress with pockets", "dress"),
        ("shirt worn under a sweater", "tops"),
        ("hat and scarf", "accessories"),
        ("glasses", "accessories"),
        ("jumpsuit", "dress"),
    ],
)
def test_what_a_noun_says(text: str, category: str) -> None:
    assert category_of(text) is Category(category)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "shirt hanger",
        "top and skirt",
        "set of top and skirt",
        "pantry",
        "shirtless",
        "redressed",
        "scar",
        "with a hat",
        "hat stand and scarf",
    ],
)
def test_what_says_nothing(text: str) -> None:
    """Words are matched whole, and what is not known or is two things is nobody's."""
    assert category_of(text) is None
