"""A product photo from a caller -> its garments."""

from __future__ import annotations

from collections.abc import Sequence

from tryon.core.depot import Made
from tryon.core.ports import Pixels, ProductPhoto
from tryon.core.stages.crops import CropStage
from tryon.core.words import Category, Refused


def crop(
    stage: CropStage, image: Pixels, categories: Sequence[Category]
) -> list[tuple[Category, Made | Refused]]:
    """One verdict for each asked category, in their order, and for no other one. image: [h, w, 3]."""
    asked = tuple(dict.fromkeys(categories))
    (verdicts,) = stage.work([ProductPhoto(image, asked)])
    return list(zip(asked, verdicts, strict=True))
