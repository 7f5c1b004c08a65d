"""Where documents lie, and what they are made of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

from tryon.core.errors import StoreDamaged

T = TypeVar("T")
Facts = Mapping[str, Any]
Found = Mapping["Place", Facts | None]
Filter = tuple[str, str, object]
"""Field, operator as Firestore writes it, value."""

SCHEMA = 1
"""Of every document of ours; raised when an older program could not read them."""
USERS = "users"
"""The app's own collection: its documents have no schema of ours, and may hold any of Firestore's types."""
MOST_WRITES = 500
"""A commit took no more for years, and it keeps a request far below 10 MiB."""
MOST_VALUES = 30
"""Most values of `in` and `array_contains_any`."""


class Place(NamedTuple):
    collection: str
    id: str


def place(collection: str, *parts: object) -> Place:
    """Ids are hashes: ids that rise or share a beginning would all be written by one server."""
    return Place(collection, sha256(json.dumps(parts).encode()).hexdigest()[:40])


def in_chunks(values: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    return (values[start : start + most] for start in range(0, len(values), most))


def checked(collection: str, facts: Facts) -> Facts:
    """Raises StoreDamaged for a schema that this program does not know."""
    if collection == USERS:
        return facts
    if facts.get("schema") != SCHEMA:
        raise StoreDamaged(
            f"a document of {collection} has the schema {facts.get('schema')}, and this program knows {SCHEMA}; "
            "install the version that wrote it"
        )
    return facts
