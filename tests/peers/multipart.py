"""Reads multipart/form-data strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping


class NotMultipart(Exception):
    pass


def read_multipart(content_type: str, body: bytes) -> Mapping[str, bytes]:
    """Parts by their names; a list's parts (`name[]`) are not known here."""
    found = re.fullmatch(r'multipart/form-data; boundary="?([^";]+)"?', content_type)
    if not found:
        raise NotMultipart(f"content type {content_type!r}")
    line = b"--" + found[1].encode()
    first, *parts = (b"\r\n" + body).split(b"\r\n" + line)
    if first or not parts or parts[-1].strip() != b"--":
        raise NotMultipart("it does not begin and end with its boundary")
    return dict(_part(part) for part in parts[:-1])


def _part(part: bytes) -> tuple[str, bytes]:
    head, gap, data = part.partition(b"\r\n\r\n")
    name = re.search(rb'form-data; name="([^"]+)"', head)
    if not gap or not name:
        raise NotMultipart(f"a part without a name: {head[:80]!r}")
    return name[1].decode(), data
