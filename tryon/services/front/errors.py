"""Errors of a service: a status, a stable code, and a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException

from tryon.core.errors import (
    BadInput,
    BlobCorrupted,
    BlobMissing,
    EngineError,
    EngineUnusable,
    FashionError,
    FetchFailed,
    ImageRejected,
    InvalidId,
    OutOfMemory,
    PregenerationRequired,
    StoreError,
    UnknownOutfit,
    UnknownUpload,
    UrlRejected,
)
from tryon.services.engine_room import Busy, StillLoading


class ServiceError(HTTPException):
    """An HTTPException, since FastAPI hides every other error that is raised while it reads a body."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        headers: Mapping[str, str] | None = None,
        **ids: str | None,
    ) -> None:
        super().__init__(status, message, dict(headers) if headers else None)
        self.code, self.message, self.ids = code, message, ids


_KNOWN: tuple[tuple[type[FashionError], int, str], ...] = (
    (PregenerationRequired, 404, "pregeneration_required"),
    (UnknownUpload, 404, "unknown_upload"),
    (UnknownOutfit, 404, "unknown_outfit"),
    (InvalidId, 400, "invalid_id"),
    (ImageRejected, 400, "image_rejected"),
    (UrlRejected, 400, "url_rejected"),
    (BadInput, 400, "bad_request"),
    (BlobMissing, 500, "blob_missing"),
    (BlobCorrupted, 500, "blob_corrupted"),
    (FetchFailed, 502, "fetch_failed"),
    (StillLoading, 503, "loading"),
    (Busy, 503, "busy"),
    (OutOfMemory, 503, "out_of_memory"),
    (EngineUnusable, 503, "engine_unusable"),
    (StoreError, 503, "store_unavailable"),
    (EngineError, 500, "engine_failed"),
)
"""Status and code of each error a client can meet, special ones first; any other one of ours is an `internal` 500."""


def of(error: FashionError, **ids: str | None) -> ServiceError:
    """ids: which user, item ... it is about."""
    found = ((status, code) for kind, status, code in _KNOWN if isinstance(error, kind))
    status, code = next(found, (500, "internal"))
    if isinstance(error, ImageRejected | UrlRejected):
        code = f"{'image' if isinstance(error, ImageRejected) else 'url'}_{error.code}"
    again = {"Retry-After": "1"} if isinstance(error, Busy | StillLoading) else None
    return ServiceError(status, code, str(error), again, **ids)
