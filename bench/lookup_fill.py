"""A lookbook of any size in SQLite: the records of a catalogue whose every try-on is published, without the files.

Records are what a sample run writes, through the real store; in the order of their keys, so that the file grows at its
end: a million take about two minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import islice

from tryon.core.pipeline import Pipeline
from tryon.core.recipes import Stage
from tryon.core.records import BlobFacts, Publication, Record
from tryon.core.uploads import Consent, ItemSidecar, UploadFile, UploadKind, UserSidecar
from tryon.core.wanted import Product
from tryon.core.words import Category

AT = "2026-11-20T12:00:00.000000Z"
RUN = "5b1ff2f4-2d0e-4a38-9d2c-0c5a2b6d5a10"
BATCH = 10_000
SUFFIXES = {Stage.CROP: "png", Stage.MASK: "png", Stage.TRYON: "webp"}


def register(pipeline: Pipeline, users: int, garments: int) -> None:
    """That many tops, as many bottoms, and a dress: 99 garments make 10,000 outfits a user."""
    given = Consent.model_validate({"version": "2026-01", "at": "2026-11-01T09:00:00Z"})
    kinds = [*("t" * garments), *("b" * garments), "d"]
    files = [_item(number, letter) for number, letter in enumerate(kinds)]
    people = [f"u{number:04d}" for number in range(users)]
    files += [UploadFile(UploadKind.USER, one, _digest(one), UserSidecar(consent=given)) for one in people]
    pipeline.records.register(files)
    pipeline.records.confirm(pipeline.release(), people)


def publish(pipeline: Pipeline) -> int:
    """How many try-ons there are now. Crops and masks are published too."""
    shelves = [pipeline.shown_shelf(user.id) for user in pipeline.records.users()]
    wanted, outfits = shelves[0].wanted, list(shelves[0].wanted.matrix.outfits())
    _keep(pipeline, (crop for item in wanted.items for crop in wanted.crops(item)))
    _keep(pipeline, (product for shelf in shelves for product in shelf.parse()))
    places = sorted(
        (bytes.fromhex(shelf.tryon(outfit).key), row, column)
        for row, shelf in enumerate(shelves)
        for column, outfit in enumerate(outfits)
    )
    _keep(pipeline, (shelves[row].tryon(outfits[column]) for _, row, column in places))
    return len(places)


def _keep(pipeline: Pipeline, products: Iterator[Product]) -> None:
    method = pipeline.stages.cards()["dresser"]
    licences = {"licences": {method.id: method.licence}, "commercial_use": True}
    while batch := list(islice(products, BATCH)):
        told = pipeline.records.publish([_record(product, licences) for product in batch])
        assert set(told) == {Publication.WON}, "the records were empty before"


def _record(product: Product, facts: dict[str, object]) -> Record:
    source = {"digital_source": "compositeSynthetic"} if product.stage is Stage.TRYON else {}
    return Record(
        product.key,
        product.generation,
        product.stage,
        product.name,
        product.user.id if product.user else None,
        product.item.id if product.item else None,
        BlobFacts(_digest(product.key), SUFFIXES[product.stage], 61_234),
        product.recipe.canonical(),
        (),
        RUN,
        AT,
        product.key[:16],
        seconds=0.31,
        facts={**facts, **source},
    )


def _item(number: int, letter: str) -> UploadFile:
    category = {"t": Category.TOPS, "b": Category.BOTTOMS, "d": Category.DRESS}[letter]
    name = f"{letter}{number:04d}"
    return UploadFile(UploadKind.ITEM, name, _digest(name), ItemSidecar(categories=(category,)))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
