"""Whose outfits there are, with how much of each person's matrix has its verdict."""

from __future__ import annotations

from tryon.core.lookbook import Person, people
from tryon.core.lookbook.tally import tally
from tryon.core.pipeline import Pipeline
from tryon.services.lookbook.pages import links

A_PAGE = 24
COUNTED = 2000
"""Outfits of a person that are counted for a card; more would make the first page slow."""


def people_page(pipeline: Pipeline, after: str) -> dict[str, object]:
    found = people(pipeline, after, A_PAGE)
    return {
        "here": "people",
        "people": [_card(pipeline, person, found.outfits) for person in found.people],
        "outfits": found.outfits,
        "next": links.listed("/", after=found.next) if found.next else "",
    }


def _card(pipeline: Pipeline, person: Person, outfits: int) -> dict[str, object]:
    counts = tally(pipeline, person.id, COUNTED)
    facts = {"counts": counts, "partly": counts.wanted < outfits, "photo": links.photo(person.id)}
    return {"id": person.id, "rollout": person.rollout, **facts}
