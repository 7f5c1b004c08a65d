"""Whose outfits there are."""

from __future__ import annotations

from tryon.core.lookbook.views import People, Person
from tryon.core.matrix import Matrix
from tryon.core.pipeline import Pipeline
from tryon.core.uploads import User
from tryon.core.words import check_id

MOST_PEOPLE = 500


def people(pipeline: Pipeline, after: str = "", limit: int = 100) -> People:
    """By id. after: the id that the last page ended with (its `next`). Erased and suspended ones are not there."""
    known = {user.id: user for user in pipeline.records.users()}
    rest = sorted(user_id for user_id in known if user_id > after)
    shown = rest[: max(1, min(limit, MOST_PEOPLE))]
    more = shown[-1] if len(rest) > len(shown) else ""
    return People(tuple(_person(known[one]) for one in shown), len(Matrix(pipeline.records.items())), more)


def person(pipeline: Pipeline, user_id: str) -> Person:
    """Raises UnknownUpload, and InvalidId for what cannot be an id."""
    return _person(pipeline.offered_user(check_id(user_id, "user id")))


def _person(user: User) -> Person:
    return Person(user.id, user.consent_version, user.consent_at, user.shown, user.shown != user.target)
