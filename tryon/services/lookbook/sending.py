"""Files over HTTP: unchanged ones are not sent again, and a part of one can be asked for."""

from __future__ import annotations

import re
from collections.abc import Callable

from fastapi import Request, Response
from pydantic import BaseModel

from tryon.services.front import ServiceError

KEPT = "private, no-cache"
"""A browser may keep it, but has to ask each time whether it may still be shown."""
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def as_json(answer: BaseModel) -> Response:
    """What FastAPI would do, once instead of twice: the answer was checked when it was put together."""
    return Response(answer.model_dump_json(), media_type="application/json")


def send(request: Request, tag: str, media_type: str, read: Callable[[], bytes]) -> Response:
    """tag: names the bytes. read: is not called for what the caller has."""
    headers = {"ETag": f'"{tag}"', "Cache-Control": KEPT, "Accept-Ranges": "bytes"}
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    data = read()
    part = _part(request, tag, len(data))
    if part is None:
        return Response(data, media_type=media_type, headers=headers)
    first, last = part
    headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
    return Response(data[first : last + 1], 206, headers, media_type)


def _has(asked: str, tag: str) -> bool:
    """Whether If-None-Match names it: a list of tags, weak ones too, or anything (*)."""
    tags = [one.strip().removeprefix("W/") for one in asked.split(",")]
    return "*" in tags or f'"{tag}"' in tags


def _part(request: Request, tag: str, size: int) -> tuple[int, int] | None:
    """First and last byte of the one range that was asked for; None: the whole file, as for anything that is not
    understood, or that the caller wants of another version of the file."""
    found = _RANGE.fullmatch(request.headers.get("range", ""))
    if not found or not any(found.groups()) or request.headers.get("if-range", f'"{tag}"') != f'"{tag}"':
        return None
    first, last = found.groups()
    if not first:
        return _within(max(0, size - int(last)), size - 1, size) if int(last) else _within(size, size, size)
    return _within(int(first), min(int(last), size - 1) if last else size - 1, size)


def _within(first: int, last: int, size: int) -> tuple[int, int]:
    if first >= size or last < first:
        said = f"the file has {size} bytes; ask for a part of them"
        raise ServiceError(416, "no_such_range", said, {"Content-Range": f"bytes */{size}"})
    return first, last
