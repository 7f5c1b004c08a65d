"""One outfit of one person: whether it is shown, and how its image came to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tryon.core.blocked import blocked
from tryon.core.errors import OutfitRefused, PregenerationRequired
from tryon.core.explain import verdicts
from tryon.core.lookbook.asked import NOT_GENERATED, asked_look, image_facts, made_from
from tryon.core.lookbook.provenance import provenance
from tryon.core.lookbook.views import OutfitView, SplatFacts, State
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import Input
from tryon.core.records import BlobFacts, Record
from tryon.core.wanted import Product, Shelf
from tryon.core.words import Refused

Found = Mapping[Input, Record]


def outfit(pipeline: Pipeline, user_id: str, outfit_id: str) -> OutfitView:
    """Of a missing one, `code` and `reason` say what stands in the way.

    Raises UnknownUpload, InvalidId, and UnknownOutfit outside the matrix. The image's file is not read, but for one
    that was published before records said which AI mark it carries: `image` compares it with its record when it is
    asked for.
    """
    shelf, look = asked_look(pipeline, user_id, outfit_id)
    view = _view(pipeline, shelf, look)
    if view.state is not State.MISSING:
        return view
    block = blocked(verdicts(pipeline, made_from(shelf, look)))
    return replace(view, code=block.cause.value, reason=block.reason)


def shown_outfit(pipeline: Pipeline, user_id: str, outfit_id: str) -> OutfitView:
    """A published one. Raises what `outfit` raises, PregenerationRequired, and OutfitRefused."""
    view = _view(pipeline, *asked_look(pipeline, user_id, outfit_id))
    if view.state is State.MISSING:
        raise PregenerationRequired(NOT_GENERATED)
    if view.state is State.REFUSED:
        raise OutfitRefused(view.code, view.reason)
    return view


def _view(pipeline: Pipeline, shelf: Shelf, look: Product) -> OutfitView:
    chain, splat = made_from(shelf, look), splat_of(shelf, look)
    found = pipeline.records.find([product.input for product in (*chain, *splat)])
    record = found.get(look.input)
    assert look.outfit is not None, "a try-on is a user in an outfit"
    published = record is not None and isinstance(record.result, BlobFacts)
    return OutfitView(
        shelf.user.id,
        look.name,
        tuple(garment.id for garment in look.outfit.garments),
        *_verdict(record),
        look.key,
        look.generation,
        look.recipe.facts(),
        image_facts(record),
        provenance(pipeline.blobs, shelf.wanted, chain, found) if published else None,
        _splat_facts(splat[0], found) if published and splat else None,
    )


def splat_of(shelf: Shelf, look: Product) -> list[Product]:
    """The outfit's splat, if it gets one."""
    wants = look.outfit is not None and shelf.wanted.release.wants_splat(look.outfit)
    return [shelf.splat(look)] if wants else []


def _verdict(record: Record | None) -> tuple[State, str, str]:
    """State, code and reason."""
    if record is None:
        return State.MISSING, "", ""
    if isinstance(record.result, Refused):
        return State.REFUSED, record.result.code, record.result.message
    return State.PUBLISHED, "", ""


def _splat_facts(splat: Product, found: Found) -> SplatFacts:
    record = found.get(splat.input)
    if record is None:
        return SplatFacts(State.MISSING, "", "it has not been generated yet", "", 0, 0)
    if isinstance(record.result, Refused):
        return SplatFacts(State.REFUSED, record.result.code, record.result.message, "", 0, 0)
    return _published(record, record.result)


def _published(record: Record, blob: BlobFacts) -> SplatFacts:
    count = int(str(record.facts.get("gaussians", 0)))
    return SplatFacts(State.PUBLISHED, "", "", blob.sha256, blob.size, count, dict(record.facts))
