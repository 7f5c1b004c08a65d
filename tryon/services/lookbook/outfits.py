"""GET /users/{user}/outfits, /users/{user}/outfits/{outfit}"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from tryon.core import lookbook
from tryon.core.lookbook import Card, Filter, ImageFacts, OutfitView, Provenance, SplatFacts, State, Step
from tryon.core.pipeline import Pipeline
from tryon.services.lookbook import links, wire
from tryon.services.lookbook.sending import as_json

Text = Annotated[str, Query(max_length=100)]
Day = Annotated[str, Query(max_length=10, description="YYYY-MM-DD, UTC")]


def router(pipeline: Pipeline, dagster_url: str) -> APIRouter:
    routes = APIRouter(tags=["outfits"])

    @routes.get("/users/{user}/outfits", operation_id="list_outfits", response_model=wire.Outfits)
    def outfits(
        user: str,
        garment: Annotated[str, Query(max_length=100, description="a garment's or an item's id")] = "",
        engine: Text = "",
        since: Day = "",
        until: Day = "",
        after: Text = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Response:
        """Every outfit of the matrix, in its order. A page can be short, or empty, and still have a next one."""
        page = lookbook.outfits(pipeline, user, Filter(garment, engine, since, until), after, limit)
        cards = [_card(user, card) for card in page.outfits]
        facts = {"user": user, "outfits": cards, "total": page.total, "next": page.next}
        return as_json(wire.Outfits.model_validate(facts))

    @routes.get("/users/{user}/outfits/{outfit}", operation_id="get_outfit", response_model=wire.Outfit)
    def outfit(user: str, outfit: str) -> Response:
        """A published outfit: its image, and how that came to be. 404 `pregeneration_required` while there is none,
        409 `refused` where none can truthfully be made."""
        return as_json(_outfit(lookbook.shown_outfit(pipeline, user, outfit), dagster_url))

    return routes


def _card(user: str, card: Card) -> dict[str, Any]:
    return {
        "outfit": card.outfit,
        "garments": card.garments,
        "state": card.state.value,
        "code": card.code,
        "reason": card.reason,
        "url": links.outfit(user, card.outfit),
        "image": _image(user, card.outfit, card.image),
        "engines": card.engines,
        "has_splat": card.has_splat,
    }


def _outfit(view: OutfitView, dagster_url: str) -> wire.Outfit:
    assert view.provenance is not None, "a published outfit says how it was made"
    facts = {
        **{
            name: getattr(view, name)
            for name in ("user", "outfit", "garments", "key", "generation", "recipe")
        },
        "person": links.person(view.user),
        "image": _image(view.user, view.outfit, view.image),
        "provenance": _provenance(view, view.provenance, dagster_url),
        "splat": _splat(view, view.splat) if view.splat else None,
    }
    return wire.Outfit.model_validate(facts)


def _image(user: str, outfit: str, image: ImageFacts | None) -> dict[str, Any] | None:
    return {**image.facts(), "url": links.image(user, outfit)} if image else None


def _provenance(view: OutfitView, made: Provenance, dagster_url: str) -> dict[str, Any]:
    facts = made.facts()
    run_id = facts.pop("run_id")
    return {
        **facts,
        "lineage": [_step(view, step) for step in made.lineage],
        "run": {"id": run_id, "url": links.run(dagster_url, run_id)},
    }


def _step(view: OutfitView, step: Step) -> dict[str, Any]:
    shown = step.stage == "crop" and step.state is State.PUBLISHED
    return {**step.facts(), "url": links.crop(view.user, view.outfit, step.name) if shown else None}


def _splat(view: OutfitView, splat: SplatFacts) -> dict[str, Any]:
    facts = splat.facts()
    said = facts.pop("facts_of_record")
    url = links.splat(view.user, view.outfit) if splat.state is State.PUBLISHED else None
    return {**facts, "facts": said, "url": url}
