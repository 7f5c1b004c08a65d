"""How a published image came to be: its mark, its engines, the photos and the results that it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tryon.core.lookbook.asked import media_type
from tryon.core.lookbook.views import Provenance, State, Step, UploadFacts
from tryon.core.origins import Origins
from tryon.core.ports import Blobs
from tryon.core.provenance import DigitalSource, Mark, read_mark
from tryon.core.recipes import Input
from tryon.core.records import BlobFacts, Record
from tryon.core.stored import read_verified
from tryon.core.uploads import UploadKind
from tryon.core.wanted import Product, Wanted
from tryon.core.words import Refused


def provenance(
    blobs: Blobs, wanted: Wanted, chain: Sequence[Product], found: Mapping[Input, Record]
) -> Provenance:
    """chain: all that the image is made from, the image last. found: their records, the image's for certain."""
    look = chain[-1]
    record, method = found[look.input], look.recipe.method
    origin = Origins(lambda asked: {made: found[made] for made in asked if made in found}).of(record)
    mark = _mark(blobs, record)
    return Provenance(
        mark.source.uri if mark else "",
        mark.creator_tool if mark else "",
        origin.engines,
        origin.commercial_use,
        dict(method.parameters),
        method.seed,
        _uploads(wanted, look),
        tuple(_step(product, found.get(product.input)) for product in chain[:-1]),
        record.run_id,
        record.seconds,
        record.cost_usd,
    )


def _mark(blobs: Blobs, record: Record) -> Mark | None:
    """What the record says, else what the file itself carries."""
    source = record.facts.get("digital_source")
    return Mark(DigitalSource(str(source))) if source else read_mark(read_verified(blobs, record))


def _uploads(wanted: Wanted, look: Product) -> tuple[UploadFacts, ...]:
    """Digests as the recipe names them: the wanted key holds exactly these photos."""
    assert look.user is not None, "a try-on belongs to a user"
    items = [wanted.item(ref.id) for ref in wanted.uploads_of(look) if ref.kind is UploadKind.ITEM]
    return (
        UploadFacts(UploadKind.USER.value, look.user.id, look.user.sha256),
        *(UploadFacts(UploadKind.ITEM.value, item.id, item.sha256) for item in items),
    )


def _step(product: Product, record: Record | None) -> Step:
    result = record.result if record else None
    blob = result if isinstance(result, BlobFacts) else None
    state = State.MISSING if record is None else State.PUBLISHED if blob else State.REFUSED
    return Step(
        product.stage.value,
        product.name,
        product.key,
        product.generation,
        state,
        result.message if isinstance(result, Refused) else "",
        blob.sha256 if blob else "",
        media_type(blob.suffix) if blob else "",
        record.published_at if record and blob else "",
        record.run_id if record and blob else "",
        tuple(product.recipe.method.engines),
    )
