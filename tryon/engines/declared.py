"""Analyzer that believes the sidecar: the person who uploaded the photo said what it shows."""

from __future__ import annotations

from collections.abc import Sequence

from tryon.core.licences import APACHE
from tryon.core.phrases import PHRASES
from tryon.core.ports import Analysis, ProductPhoto, SeenGarment
from tryon.core.words import Category, EngineCard, Refused


class DeclaredAnalyzer:
    card = EngineCard(
        id="declared",
        revision="1",
        licence="Apache-2.0",
        commercial_use=True,
        deterministic=True,
        url=APACHE,
        typical_seconds=0.001,
    )

    def analyze(self, batch: Sequence[ProductPhoto]) -> list[Analysis | Refused]:
        return [_analyze(photo) for photo in batch]


def _analyze(photo: ProductPhoto) -> Analysis | Refused:
    if not photo.declared:
        names = ", ".join(Category)
        return Refused("nothing_declared", f"The item does not say what it shows; name any of {names}.")
    return Analysis(tuple(SeenGarment(category, PHRASES[category]) for category in photo.declared))
