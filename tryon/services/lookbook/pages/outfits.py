"""Every outfit of a person, filtered and page by page."""

from __future__ import annotations

from collections.abc import Sequence

from tryon.core.errors import BadInput, InvalidId, UnknownUpload
from tryon.core.lookbook import Card, Filter, OutfitPage, outfits, person
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import Stage
from tryon.core.words import Category
from tryon.services.lookbook.pages import links, words

A_PAGE = 48
CHOICES = 200
"""Garments in the filter's list; of more, one is named by its id."""
WORN = {Category.TOPS: "Tops", Category.BOTTOMS: "Bottoms", Category.DRESS: "Dresses"}


def outfits_page(pipeline: Pipeline, user: str, only: Filter, after: str) -> tuple[dict[str, object], int]:
    """The template's values, and the status. A filter that cannot be read is said beside the form."""
    person(pipeline, user)
    page, problem = OutfitPage(user, (), 0, ""), ""
    try:
        page = outfits(pipeline, user, only, after, A_PAGE)
    except (InvalidId, UnknownUpload):
        raise
    except BadInput as error:
        problem = words.sentence(str(error))
    filtered = only != Filter()
    context: dict[str, object] = {
        "here": "people",
        "user": user,
        "only": only,
        "filtered": filtered,
        "problem": problem,
        "found": "" if problem else _found(page, filtered or bool(after)),
        "garment_choices": _garments(pipeline),
        "engine_choices": _engines(pipeline),
        "cards": [_card(user, card) for card in page.outfits],
        "first": links.outfits(user, only) if after else "",
        "next": links.outfits(user, only, page.next) if page.next else "",
    }
    return context, 400 if problem else 200


def _found(page: OutfitPage, some: bool) -> str:
    shown, total = len(page.outfits), f"{page.total:,} {'outfit' if page.total == 1 else 'outfits'}"
    if not page.total:
        return "There is no garment yet. Add a photo with `fashion add-item`."
    if some or page.next:
        more = "; more follow on the next page" if page.next else ""
        return f"{shown} here, of {total} in all{more}"
    return total


def _card(user: str, card: Card) -> dict[str, object]:
    worn = wearing(card.garments)
    return {
        **card.facts(),
        "state": card.state.value,
        "reason": words.why_not(card.code, card.reason),
        "href": links.outfit(user, card.outfit),
        "thumb": links.small(user, card.outfit),
        "srcset": links.sizes(user, card.outfit),
        "alt": f"{user} wearing {worn}",
    }


def wearing(garments: Sequence[str]) -> str:
    """`tee-sun with jeans-blue`"""
    return " with ".join(words.item(garment) for garment in garments)


def _garments(pipeline: Pipeline) -> list[tuple[str, list[str]]]:
    """Title and garment ids of each group; nothing where there are too many to choose from."""
    found: dict[Category, list[str]] = {category: [] for category in WORN}
    for item in pipeline.records.items():
        for category in item.categories:
            if category in found:
                found[category].append(f"{item.id}.{category}")
    if sum(map(len, found.values())) > CHOICES:
        return []
    return [(WORN[category], sorted(ids)) for category, ids in found.items() if ids]


def _engines(pipeline: Pipeline) -> list[str]:
    """Those that dress, under any release that was confirmed."""
    releases = [pipeline.stages.release(), *pipeline.records.releases()]
    return sorted({engine for release in releases for engine in release.methods[Stage.TRYON].engines})
