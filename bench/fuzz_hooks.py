"""What schemathesis (SCHEMATHESIS_HOOKS=bench.fuzz_hooks) sends beside its own inventions: addresses of the shelf
alone, so that no request leaves this machine, and now and then a real picture, so that engines work too.

FUZZ_PICTURE: address of a picture that the service may fetch.
"""

from __future__ import annotations

import os
import zlib
from typing import Any

import schemathesis

from bench import hostile

ADDRESSES = frozenset({"imageUrl", "user_image_url", "userImageUrl", "user_image_urls", "userImageUrls"})
REAL_OF_TEN = 6
MOST_LISTED = 500
"""Gaussians of a JSON answer: reading longer ones is all that a run would do."""


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    if (case.query or {}).get("format") == "sog":
        # Made by a program that a machine may lack; an answer of 503 says so then, as it should.
        case.query["format"] = "ply"
    if isinstance(case.body, dict):
        case.body = {name: _changed(name, value) for name, value in case.body.items()}


def _changed(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_changed(name, one) for one in value]
    if name in ADDRESSES and isinstance(value, str):
        return _address(value)
    if name == "max_gaussians" and isinstance(value, int) and not isinstance(value, bool):
        return min(value, MOST_LISTED) if value <= 50_000 else value
    if isinstance(value, bytes) and _draw(value) < REAL_OF_TEN:
        return hostile.real(hostile.KINDS[_draw(value) % len(hostile.KINDS)])
    return value


def _address(value: str) -> str:
    """Whatever could be looked up or fetched is the shelf's picture."""
    is_one = ":" in value or "." in value or _draw(value) < REAL_OF_TEN
    return os.environ["FUZZ_PICTURE"] if is_one else value


def _draw(value: Any) -> int:
    """0 to 9, the same for the same value every time."""
    return zlib.crc32(repr(value).encode()) % 10
