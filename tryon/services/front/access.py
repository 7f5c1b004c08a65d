"""The access log: one line for each request. Ids, never an address of a caller, a header or a query."""

from __future__ import annotations

import json
import re
import sys
import traceback
from collections.abc import Callable, Mapping

from starlette.types import Scope

from tryon.core.errors import FashionError
from tryon.core.events import timestamp, utc_now
from tryon.core.words import ID_RULE, Outfit

Access = Callable[[Mapping[str, object]], None]


def to_stderr(facts: Mapping[str, object]) -> None:
    """One JSON line. Standard output has the log of the steps."""
    sys.stderr.write(json.dumps({"timestamp": timestamp(utc_now()), **facts}) + "\n")
    sys.stderr.flush()


def template(scope: Scope) -> str:
    """`/users/{user}/outfits`: the route, never what a caller wrote into it; empty where no route takes it."""
    return str(getattr(scope.get("route"), "path", ""))


def ids(scope: Scope) -> dict[str, object]:
    """What the route took out of the path, if it is an id: anything else a caller made up stays out of the log."""
    parts: Mapping[str, object] = scope.get("path_params", {})
    return {name: value if _is_id(str(value)) else None for name, value in parts.items()}


def _is_id(value: str) -> bool:
    if re.fullmatch(ID_RULE, value):
        return True
    try:
        Outfit.parse(value)
    except FashionError:
        return False
    return True


def failure(error: BaseException) -> dict[str, object]:
    """Where something failed that nobody foresaw. Not its message, which may quote a request."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    where = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": type(error).__name__, "where": where}
