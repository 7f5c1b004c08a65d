"""What is really there: read from the stores and hashed from the disk, whatever the pipeline believes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256

from bench.filling import Site, complete, owners
from tryon.core.erasure.receipts import Receipt, check_receipt, file_name
from tryon.core.erasure.traces import leftovers
from tryon.core.errors import BlobMissing
from tryon.core.pipeline import Pipeline
from tryon.core.records import Record
from tryon.core.wanted import Product
from tryon.core.words import Refused

Index = dict[str, list[object]]
"""What -> all that must be equal in a disturbed and an undisturbed run."""


def records_of(pipeline: Pipeline) -> Iterator[Record]:
    """Every generation of every key."""
    for owner in owners(pipeline):
        yield from pipeline.records.find(list(pipeline.records.standings(owner))).values()


def products(pipeline: Pipeline) -> Index:
    """Tokens, run ids, times and costs differ from run to run and are left out; JSON values only."""
    return {
        f"{record.user or record.item} {record.stage} {record.name} {record.key[:8]}.{record.generation}": [
            record.key,
            record.verdict.value,
            record.generation,
            record.recipe,
            digest(pipeline, record),
        ]
        for record in records_of(pipeline)
    }


def index(site: Site, pipeline: Pipeline) -> Index:
    """Products, documents, and whether the pipeline thinks it is done."""
    place = str(site.folder.resolve())
    documents: Index = {
        f"{user.id} data.json": [repr(pipeline.documents.read(user.id)).replace(place, "")]
        for user in pipeline.records.users()
    }
    return {**products(pipeline), **documents, "complete": [complete(pipeline)]}


def standing(site: Site, pipeline: Pipeline) -> Index:
    """What else must be equal: who is offered and shown which release, what is held up or suspended, and what
    erasures left behind, in the stores and as receipts. Times and numbers of receipts are left out."""
    key = site.archive().key() if pipeline.records.tombstones() else b""
    return {
        "offered": [*([u.id, u.ordinal, u.shown, u.target] for u in pipeline.records.users()),
                    *([i.id, i.ordinal] for i in pipeline.records.items())],
        "suspended": [*sorted(name for _, name in pipeline.records.suspended())],
        "attempts": [len(pipeline.records.attempts())],
        "orders": [len(pipeline.records.orders())],
        "leases": [sum(lease.alive for lease in pipeline.records.leases())],
        "leftovers": [*map(str, leftovers(pipeline))],
        "erasing": [*sorted(ref.id for ref in pipeline.records.erasing())],
        "copies": list(site.archive().copies()),
        "receipts": [_receipt(site, json.loads(stone.receipt), key) for stone in pipeline.records.tombstones()],
    }  # fmt: skip


def _receipt(site: Site, receipt: Receipt, key: bytes) -> list[object]:
    kept = site.folder / "receipts" / file_name(receipt)
    same = kept.is_file() and json.loads(kept.read_text()) == receipt
    told = [receipt[name] for name in ("kind", "id", "ordinal", "counts", "verified")]
    return [*told, check_receipt(receipt, key).value, same]


def digest(pipeline: Pipeline, record: Record) -> str:
    """Of the stored bytes, or the code of the refusal."""
    if isinstance(record.result, Refused):
        return record.result.code
    try:
        return sha256(pipeline.blobs.get(record.path)).hexdigest()
    except BlobMissing:
        return "missing"


def wrong_bytes(pipeline: Pipeline) -> int:
    """Published records whose stored bytes are gone or differ."""
    return sum(
        not isinstance(record.result, Refused) and digest(pipeline, record) != record.result.sha256
        for record in records_of(pipeline)
    )


def repeated(pipeline: Pipeline) -> int:
    """Records beyond the first for one product: a second generation that nobody asked for, or a second key."""
    found = list(records_of(pipeline))
    distinct = {(record.user or record.item, record.stage, record.name) for record in found}
    return len(found) - len(distinct) + sum(record.generation - 1 for record in found)


def half_there(pipeline: Pipeline) -> int:
    """Engine passes of which some products are published and some are not: they are made, and shown, together."""
    return sum(0 < _published(pipeline, task) < len(task) for task in _passes(pipeline))


def unnamed_files(site: Site, pipeline: Pipeline) -> set[str]:
    """Stored files that nothing names, half-written ones too. Read from the disk: a store may hide its temporary
    files."""
    named = {f"export/{user.id}.json" for user in pipeline.records.users()}
    for record in records_of(pipeline):
        named |= set() if isinstance(record.result, Refused) else {f"blobs/{record.path}"}
    files = (path for place in ("blobs", "export") for path in (site.folder / place).rglob("*"))
    return {path.relative_to(site.folder).as_posix() for path in files if path.is_file()} - named


def _passes(pipeline: Pipeline) -> Iterator[tuple[Product, ...]]:
    """The passes with several products: an item's crops and a user's masks."""
    wanted = pipeline.wanted()
    yield from (wanted.crops(item) for item in wanted.items)
    yield from (pipeline.shown_shelf(user.id).parse() for user in pipeline.records.users())


def _published(pipeline: Pipeline, task: tuple[Product, ...]) -> int:
    return len(pipeline.records.find([product.input for product in task]))
