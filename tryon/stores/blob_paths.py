"""Paths of blobs, for stores on the network."""

from __future__ import annotations

import mimetypes
from pathlib import PurePosixPath

from tryon.core.errors import BadInput, BlobMissing


def inside(path: str) -> str:
    """The path as it is. Blob paths come from our own records; one that climbs out is a bug or an attack."""
    if not path or path.startswith("/") or ".." in PurePosixPath(path).parts:
        raise BadInput(f"blob path {path!r} leaves the store")
    return path


def missing(path: str) -> BlobMissing:
    return BlobMissing(f"the stored file {path} is gone; restore it from a backup")


def content_type(path: str) -> str:
    """image/webp ...; of a suffix that nobody knows (.ply): bytes."""
    return mimetypes.guess_type(path)[0] or "application/octet-stream"
