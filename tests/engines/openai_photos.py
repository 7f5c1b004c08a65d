"""Photos and analyzers of the tests that ask the loopback peer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from tests.fakes import MemoryRecords
from tests.peers.openai_peer import Peer, item, photo_of
from tests.peers.openai_requests import Asked
from tryon.core.ports import Answers, ProductPhoto
from tryon.core.words import Category
from tryon.engines.openai_vision import OpenAiAnalyzer
from tryon.engines.openai_vision.patience import Turns

TOPS = (Category.TOPS,)
SHADES = 20
"""Grey levels between two photos."""


def photo(number: int = 1, declared: tuple[Category, ...] = TOPS) -> ProductPhoto:
    """One flat grey a number, 0 to 12."""
    return ProductPhoto(np.full((96, 80, 3), number * SHADES, np.uint8), declared)


def number_of(asked: Asked) -> int:
    return round(float(asked.image.mean()) / SHADES)


def by_number(asked: Asked) -> Mapping[str, Any]:
    """Another top in every photo."""
    return photo_of(item(f"sweater{number_of(asked)} top", "tops"))


def text_of(number: int) -> str:
    """As the model writes it."""
    return json.dumps(photo_of(item(f"sweater{number} top", "tops")))


def analyzer(peer: Peer, answers: Answers | None = None, **options: Any) -> OpenAiAnalyzer:
    """One question at a time, in the order of the batch, and hardly any waiting."""
    options = {"threads": 1, "turns": Turns(seconds=20.0, first_wait=0.01), "api_key": peer.key, **options}
    return OpenAiAnalyzer(answers=answers or MemoryRecords(), base_url=peer.base_url, **options)
