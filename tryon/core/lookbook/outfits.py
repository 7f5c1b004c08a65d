"""The outfits of one person, page by page."""

from __future__ import annotations

from tryon.core.lookbook.views import Filter, OutfitPage
from tryon.core.pipeline import Pipeline


def outfits(
    pipeline: Pipeline, user_id: str, only: Filter | None = None, after: str = "", limit: int = 50
) -> OutfitPage:
    """after: the `next` of the page before. Raises UnknownUpload, InvalidId, and InvalidFilter for a filter or a page
    that cannot be read."""
    raise NotImplementedError
