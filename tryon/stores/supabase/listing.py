"""Listings of a bucket, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from tryon.stores.patience import Patience
from tryon.stores.supabase.bucket import Bucket, Row

PAGE = 1000
"""Entries per call: the most that the server gives."""


def rows(bucket: Bucket, patience: Patience, prefix: str, limit: int = PAGE) -> Iterator[Row]:
    """In bytewise order of names, each once, whatever is written or removed meanwhile: a page goes on behind a name.
    An `_` in a prefix is a wildcard to the server, so what it finds is looked at again."""
    last, cursor = "", None
    while True:
        page = patience.call(partial(bucket.page, prefix, limit, cursor))
        for row in page.rows:
            if row.name > last and row.name.startswith(prefix):
                last = row.name
                yield row
        if page.cursor is None:
            return
        cursor = page.cursor


def find(bucket: Bucket, patience: Patience, path: str) -> Row | None:
    """Of all names that begin like this, the path itself comes first."""
    row = next(rows(bucket, patience, path, limit=10), None)
    return row if row is not None and row.name == path else None
