"""Bytes that are shown: verified against their records, or an error; never another picture.

All raise UnknownUpload, InvalidId, UnknownOutfit, PregenerationRequired where there is no verdict, OutfitRefused where
the verdict is a refusal, and BlobMissing or BlobCorrupted where what was published is gone or changed.

They come as a `Picked`: its tag first, which costs no bytes, and the bytes when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from tryon.core.encoding import encode_webp
from tryon.core.errors import BlobMissing, OutfitRefused, PregenerationRequired, UnknownOutfit
from tryon.core.images import decode
from tryon.core.lookbook.asked import NOT_GENERATED, asked_look, media_type
from tryon.core.lookbook.outfit import splat_of
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import Stage
from tryon.core.records import BlobFacts, Record
from tryon.core.sizing import fit_within, resize
from tryon.core.stored import read_verified
from tryon.core.uploads import UploadKind, User
from tryon.core.wanted import Product
from tryon.core.words import Refused, check_id

SPLAT_NOT_GENERATED = "The splat of this outfit has not been generated yet. Run `fashion pregenerate`."
CROP_NOT_MADE = "This garment has not been cropped yet. Run `fashion pregenerate`."
PHOTO_QUALITY = 90


@dataclass(frozen=True, slots=True)
class Picked:
    """tag: hex; equal for equal bytes. read: the verified bytes."""

    tag: str
    media_type: str
    read: Callable[[], bytes]


def image(pipeline: Pipeline, user_id: str, outfit_id: str) -> Picked:
    _, look = asked_look(pipeline, user_id, outfit_id)
    return _picked(pipeline, look)


def splat_file(pipeline: Pipeline, user_id: str, outfit_id: str) -> Picked:
    """Binary PLY. Raises UnknownOutfit for an outfit that gets no splat."""
    return _picked(pipeline, _splat(pipeline, user_id, outfit_id), SPLAT_NOT_GENERATED)


def splat_record(pipeline: Pipeline, user_id: str, outfit_id: str) -> Record:
    """The published splat's record."""
    return _published(pipeline, _splat(pipeline, user_id, outfit_id), SPLAT_NOT_GENERATED)


def crop_image(pipeline: Pipeline, user_id: str, outfit_id: str, garment_id: str) -> Picked:
    """The crop that the outfit's image is made from. Raises UnknownOutfit for a garment that is not part of it."""
    shelf, look = asked_look(pipeline, user_id, outfit_id)
    assert look.outfit is not None, "a try-on is a user in an outfit"
    worn = {garment.id: garment for garment in look.outfit.garments}
    if garment_id not in worn:
        raise UnknownOutfit(f"outfit {look.name!r} has no garment {garment_id!r}; it has {', '.join(worn)}")
    return _picked(pipeline, shelf.wanted.crop(worn[garment_id]), CROP_NOT_MADE)


def person_photo(pipeline: Pipeline, user_id: str) -> Picked:
    """The person's own photo, upright, without EXIF, at the size of the try-ons, so that both can be laid over each
    other. Raises PregenerationRequired when it was replaced and nobody looked at the uploads since."""
    user = pipeline.offered_user(check_id(user_id, "user id"))
    parameters = pipeline.shown_release(user).methods[Stage.TRYON].parameters
    box = int(str(parameters["width"])), int(str(parameters["height"]))
    # Of the digest, so that it tells nothing about the photo itself.
    tag = sha256(f"{user.sha256} {box} {PHOTO_QUALITY}".encode()).hexdigest()
    return Picked(tag, "image/webp", lambda: _photo(pipeline, user, box))


def _photo(pipeline: Pipeline, user: User, box: tuple[int, int]) -> bytes:
    data = pipeline.uploads.open(UploadKind.USER, user.id)
    if sha256(data).hexdigest() != user.sha256:
        raise PregenerationRequired(f"the photo of {user.id} was replaced. Run `fashion pregenerate`.")
    pixels = decode(data).pixels
    size = fit_within(pixels.shape[1], pixels.shape[0], *box)
    return encode_webp(resize(pixels, size), PHOTO_QUALITY).data


def _splat(pipeline: Pipeline, user_id: str, outfit_id: str) -> Product:
    shelf, look = asked_look(pipeline, user_id, outfit_id)
    splats = splat_of(shelf, look)
    if not splats:
        raise UnknownOutfit(f"outfit {look.name!r} gets no splat: only a dress or a top and a bottom do")
    return splats[0]


def _picked(pipeline: Pipeline, product: Product, absent: str = NOT_GENERATED) -> Picked:
    record = _published(pipeline, product, absent)
    assert isinstance(record.result, BlobFacts), "a refusal was raised"

    def read() -> bytes:
        try:
            return read_verified(pipeline.blobs, record)
        except BlobMissing:
            # Erased after it was looked up, it is not damaged.
            _published(pipeline, product, absent)
            raise

    return Picked(record.result.sha256, media_type(record.result.suffix), read)


def _published(pipeline: Pipeline, product: Product, absent: str) -> Record:
    record = pipeline.records.find([product.input]).get(product.input)
    if record is None:
        raise PregenerationRequired(absent)
    if isinstance(record.result, Refused):
        raise OutfitRefused(record.result.code, record.result.message)
    return record
