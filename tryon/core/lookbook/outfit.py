"""One outfit of one person: whether it is shown, and how its image came to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tryon.core.blocked import blocked
from tryon.core.explain import verdicts
from tryon.core.lookbook.asked import asked_look, image_facts, made_from
from tryon.core.lookbook.provenance import provenance
from tryon.core.lookbook.views import OutfitView, SplatFacts, State
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import Input
from tryon.core.records import BlobFacts, Record
from tryon.core.wanted import Product, Shelf
from tryon.core.words import Refused

Found = Mapping[Input, Record]


def outfit(pipeline: Pipeline, user_id: str, outfit_id: str) -> OutfitView:
    """Raises UnknownUpload, InvalidId, and UnknownOutfit outside the matrix.

    The image's file is not read, but for one that was published before records said which AI mark it carries: `image`
    compares it with its record when it is asked for.
    """
    shelf, look = asked_look(pipeline, user_id, outfit_id)
    chain, splat = made_from(shelf, look), splat_of(shelf, look)
    found = pipeline.records.find([product.input for product in (*chain, *splat)])
    record = found.get(look.input)
    assert look.outfit is not None, "a try-on is a user in an outfit"
    state, code, reason = _verdict(pipeline, chain, record)
    published = record if record and state is State.PUBLISHED else None
    return OutfitView(
        user_id,
        look.name,
        tuple(garment.id for garment in look.outfit.garments),
        state,
        code,
        reason,
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


def _verdict(pipeline: Pipeline, chain: Sequence[Product], record: Record | None) -> tuple[State, str, str]:
    """State, code and reason; the log is asked only for what is missing."""
    if record is None:
        block = blocked(verdicts(pipeline, chain))
        return State.MISSING, block.cause.value, block.reason
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
