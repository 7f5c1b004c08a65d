"""One shape of error for the services that are new: `{"error": {"code", "message", ...}}`."""

from __future__ import annotations

from starlette.responses import JSONResponse

from tryon.core.errors import (
    BlobCorrupted,
    BlobMissing,
    FashionError,
    InvalidId,
    PregenerationRequired,
    UnknownUpload,
)

_STATUS: tuple[tuple[type[FashionError], int, str], ...] = (
    (PregenerationRequired, 404, "pregeneration_required"),
    (UnknownUpload, 404, "unknown_upload"),
    (InvalidId, 400, "invalid_id"),
    (BlobMissing, 500, "blob_missing"),
    (BlobCorrupted, 500, "blob_corrupted"),
)
"""Status and code of each error a client can meet; any other one of ours is an `internal` 500."""


def answer_error(error: FashionError, **ids: str | None) -> JSONResponse:
    """ids: which user, item ... it is about; None is left out."""
    found = ((status, code) for kind, status, code in _STATUS if isinstance(error, kind))
    status, code = next(found, (500, "internal"))
    return refuse(status, code, str(error), **ids)


def refuse(status: int, code: str, message: str, **ids: str | None) -> JSONResponse:
    named = {name: value for name, value in ids.items() if value is not None}
    return JSONResponse({"error": {"code": code, "message": message, **named}}, status)
