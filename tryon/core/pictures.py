"""What one partition of an asset shows: its products that are published and wanted now, drawn as one small sheet.

The records are asked each time. A product that is refused, stale, not made, or made from an upload that was erased
or suspended is not drawn, and nothing is drawn in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType

import numpy as np

from tryon.core.contact_sheet import Cell, Heading, Layout, paint
from tryon.core.encoding import Encoded, encode_webp
from tryon.core.errors import PregenerationRequired
from tryon.core.images import decode, decode_mask, decode_rgba
from tryon.core.pipeline import Pipeline
from tryon.core.ply import read_ply
from tryon.core.ports import Pixels
from tryon.core.provenance import DigitalSource, Mark
from tryon.core.recipes import Stage
from tryon.core.records import BlobFacts, Record
from tryon.core.splat_view import view
from tryon.core.stored import read_verified
from tryon.core.wanted import Product, Shelf
from tryon.core.words import check_id

MOST, COLUMNS = 15, 5
"""Pictures on a sheet, so that a pair that owns hundreds of outfits costs no more; and in a row."""
LAYOUT = Layout(width=135, height=180, gap=8, margin=8, caption=30, letters=11)
OF_PAIRS = MappingProxyType(
    {
        "garment_tryons": Shelf.singles,
        "outfit_tryons": Shelf.two_piece,
        "outfit_splats": Shelf.splats,
    }
)
"""Assets of user x item, and what the pair owns of each."""


@dataclass(frozen=True, slots=True)
class Place:
    """One partition of one asset. user, item: None where the asset has no such dimension; InvalidId otherwise."""

    asset: str
    user: str | None
    item: str | None

    def __post_init__(self) -> None:
        for value in filter(None, (self.user, self.item)):
            check_id(value)

    @property
    def path(self) -> str:
        """Where the picture service has it: ids only, since the address stays in places that cannot be erased."""
        user = f"/users/{self.user}" if self.user is not None else ""
        item = f"/items/{self.item}" if self.item is not None else ""
        return f"/pictures{user}{item}/{self.asset}.webp"


@dataclass(frozen=True, slots=True)
class Picture:
    """records: what is shown, in the order of the matrix. tag: equal for equal pictures; it tells nothing about
    the photos, being made of random tokens."""

    records: tuple[Record, ...]

    @property
    def tag(self) -> str:
        tokens = ":".join(record.token for record in self.records)
        return sha256(tokens.encode()).hexdigest()[:32]


def find_picture(pipeline: Pipeline, place: Place) -> Picture:
    """Raises UnknownUpload, and PregenerationRequired when nothing of the partition can be shown."""
    wanted = [product.input for product in _shown(pipeline, place)]
    found = pipeline.records.find(wanted)
    records = [found[product] for product in wanted if product in found]
    shown = tuple(record for record in records if isinstance(record.result, BlobFacts))
    if not shown:
        where = " and ".join(filter(None, (place.user, place.item)))
        raise PregenerationRequired(
            f"nothing of {place.asset} is published and up to date for {where}: pre-generation is required, "
            "run `fashion pregenerate`; what was refused is listed by `fashion status`"
        )
    return Picture(shown)


def _shown(pipeline: Pipeline, place: Place) -> Sequence[Product]:
    """The products of the partition that a shopper may see now."""
    item = pipeline.wanted().item(place.item) if place.item is not None else None
    if place.user is None:
        crops = pipeline.catalogue().shown_crops(pipeline.records.users())
        return [crop for crop in crops if crop.item == item]
    shelf = pipeline.shown_shelf(place.user)
    return OF_PAIRS[place.asset](shelf, item) if item else list(shelf.masks.values())


def draw(pipeline: Pipeline, picture: Picture) -> Encoded:
    """Every blob is compared with its record first. Raises BlobMissing, BlobCorrupted."""
    cells = [_cell(pipeline, record) for record in picture.records[:MOST]]
    rows = [cells[start : start + COLUMNS] for start in range(0, len(cells), COLUMNS)]
    left_out = len(picture.records) > MOST
    heading = Heading(f"{MOST} of {len(picture.records)}", height=14, letters=12) if left_out else None
    sheet = np.asarray(paint(rows, min(COLUMNS, len(cells)), LAYOUT, heading))
    generated = any(record.stage in (Stage.TRYON, Stage.SPLAT) for record in picture.records)
    return encode_webp(sheet, 85, ai_generated=generated and Mark(DigitalSource.COMPOSITE_SYNTHETIC))


def _cell(pipeline: Pipeline, record: Record) -> Cell:
    pixels = _READ[record.stage](read_verified(pipeline.blobs, record))
    return Cell("\n".join(record.name.split("+")), pixels)


def _mask(data: bytes) -> Pixels:
    return np.repeat(decode_mask(data)[..., None], 3, axis=2)


def _crop(data: bytes) -> Pixels:
    """On white, since `decode_rgba` leaves white where nothing covers."""
    rgba = decode_rgba(data).astype(np.float32)
    alpha = rgba[..., 3:] / 255
    return np.rint(rgba[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)


_READ: Mapping[Stage, Callable[[bytes], Pixels]] = MappingProxyType(
    {
        Stage.CROP: _crop,
        Stage.MASK: _mask,
        Stage.TRYON: lambda data: decode(data).pixels,
        Stage.SPLAT: lambda data: view(read_ply(data)),
    }
)
