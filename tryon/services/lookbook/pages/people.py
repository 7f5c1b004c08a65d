"""Whose outfits there are, with how much of each person's matrix has its verdict."""

from __future__ import annotations

from tryon.core.coverage import Counts
from tryon.core.lookbook import Person, coverage_matrix, people
from tryon.core.pipeline import Pipeline
from tryon.services.lookbook.pages import links

A_PAGE = 24
COUNTED = 2000
"""Outfits of a person that are counted for a card; more would make the first page slow."""


def people_page(pipeline: Pipeline, after: str) -> dict[str, object]:
    found = people(pipeline, after, A_PAGE)
    return {
        "here": "people",
        "people": [_card(pipeline, person) for person in found.people],
        "outfits": found.outfits,
        "next": links.listed("/", after=found.next) if found.next else "",
    }


def _card(pipeline: Pipeline, person: Person) -> dict[str, object]:
    counts, partly = count(pipeline, person.id)
    facts = {"counts": counts, "partly": partly, "photo": links.photo(person.id)}
    return {"id": person.id, "rollout": person.rollout, **facts}


def count(pipeline: Pipeline, user: str) -> tuple[Counts, bool]:
    """Counts of all outfits, or of the first ones alone (True)."""
    counts, after = Counts(), ""
    while counts.wanted < COUNTED:
        page = coverage_matrix(pipeline, user, after)
        counts, after = counts + page.counts, page.next
        if not after:
            return counts, False
    return counts, True
