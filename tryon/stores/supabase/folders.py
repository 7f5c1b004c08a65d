"""What lies in the bucket `uploads`: `users/<id>/photo.*`, `items/<id>/photo.*` and `items/<id>/item.json`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath

from tryon.core.errors import BadInput
from tryon.core.images import SUFFIXES
from tryon.core.uploads import UploadKind
from tryon.stores.supabase.bucket import Row

FOLDERS = {UploadKind.USER: "users", UploadKind.ITEM: "items"}
SIDECAR = "item.json"
IMPORTED = re.compile(r"photo\.([0-9a-f]{16})\.[a-z]+")
"""A photo that was fetched from an address, with the first digits of the address's sha256."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Everything under one id."""

    kind: UploadKind
    id: str
    rows: tuple[Row, ...]

    @property
    def photos(self) -> tuple[Row, ...]:
        """Put there by the app; placeholders that Supabase's own page makes (.emptyFolderPlaceholder) are none."""
        return tuple(row for row in self._named("photo.") if not IMPORTED.fullmatch(_file(row)))

    @property
    def imported(self) -> Mapping[str, Row]:
        """By the mark of their address."""
        found = ((IMPORTED.fullmatch(_file(row)), row) for row in self.rows)
        return {match[1]: row for match, row in found if match}

    @property
    def sidecar(self) -> Row | None:
        return next((row for row in self.rows if _file(row) == SIDECAR), None)

    def only_photo(self) -> Row | None:
        """The app's photo; None without one. Raises BadInput for several, or for a type that is no photo."""
        names = [_file(row) for row in self.photos]
        if len(names) > 1:
            raise BadInput(f"{self.kind} {self.id!r} has several photos: {', '.join(sorted(names))}")
        if names and PurePosixPath(names[0]).suffix.lower() not in SUFFIXES:
            raise BadInput(f"{names[0]}: type not accepted; use one of {', '.join(sorted(SUFFIXES))}")
        return self.photos[0] if names else None

    def _named(self, begin: str) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if _file(row).startswith(begin))


def folders(kind: UploadKind, rows: Iterable[Row]) -> Mapping[str, Folder]:
    """By id, whatever the ids look like. rows: of `users/` or `items/`."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        parts = row.name.split("/", 2)
        if len(parts) == 3:
            found.setdefault(parts[1], []).append(row)
    return {name: Folder(kind, name, tuple(known)) for name, known in found.items()}


def place(kind: UploadKind, upload_id: str) -> str:
    return f"{FOLDERS[kind]}/{upload_id}/"


def mark_of(address: str) -> str:
    return sha256(address.encode()).hexdigest()[:16]


def _file(row: Row) -> str:
    return row.name.rpartition("/")[2]
