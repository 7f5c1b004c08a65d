"""One outfit of one person: whether it is shown, and how its image came to be."""

from __future__ import annotations

from tryon.core.lookbook.views import OutfitView
from tryon.core.pipeline import Pipeline


def outfit(pipeline: Pipeline, user_id: str, outfit_id: str) -> OutfitView:
    """Raises UnknownUpload, InvalidId, UnknownOutfit outside the matrix, and StoreError for an image that is published
    but gone or changed."""
    raise NotImplementedError
