"""What is known about a request: its id, and for whom it is."""

from __future__ import annotations

import re
from uuid import uuid4

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Scope

from tryon.core.words import ID_RULE

_ASKED_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def mark(scope: Scope) -> str:
    """Give the request its id: the caller's, if it is a plain word, else a new one."""
    asked = Headers(scope=scope).get("x-request-id", "")
    found = asked if _ASKED_ID.fullmatch(asked) else uuid4().hex
    scope.setdefault("state", {})["request_id"] = found
    return found


def request_id(request: Request) -> str:
    """What the log, the answer's header X-Request-ID and an error name the request by."""
    return str(getattr(request.state, "request_id", "-"))


def user_id(request: Request) -> str | None:
    """For whom the caller asks (header X-User-Id), for the log; what is no legal id stays out of it."""
    asked = request.headers.get("x-user-id", "")
    return asked if re.fullmatch(ID_RULE, asked) else None
