"""One outfit: its picture and how it came to be, or what to do about its absence."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from tryon.core.explanation import Cause
from tryon.core.lookbook import OutfitView, SplatFacts, State, Step, outfit
from tryon.core.pipeline import Pipeline
from tryon.core.provenance import DigitalSource
from tryon.services.lookbook import links as api
from tryon.services.lookbook.pages import links, words
from tryon.services.lookbook.pages.outfits import wearing

ORIGINS = {
    DigitalSource.GENERATED: "A generative model painted it.",
    DigitalSource.EDITED: "A generative model painted a part of a photo anew.",
    DigitalSource.COMPOSITE_SYNTHETIC: "A program put it together from photos.",
    DigitalSource.COMPOSITE: "It is put together from the photos that are named below.",
    DigitalSource.ALGORITHMICALLY_ENHANCED: "It is a photo that an algorithm changed.",
}
ALLOWED = {True: "Allowed", False: "Not allowed", None: "Not known, so not allowed"}
STATUS = {State.PUBLISHED: 200, State.REFUSED: 409, State.STALE: 404, State.MISSING: 404}
"""The same as the API's answers about the image."""


def outfit_page(
    pipeline: Pipeline, user: str, outfit_id: str, dagster_url: str
) -> tuple[dict[str, object], int]:
    """The template's values, and the status."""
    view = outfit(pipeline, user, outfit_id)
    context: dict[str, object] = {
        "here": "people",
        "user": user,
        "outfit": view.outfit,
        "ids": view.garments,
        "worn": wearing(view.garments),
        "view": view.facts(),
        "image": None,
        "parts": _parts(view),
    }
    more = _shown(view, dagster_url) if view.state is State.PUBLISHED else _absent(view)
    return {**context, **more}, STATUS[view.state]


def _parts(view: OutfitView) -> list[dict[str, str]]:
    if len(view.garments) < 2:
        return []
    return [{"id": garment, "href": links.outfit(view.user, garment)} for garment in view.garments]


def _absent(view: OutfitView) -> dict[str, object]:
    why = f"fashion why {view.user} {view.outfit}"
    reason = "" if view.code == Cause.NOT_MADE.value else words.sentence(view.reason)
    if view.state is State.REFUSED:
        said = "No image of this outfit can truthfully be made, so there is none."
        return {"code": view.code, "message": said, "why": reason, "commands": [why]}
    said = "This outfit has not been generated yet."
    if view.state is State.STALE:
        said = (
            "The image of this outfit is out of date: what it was made from has changed, so it is not shown."
        )
    return {
        "code": "pregeneration_required",
        "message": f"{said} It has to be pregenerated.",
        "why": reason,
        "commands": ["fashion pregenerate", why],
    }


def _shown(view: OutfitView, dagster_url: str) -> dict[str, object]:
    assert view.image, "a published outfit has an image"
    assert view.provenance, "a published outfit has its provenance"
    made, source = view.provenance, view.provenance.digital_source.rpartition("/")[2]
    final = made.lineage[-1].engines if made.lineage else ()
    return {
        "image": {**view.image.facts(), "href": api.image(view.user, view.outfit)},
        "photo": links.photo(view.user),
        "digital_source": source,
        "origin": ORIGINS[DigitalSource(source)],
        "commercial": ALLOWED[made.commercial_use],
        "tryon_engines": ", ".join(final),
        "provenance": made.facts(),
        "lineage": [_step(view.user, step) for step in made.lineage],
        "run_href": api.run(dagster_url, made.run_id),
        "recipe": json.dumps(dict(view.recipe), indent=2, sort_keys=True),
        "splat": _splat(view, view.splat) if view.splat else None,
    }


def _step(user: str, step: Step) -> dict[str, object]:
    crop = links.crop(user, step.name) if step.stage == "crop" and step.state is State.PUBLISHED else ""
    return {**step.facts(), "stage": words.STAGES[step.stage], "crop": crop}


def _splat(view: OutfitView, splat: SplatFacts) -> dict[str, object]:
    return {
        **splat.facts(),
        "state": splat.state.value,
        "reason": words.sentence(splat.reason) if splat.reason else "",
        "href": api.splat(view.user, view.outfit),
        "fov": field_of_view(splat.facts_of_record),
        "geometry": _geometry(splat.facts_of_record),
    }


def field_of_view(facts: Mapping[str, Any]) -> str:
    """Vertical, in degrees, of the picture that the splat was made from; empty where that is not recorded."""
    f_px, size = facts.get("f_px"), facts.get("image_size")
    if not f_px or not size:
        return ""
    return f"{math.degrees(2 * math.atan(size[1] / 2 / f_px)):.3f}"


def _geometry(facts: Mapping[str, Any]) -> str:
    """What of it is measured, and what is made up."""
    said = [str(facts[name]) for name in ("generator", "geometry") if facts.get(name)]
    back = [f"the back is {facts['back']}"] if facts.get("back") else []
    return words.sentence("; ".join(said + back) or "made from the picture")
