"""From the ids of a request to the products it is about."""

from __future__ import annotations

from tryon.core.errors import InvalidId, UnknownOutfit
from tryon.core.explain import lineage
from tryon.core.lookbook.views import ImageFacts
from tryon.core.pipeline import Pipeline
from tryon.core.records import BlobFacts, Record
from tryon.core.wanted import Product, Shelf
from tryon.core.words import Outfit, check_id

MEDIA_TYPES = {"webp": "image/webp", "png": "image/png"}
BYTES = "application/octet-stream"
NOT_GENERATED = "This outfit has not been generated yet. Run `fashion pregenerate`."


def asked_outfit(outfit_id: str) -> Outfit:
    """Raises UnknownOutfit: what is not even written like one is outside the matrix too."""
    try:
        return Outfit.parse(outfit_id)
    except InvalidId as error:
        raise UnknownOutfit(str(error)) from None


def asked_look(pipeline: Pipeline, user_id: str, outfit_id: str) -> tuple[Shelf, Product]:
    """Raises InvalidId, UnknownUpload, UnknownOutfit."""
    return pipeline.shown_look(check_id(user_id, "user id"), asked_outfit(outfit_id))


def made_from(shelf: Shelf, look: Product) -> list[Product]:
    """All that the image is made from, each after what it needs; the image's own product comes last."""
    assert look.outfit is not None, "a try-on is a user in an outfit"
    return lineage(shelf, look.outfit)


def media_type(suffix: str) -> str:
    return MEDIA_TYPES.get(suffix, BYTES)


def image_facts(record: Record | None) -> ImageFacts | None:
    """None for what is refused or not there."""
    if record is None or not isinstance(record.result, BlobFacts):
        return None
    blob = record.result
    return ImageFacts(blob.sha256, blob.size, media_type(blob.suffix), record.published_at)
