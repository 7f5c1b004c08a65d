"""One request to a service, as a patient client sends it: it waits while the service is busy, loading or has enough."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from tryon.core.errors import BadInput, FashionError

LATER = frozenset({429, 503})
NOT_LATER = "out of memory"
"""Answered with 503 too, and would be again."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 20.0
"""Seconds, where the service names none (Retry-After)."""
Upload = tuple[str, tuple[str, bytes, str]]
"""A file of a form: its field, then name, bytes and media type."""


class Wrong(FashionError):
    """An answer that is no success, or not what the service promises."""


@dataclass(frozen=True)
class Took:
    """seconds: of the request that was answered, without waiting. busy: how often the service said "later" before."""

    seconds: float
    busy: int


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes
    took: Took

    def json(self) -> Any:
        """Raises Wrong for any other body."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise Wrong(f"the answer is no JSON: {self.body[:80]!r}") from None


@dataclass(frozen=True)
class Door:
    """A service's address. seconds: that one request may take. patience: seconds to wait in all for a busy service."""

    url: str
    key: str | None = None
    seconds: float = 600.0
    patience: float = 300.0
    sleep: Callable[[float], None] = time.sleep
    client: httpx.Client = field(init=False, repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadInput(f"{self.url!r} is no address of a service; it looks like http://127.0.0.1:8000")
        # Redirects are followed: Modal answers what takes longer than 150 s with one, again and again.
        client = httpx.Client(timeout=self.seconds, follow_redirects=True, max_redirects=100)
        object.__setattr__(self, "client", client)

    @property
    def is_here(self) -> bool:
        """On this machine, so that it can read what this machine lends."""
        return urlsplit(self.url).hostname in ("127.0.0.1", "localhost", "::1")

    def get(self, path: str) -> Reply:
        return self._ask("GET", path)

    def post(self, path: str, facts: Mapping[str, object]) -> Reply:
        return self._ask("POST", path, json=facts)

    def upload(self, path: str, files: Sequence[Upload], fields: Mapping[str, str] | None = None) -> Reply:
        return self._ask("POST", path, files=files, data=dict(fields or {}))

    def _ask(self, method: str, path: str, **body: Any) -> Reply:
        """Raises Wrong for every status but 200."""
        waited, busy = 0.0, 0
        while True:
            reply = self._once(method, path, busy, body)
            if reply.status == 200:
                return reply
            pause = _pause(reply)
            if reply.status not in LATER or NOT_LATER in _said(reply) or waited + pause > self.patience:
                raise Wrong(_told(reply))
            self.sleep(pause)
            waited, busy = waited + pause, busy + 1

    def _once(self, method: str, path: str, busy: int, body: dict[str, Any]) -> Reply:
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        started = time.perf_counter()
        try:
            answer = self.client.request(method, self.url.rstrip("/") + path, headers=headers, **body)
        except httpx.TimeoutException:
            raise Wrong(f"no answer within {self.seconds:g} s") from None
        except (httpx.TransportError, httpx.TooManyRedirects) as error:
            raise Wrong(
                f"cannot be reached ({error or type(error).__name__}); is the service running?"
            ) from None
        took = Took(time.perf_counter() - started, busy)
        return Reply(answer.status_code, answer.headers, answer.content, took)


def _pause(reply: Reply) -> float:
    """What the service asks for (Retry-After, in seconds), else a little longer each time."""
    asked = reply.headers.get("retry-after", "")
    if asked.isdecimal():
        return max(float(asked), FIRST_WAIT)
    return min(FIRST_WAIT * float(2**reply.took.busy), LONGEST_WAIT)


def _told(reply: Reply) -> str:
    hint = "; give its key with FASHION_API_KEY or --key" if reply.status == 401 else ""
    return f"{reply.status}: {_said(reply)}{hint}"


def _said(reply: Reply) -> str:
    """The sentence of an error, in whichever shape the service has."""
    try:
        facts = json.loads(reply.body)
    except ValueError:
        return reply.body[:200].decode("utf-8", "replace")
    if not isinstance(facts, dict):
        return str(facts)[:200]
    error = facts.get("error")
    inner = error.get("message") if isinstance(error, dict) else None
    return str(inner or facts.get("detail") or facts)[:300]
