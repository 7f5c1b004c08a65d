"""Blobs in a private bucket of Supabase Storage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256

from pydantic import SecretStr

from tryon.stores.blob_paths import inside, missing
from tryon.stores.patience import AlreadyThere, NotThere, Patience, Tries
from tryon.stores.supabase.bucket import Bucket, Row
from tryon.stores.supabase.discarding import ASIDE, Discarder
from tryon.stores.supabase.listing import rows

FOR_AN_HOUR = 3600


class SupabaseBlobs:
    """url: the project's, without /storage/v1. key: the service role's. signed_seconds: how long an address of `url`
    works, and a cache may keep what it gave. lasting: other seconds of an address, by how paths begin. timeout: seconds
    for each of: a connection, sending, the next bytes.

    An object appears in one transaction of the server's database, after all of its bytes are stored: nothing
    half-written can be seen, whenever a writer dies. A blob's age is its row's `updated_at`, by the server's clock.

    Put again: a writer that finds its bytes there uploads them once more over themselves, which renews `updated_at`,
    and makes the blob anew if it was removed meanwhile. Bytes that differ are left alone and stay as old as they are:
    no caller relies on them, since it reads back and compares.

    What processes do at the same time: `put` is decided by the server. `discard` is explained in
    tryon.stores.supabase.discarding: a blob that is put again while it is discarded is brought back, and a process that
    dies in between leaves a copy that `sweep` brings back. So no bytes that a `put` promised are lost. What is left: a
    blob that is put again just while it is discarded is missing for two calls, or until the sweep if the discarding
    process dies right there. Readers are told BlobMissing meanwhile; the gate, which reads back what it wrote, then
    puts the blob once more.
    """

    def __init__(
        self,
        url: str,
        key: SecretStr,
        bucket: str,
        *,
        signed_seconds: int = FOR_AN_HOUR,
        lasting: Mapping[str, int] | None = None,
        timeout: float = 30.0,
        patience: Patience | None = None,
    ) -> None:
        self._bucket, self._signed_seconds = Bucket(url, key, bucket, timeout), signed_seconds
        self._lasting = dict(lasting or {})
        self._patience = patience or Patience()
        self._discarder = Discarder(self._bucket, self._patience)

    def put(self, path: str, data: bytes) -> bool:
        """True also when an answer was lost and the bytes are there on the next try."""
        tries = Tries()
        inside(path)
        while True:
            try:
                self._patience.call(lambda: tries.mark(lambda: self._upload(path, data, upsert=False)))
                return True
            except AlreadyThere:
                pass
            try:
                if self._digest(path) != sha256(data).hexdigest():
                    return False
            except NotThere:
                continue  # Removed just now: then it is created.
            self._patience.call(lambda: self._upload(path, data, upsert=True))
            return tries.unsure

    def _upload(self, path: str, data: bytes, upsert: bool) -> None:
        self._bucket.upload(path, data, self._signed_seconds, upsert)

    def get(self, path: str) -> bytes:
        try:
            return self._patience.call(lambda: self._bucket.download(inside(path)))
        except NotThere:
            raise missing(path) from None

    def digest(self, path: str) -> str:
        try:
            return self._digest(inside(path))
        except NotThere:
            raise missing(path) from None

    def _digest(self, path: str) -> str:
        return self._patience.call(lambda: self._digest_once(path))

    def _digest_once(self, path: str) -> str:
        found = sha256()
        with self._bucket.stream(path) as pieces:
            for piece in pieces:
                found.update(piece)
        return found.hexdigest()

    def exists(self, path: str) -> bool:
        try:
            self._patience.call(lambda: self._bucket.info(inside(path)))
        except NotThere:
            return False
        return True

    def list(self, prefix: str) -> Iterator[str]:
        for row in self._rows(prefix):
            yield row.name

    def ages(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        for row in self._rows(prefix):
            yield row.name, row.updated_at

    def _rows(self, prefix: str) -> Iterator[Row]:
        found = rows(self._bucket, self._patience, prefix)
        return (row for row in found if not row.name.startswith(ASIDE))

    def discard(self, path: str, seen: datetime) -> bool:
        return self._discarder.discard(inside(path), seen)

    def sweep(self, before: datetime, remove: bool) -> int:
        """Copies that killed discards left. With `remove` those are put back whose blob is gone: a writer may rely on
        it, and otherwise the next audit finds an orphan; the others are deleted."""
        old = [row.name for row in rows(self._bucket, self._patience, ASIDE) if row.updated_at < before]
        for name in old if remove else []:
            self._discarder.put_back(name)
        return len(old)

    def unfinished(self, prefix: str) -> Iterator[str]:
        """Writers leave nothing (see above), but a killed discard leaves its copy."""
        for row in rows(self._bucket, self._patience, f"{ASIDE}{prefix}"):
            yield row.name

    def delete(self, path: str) -> bool:
        """True also when an answer was lost and the blob is gone on the next try."""
        tries = Tries()
        found = self._patience.call(lambda: tries.mark(lambda: self._bucket.remove(inside(path))))
        return found is not None or tries.unsure

    def url(self, path: str) -> str:
        """A signed address that expires. Its fragment, which no client sends, says what it shows."""
        found = (time for begin, time in self._lasting.items() if path.startswith(begin))
        seconds = next(found, self._signed_seconds)
        try:
            signed = self._patience.call(lambda: self._bucket.sign(inside(path), seconds))
        except NotThere:
            raise missing(path) from None
        return f"{signed}#{path}"
