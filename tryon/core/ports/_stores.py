"""Outside systems: one a file in tryon/stores/."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from tryon.core.uploads import (
    Rejected,
    UploadFile,
    UploadKind,
)


class Uploads(Protocol):
    """Where people put their photos. Read only, but for erasures."""

    def list(self) -> tuple[tuple[UploadFile, ...], tuple[Rejected, ...]]:
        """Every upload, by content hash, and those that cannot be accepted with the reason."""
        ...

    def open(self, kind: UploadKind, upload_id: str) -> bytes:
        """The photo's bytes as they are now. Raises BlobMissing when it is gone."""
        ...

    def url(self, kind: UploadKind, upload_id: str) -> str:
        """Where a client of this profile finds the photo."""
        ...

    def files(self, kind: UploadKind, upload_id: str) -> tuple[str, ...]:
        """Names of everything kept under this id: photos, sidecar, unfinished copies of them."""
        ...

    def delete(self, kind: UploadKind, upload_id: str) -> int:
        """Delete all `files`; how many there were. Durable on return."""
        ...


class Blobs(Protocol):
    """Bytes under a path. A path names its content, so it is written once and never changed."""

    def put(self, path: str, data: bytes) -> bool:
        """Create-only and durable on return; False when the path existed (its bytes are left alone, and count as
        put again)."""
        ...

    def get(self, path: str) -> bytes:
        """Raises BlobMissing."""
        ...

    def digest(self, path: str) -> str:
        """sha256 (hex) of the bytes as they are stored now, in bounded memory. Raises BlobMissing."""
        ...

    def exists(self, path: str) -> bool: ...

    def list(self, prefix: str) -> Iterator[str]: ...

    def ages(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        """As `list`, each with the time (UTC) when it was last put; one folder's blobs follow each other. Streams."""
        ...

    def discard(self, path: str, seen: datetime) -> bool:
        """Delete it, unless it was put again after `seen` (its age when it was judged): whoever is told by a
        later `put` that the bytes are there can rely on it. False when nothing was deleted."""
        ...

    def sweep(self, before: datetime, remove: bool) -> int:
        """How many temporary files older than `before` killed writers left; with `remove` they are deleted."""
        ...

    def unfinished(self, prefix: str) -> Iterator[str]:
        """What a killed writer left, with bytes of a result in it; `list` does not show it, `delete` takes it."""
        ...

    def delete(self, path: str) -> bool:
        """False when it was not there."""
        ...

    def url(self, path: str) -> str:
        """Something a client can fetch for a while."""
        ...


class Documents(Protocol):
    """The one mutable document of each user (data.json, or the user's record in the cloud)."""

    def write(self, user_id: str, facts: Mapping[str, object]) -> None:
        """Replace it as a whole; a reader sees the old or the new one."""
        ...

    def read(self, user_id: str) -> Mapping[str, object] | None: ...

    def list(self) -> Iterator[str]:
        """Ids of the users that have one."""
        ...

    def delete(self, user_id: str) -> bool:
        """False when there was none. Durable on return."""
        ...

    def sweep(self, before: datetime, remove: bool) -> int:
        """As `Blobs.sweep`."""
        ...


class Archive(Protocol):
    """Where receipts of erasures are kept; and what shows users outside the stores."""

    def key(self) -> bytes:
        """What receipts are signed with."""
        ...

    def keep(self, name: str, text: str) -> str:
        """Durable on return, replaced as a whole; where it lies."""
        ...

    def copies(self) -> tuple[str, ...]:
        """Names of pictures that were drawn from the stores and can be drawn again, as the contact sheet."""
        ...

    def drop_copies(self) -> int: ...
