"""Whose outfits there are."""

from __future__ import annotations

from tryon.core.lookbook.views import People, Person
from tryon.core.pipeline import Pipeline

MOST_PEOPLE = 500


def people(pipeline: Pipeline, after: str = "", limit: int = 100) -> People:
    """By id. after: the id that the last page ended with (its `next`). Erased and suspended ones are not there."""
    raise NotImplementedError


def person(pipeline: Pipeline, user_id: str) -> Person:
    """Raises UnknownUpload, and InvalidId for what cannot be an id."""
    raise NotImplementedError
