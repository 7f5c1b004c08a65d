"""Bytes that are shown: verified against their records, or an error; never another picture.

All raise UnknownUpload, InvalidId, UnknownOutfit, PregenerationRequired where there is no verdict, OutfitRefused where
the verdict is a refusal, and BlobMissing or BlobCorrupted where what was published is gone or changed.
"""

from __future__ import annotations

from tryon.core.lookbook.views import File
from tryon.core.pipeline import Pipeline


def image(pipeline: Pipeline, user_id: str, outfit_id: str) -> File:
    raise NotImplementedError


def splat_file(pipeline: Pipeline, user_id: str, outfit_id: str) -> File:
    """Binary PLY."""
    raise NotImplementedError


def crop_image(pipeline: Pipeline, garment_id: str) -> File:
    """The garment's crop, as users without a rollout are shown it."""
    raise NotImplementedError


def person_photo(pipeline: Pipeline, user_id: str) -> File:
    """The person's own photo, upright, without EXIF, at the size of the try-ons, so that both can be laid over each
    other."""
    raise NotImplementedError
