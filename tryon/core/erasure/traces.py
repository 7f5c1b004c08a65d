"""What the stores hold of one upload. An erasure deletes it, verifies by listing it again, and an audit lists it.

An id may be in use again after an erasure. Then only what names the old upload's ordinal is the old one's; the
rest (blobs that no record names yet, events, files) may be the new one's and is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from tryon.core.orders import Delivery, Order
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import canonical_json
from tryon.core.records import BlobFacts, Placed, Record
from tryon.core.uploads import UploadKind, UploadRef

T = TypeVar("T")
Counts = Mapping[str, int]
"""Store -> how many of its entries."""


class Leftover(NamedTuple):
    """Something of an erased upload. Counts only: a blob's address names its digest and belongs into no report."""

    upload: UploadRef
    store: str
    entries: int


def leftovers(pipeline: Pipeline) -> list[Leftover]:
    """Everything in any store that belongs to a tombstone, final or not. Reads only; none is the normal answer.

    Costs one pass over the records and one over the log for each erased item.
    """
    living = {(one.ref.kind, one.ref.id) for one in pipeline.records.kept()}
    return [
        Leftover(stone.ref, store, count)
        for stone in pipeline.records.tombstones()
        for reused in [(stone.ref.kind, stone.ref.id) in living]
        for store, count in Traces(pipeline, stone.ref, reused, final=bool(stone.erased_at)).count().items()
        if count
    ]


@dataclass(frozen=True)
class Traces:
    """reused: another, living upload has the id now. final: the erasure is complete, so files under this id are a
    new upload that was not registered yet. keys: recipe keys that are known to be this upload's."""

    pipeline: Pipeline
    upload: UploadRef
    reused: bool = False
    final: bool = False
    keys: frozenset[str] = frozenset()

    def count(self) -> Counts:
        """What each store holds now, by listing it."""
        found = {"records": len(self.records()), "blobs": len(self.blobs()), "leases": len(self.leases())}
        found["answers"] = self.pipeline.records.answers_of(self.upload)
        if not self.reused:
            found["uploads"] = 0 if self.final else len(self.files())
            found["documents"] = len(self.documents())
            found["log"] = self.pipeline.log.count(self.upload.kind, self.upload.id)
        return found

    def records(self) -> list[Record]:
        return list(self.pipeline.records.of_upload(self.upload))

    def files(self) -> tuple[str, ...]:
        return self.pipeline.uploads.files(self.upload.kind, self.upload.id)

    def blobs(self) -> list[str]:
        """Paths of everything made from the upload: of an item also the outfits of users, in their folders."""
        blobs, own = self.pipeline.blobs, f"{self.upload.kind}s/{self.upload.id}/"
        found = {path for path in self._published() if blobs.exists(path)}
        if not self.reused:
            found |= {*blobs.list(own), *blobs.unfinished(own)}
        return sorted(found)

    def documents(self) -> list[str]:
        """Users whose data.json is the upload's, or names the item."""
        documents, name = self.pipeline.documents, self.upload.id
        if self.upload.kind is UploadKind.USER:
            return [name] if documents.read(name) is not None else []
        return [user for user in documents.list() if names_item(documents.read(user), name)]

    def all_keys(self) -> frozenset[str]:
        """Of records, and of what was begun, ordered or failed and has no record."""
        logged = set() if self.reused else self.pipeline.log.keys(self.upload.kind, self.upload.id)
        ordered = {key for placed in self._orders() for key in _keys(placed, self.upload)}
        return frozenset({record.key for record in self.records()} | logged | ordered | self.keys)

    def leases(self) -> set[str]:
        return self.pipeline.records.kept_keys(sorted(self.all_keys()))

    def _published(self) -> Iterator[str]:
        """Without those that equal a result of something else: equal results of one user share a blob."""
        made = [*self.records(), *self._delivered()]
        paths = {record.path for record in made if isinstance(record.result, BlobFacts)}
        yield from paths - self.pipeline.records.names(sorted(paths), besides=self.upload)

    def _orders(self) -> list[Placed]:
        return [placed for placed in self.pipeline.records.orders() if self.upload in placed.uploads]

    def _delivered(self) -> Iterator[Record]:
        """What workers stored and nobody has published yet."""
        for placed in self._orders():
            delivery = _readable(Delivery.read, placed.delivery)
            for parcel in filter(None, delivery.parcels if delivery else ()):
                yield from (one.record for one in parcel.deposits if self.upload in one.record.uploads)


def _keys(placed: Placed, upload: UploadRef) -> Iterable[str]:
    """Of what is made from the upload: a batch holds products of others too."""
    order = _readable(Order.read, placed.text)
    if order is None:
        return placed.keys
    return [asked.product.key for task in order.tasks for asked in task if upload in asked.uploads]


def _readable(read: Callable[[str], T], text: str) -> T | None:
    """None for what another version wrote, and for what is not there yet."""
    try:
        return read(text)
    except ValueError:
        return None


def names_item(document: Mapping[str, object] | None, item: str) -> bool:
    text = canonical_json(document)
    return any(mention in text for mention in (f'"{item}"', f'"{item}.', f"/items/{item}/"))
