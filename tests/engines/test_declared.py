"""The declared analyzer says what the sidecar says, in its order, and nothing else."""

from __future__ import annotations

import numpy as np

from tryon.core.phrases import PHRASES
from tryon.core.ports import Analysis, Analyzer, ProductPhoto, SeenGarment
from tryon.core.words import Category, Refused
from tryon.engines.declared import DeclaredAnalyzer

BLANK = np.zeros((4, 3, 3), np.uint8)


def test_every_declared_category_is_seen_in_order() -> None:
    analyzer: Analyzer = DeclaredAnalyzer()
    declared = (Category.BOTTOMS, Category.TOPS)
    [seen] = analyzer.analyze([ProductPhoto(BLANK, declared)])
    garments = (
        SeenGarment(Category.BOTTOMS, "trousers or skirt"),
        SeenGarment(Category.TOPS, "top"),
    )
    assert seen == Analysis(garments)


def test_nothing_declared_is_refused_without_failing_the_batch() -> None:
    empty, full = DeclaredAnalyzer().analyze(
        [ProductPhoto(BLANK, ()), ProductPhoto(BLANK, (Category.DRESS,))]
    )
    assert isinstance(empty, Refused)
    assert empty.code == "nothing_declared"
    assert all(category.value in empty.message for category in Category)
    assert full == Analysis((SeenGarment(Category.DRESS, "dress"),))


def test_phrases_are_fit_for_a_text_prompt() -> None:
    assert set(PHRASES) == set(Category)
    assert all(phrase == phrase.lower() and not set(phrase) & set(".?,") for phrase in PHRASES.values())


def test_the_card_names_a_free_deterministic_engine() -> None:
    card = DeclaredAnalyzer.card
    assert (card.id, card.licence, card.commercial_use, card.deterministic) == (
        "declared",
        "Apache-2.0",
        True,
        True,
    )
