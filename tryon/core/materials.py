"""Inputs of a stage, read by key, verified against their record and decoded once.

Neighbouring products share their person, masks and garments, so the last few decoded arrays are kept; engines
recognise a shared input by the identity of its array.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import TypeVar

import numpy as np

from tryon.core.body import unpack_body
from tryon.core.errors import BlobMissing, InputMissing
from tryon.core.images import Photo, decode, decode_mask, decode_rgba
from tryon.core.ports import Answers, Blobs, Body, Pixels, Records, Uploads
from tryon.core.recipes import Input
from tryon.core.records import BlobFacts, Record
from tryon.core.stored import read_verified
from tryon.core.uploads import Item, UploadKind, User
from tryon.core.words import Refused

T = TypeVar("T")
KEPT_BYTES = 128 * 1024 * 1024
"""Of decoded arrays kept in memory: fifty at 768x1024, or the one 50-megapixel photo in work."""

READS = 2
"""Of an upload whose bytes do not have the planned digest."""


class InputRefused(Exception):
    """An input of the product was refused, so the product is refused too, without asking an engine."""

    def __init__(self, name: str, refused: Refused) -> None:
        self.refused = Refused("input_refused", f"{name}: {refused.message}")


class Materials:
    def __init__(self, uploads: Uploads, blobs: Blobs, records: Records) -> None:
        self._uploads, self._blobs, self._records = uploads, blobs, records
        self._kept: OrderedDict[tuple[str, str], object] = OrderedDict()
        self._bytes = 0

    @property
    def answers(self) -> Answers:
        """What paid services said about the photos."""
        return self._records

    def photo(self, upload: User | Item) -> Photo:
        """Raises ImageRejected for a file that is no usable picture."""
        kind = UploadKind.USER if isinstance(upload, User) else UploadKind.ITEM
        return self._keep("photo", upload.sha256, lambda: decode(self._open(kind, upload)))

    def body(self, made: Input) -> Body:
        return self._decoded("body parse", made, unpack_body)

    def mask(self, made: Input) -> Pixels:
        return self._decoded("mask", made, decode_mask)

    def garment(self, made: Input) -> Pixels:
        return self._decoded("garment crop", made, decode_rgba)

    def image(self, made: Input) -> Pixels:
        return self._decoded("try-on image", made, lambda data: decode(data).pixels)

    def derived(self, what: str, made: Input, make: Callable[[], T]) -> T:
        """Something computed from one input, kept like the input itself."""
        return self._keep(what, f"{made.key}:{made.generation}", make)

    def _decoded(self, what: str, made: Input, decoder: Callable[[bytes], T]) -> T:
        record = self._published(what, made)
        assert isinstance(record.result, BlobFacts), "refused inputs were raised above"
        return self._keep(what, record.result.sha256, lambda: decoder(read_verified(self._blobs, record)))

    def _published(self, what: str, made: Input) -> Record:
        record = self._records.find([made]).get(made)
        if record is None:
            raise InputMissing(
                f"the {what} it needs ({made.key[:12]}) is not made yet; run `fashion pregenerate`"
            )
        if isinstance(record.result, Refused):
            raise InputRefused(record.name, record.result)
        return record

    def _open(self, kind: UploadKind, upload: User | Item) -> bytes:
        """Read again before it is called replaced: that is not retried, and a read may end too early."""
        for _ in range(READS):
            try:
                data = self._uploads.open(kind, upload.id)
            except BlobMissing as error:
                raise InputMissing(f"{error}; it was taken away after this run was planned") from None
            if sha256(data).hexdigest() == upload.sha256:
                return data
        raise InputMissing(f"{kind} {upload.id!r} was replaced after this run was planned; run it again")

    def _keep(self, what: str, digest: str, make: Callable[[], T]) -> T:
        slot = (what, digest)
        if slot not in self._kept:
            self._kept[slot] = made = make()
            self._bytes += _size(made)
            while self._bytes > KEPT_BYTES and len(self._kept) > 1:
                self._bytes -= _size(self._kept.popitem(last=False)[1])
        self._kept.move_to_end(slot)
        value: T = self._kept[slot]  # type: ignore[assignment]
        return value


def _size(value: object) -> int:
    array = value.pixels if isinstance(value, Photo) else value.labels if isinstance(value, Body) else value
    return array.nbytes if isinstance(array, np.ndarray) else 0
