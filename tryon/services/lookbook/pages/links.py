"""Addresses of pages, and of what only they show. Ids need no escaping by rule; `+` in a path is just a plus."""

from __future__ import annotations

from dataclasses import asdict
from urllib.parse import urlencode

from tryon.core.lookbook import Filter

WIDTHS = (240, 480)
"""Pixels a small picture may be wide."""


def person(user: str) -> str:
    return f"/people/{user}"


def outfit(user: str, outfit_id: str) -> str:
    return f"{person(user)}/outfits/{outfit_id}"


def small(user: str, outfit_id: str, width: int = WIDTHS[0]) -> str:
    return f"{outfit(user, outfit_id)}/small.webp?width={width}"


def sizes(user: str, outfit_id: str) -> str:
    """For `srcset`."""
    return ", ".join(f"{small(user, outfit_id, width)} {width}w" for width in WIDTHS)


def photo(user: str) -> str:
    return f"{person(user)}/photo.webp"


def crop(user: str, garment: str) -> str:
    return f"{person(user)}/garments/{garment}.webp"


def stream(user: str, after: int) -> str:
    """Server-sent events after a position of the log."""
    return f"/users/{user}/logs/stream?after={after}"


def listed(path: str, **asked: str) -> str:
    """A list under a filter, or from a page on; what is empty is left out."""
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{path}?{query}" if query else path


def outfits(user: str, only: Filter, after: str = "") -> str:
    return listed(person(user), **asdict(only), after=after)
