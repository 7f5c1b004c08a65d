"""What Supabase Storage's errors mean.

The server answers nearly every error with HTTP status 400; the real code is the string `statusCode` in the body
({"statusCode", "error", "message", "code"}). A gateway in front of it (Kong, Cloudflare) uses real statuses and other
bodies. Messages name the bucket and never a path or the key: they reach logs that cannot be erased.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from tryon.core.errors import StoreError, StoreUnusable
from tryon.stores.patience import AlreadyThere, Busy, NotThere, is_busy, retry_after

if TYPE_CHECKING:
    from storage3.exceptions import StorageApiError


@dataclass(frozen=True, slots=True)
class Problem:
    """status: of the body, else of HTTP. error, message: of the body; a message may quote a path. is_storage: the body
    is one of Supabase Storage, not of something in front of it or of another server."""

    status: int
    error: str
    message: str
    is_storage: bool
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_answer(cls, answer: httpx.Response) -> Problem:
        """answer: read to its end."""
        try:
            body = answer.json()
            status, error, message = int(body["statusCode"]), str(body["error"]), str(body["message"])
        except (ValueError, KeyError, TypeError):
            return cls(answer.status_code, "", "", False, answer.headers)
        return cls(status, error, message, True, answer.headers)

    @classmethod
    def of_error(cls, error: StorageApiError) -> Problem:
        """The SDK's error, whose answer is what it was raised from."""
        answer = _answer_of(error)
        if answer is not None:
            return cls.of_answer(answer)
        return cls(int(error.status), error.code, error.message, True)

    def named(self, bucket: str) -> Exception:
        """What to raise for it."""
        told = f"{self.error} {self.message}".lower()
        if is_busy(self.status):
            return Busy(f"Supabase Storage answers {self.status}", retry_after(self.headers))
        if self.status in (401, 403) or "jwt" in told or "jws" in told:
            return StoreUnusable(
                f"Supabase Storage refuses the key for bucket {bucket!r} ({self.status}); "
                "check SUPABASE_SERVICE_ROLE_KEY and that it belongs to NEXT_PUBLIC_SUPABASE_URL"
            )
        if not self.is_storage:
            return StoreUnusable(
                f"what answers at NEXT_PUBLIC_SUPABASE_URL is no Supabase Storage (status {self.status}); check it"
            )
        if self.status == 404:
            return _no_bucket(bucket) if "bucket" in told else NotThere()
        if self.status == 409:
            return AlreadyThere()
        return _limit(self.status, bucket) or StoreError(
            f"Supabase Storage does not accept the request to bucket {bucket!r}: {self.status} {self.error}"
        )


def _no_bucket(bucket: str) -> StoreUnusable:
    return StoreUnusable(
        f"Supabase has no bucket {bucket!r}; make it (private) in the project's Storage page"
    )


def _limit(status: int, bucket: str) -> StoreUnusable | None:
    if status == 413:
        return StoreUnusable(
            f"bucket {bucket!r} does not take a file of this size; raise its file size limit and the project's"
        )
    if status == 415:
        return StoreUnusable(
            f"bucket {bucket!r} does not take this type of file; allow image/*, application/json and "
            "application/octet-stream, or all types"
        )
    return None


def _answer_of(error: BaseException) -> httpx.Response | None:
    """The SDK raises from httpx's error, or from its own failure to read the body of that."""
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, httpx.HTTPStatusError):
            return at.response
        at = at.__cause__ or at.__context__
    return None
