"""Reading documents: by their places, by queries in pages, and sums over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from typing import Any, Self

from tryon.stores.firestore.calls import Calls, Connection, Row
from tryon.stores.firestore.errors import T, keep_trying
from tryon.stores.firestore.places import MOST_WRITES, Facts, Filter, Found, Place, in_chunks

Versions = dict[Place, tuple[Facts | None, Any]]
"""Facts and version of each place; None where nothing lies."""


class Reader:
    """One database. FIRESTORE_EMULATOR_HOST, which Google's library reads itself, leads to an emulator.

    seconds: how long a call is tried again. call_seconds: longest wait for one answer.
    """

    def __init__(
        self, project: str, database: str = "(default)", seconds: float = 60.0, call_seconds: float = 20.0
    ) -> None:
        self.project, self.database = project, database
        self._connection = Connection(project, database)
        self._seconds, self._call_seconds = seconds, call_seconds

    def hurried(self, seconds: float) -> Self:
        """The same over the same connection, for a caller with little time."""
        other = copy(self)
        other._seconds = other._call_seconds = seconds
        return other

    def address(self, at: Place) -> str:
        """Of its REST API, which apps reach and the rules guard."""
        client = self._connection.client
        host = client._emulator_host
        base = f"http://{host}" if host else "https://firestore.googleapis.com"
        return f"{base}/v1/{client._database_string}/documents/{at.collection}/{at.id}"

    def close(self) -> None:
        self._connection.close()

    def get(self, places: Sequence[Place], only: Sequence[str] = ()) -> Found:
        """What is at each place; None where nothing is. only: fields to read."""
        return self._trying(lambda: {at: facts for at, (facts, _) in self._read(places, only).items()})

    def rows(
        self,
        collection: str,
        *filters: Filter,
        order: str = "__name__",
        only: Sequence[str] = (),
        page: int = 300,
    ) -> Iterator[tuple[Place, Facts]]:
        """Every document that fits. One page is in memory at a time.

        only: fields to read. order: a field, with a - for falling values.
        """
        last = None
        while found := self._page(collection, filters, order, only, page, last):
            yield from [(row.at, row.facts) for row in found]
            if len(found) < page:
                return
            last = found[-1]

    def first(
        self, collection: str, *filters: Filter, order: str = "__name__", only: Sequence[str] = ()
    ) -> Facts | None:
        found = self._page(collection, filters, order, only, 1)
        return found[0].facts if found else None

    def page(
        self, collection: str, *filters: Filter, only: Sequence[str] = (), size: int = 300
    ) -> list[tuple[Place, Facts]]:
        """The first of `rows`."""
        return [(row.at, row.facts) for row in self._page(collection, filters, "__name__", only, size)]

    def sums(self, collection: str, fields: Sequence[str], *filters: Filter) -> tuple[float, ...]:
        """Of each field over the documents that fit, added up by Firestore."""
        return self._trying(lambda: self._calls.sums(self._query(collection, filters), fields))

    def count(self, collection: str, *filters: Filter) -> int:
        return self._trying(lambda: self._calls.count(self._query(collection, filters)))

    @property
    def _calls(self) -> Calls:
        return Calls(self._connection.client, self._call_seconds)

    def _trying(self, call: Callable[[], T]) -> T:
        return keep_trying(call, self._seconds, self._connection.close)

    def _read(
        self, places: Sequence[Place], only: Sequence[str] = (), transaction: bytes | None = None
    ) -> Versions:
        found: Versions = dict.fromkeys(places, (None, None))
        for chunk in in_chunks(list(found), MOST_WRITES):
            rows = self._calls.read(chunk, only, transaction)
            found.update((row.at, (row.facts, row.version)) for row in rows)
        return found

    def _page(
        self,
        collection: str,
        filters: Sequence[Filter],
        order: str,
        only: Sequence[str],
        size: int,
        last: Row | None = None,
    ) -> list[Row]:
        return self._trying(
            lambda: self._calls.run(
                _page_of(
                    self._query(collection, filters), order, [*only, "schema"] if only else [], size, last
                )
            )
        )

    def _query(self, collection: str, filters: Sequence[Filter]) -> Any:
        from google.cloud.firestore import FieldFilter, Query

        query = Query(self._connection.client.collection(collection))
        for name, operator, value in filters:
            query = query.where(filter=FieldFilter(name, operator, value))
        return query


def _page_of(query: Any, order: str, only: Sequence[str], size: int, last: Row | None) -> Any:
    """By `order`, and by name among equals, so that the next page begins where the last one ended."""
    direction = "DESCENDING" if order.startswith("-") else "ASCENDING"
    field = order.removeprefix("-")
    for name in dict.fromkeys((field, "__name__")):
        query = query.order_by(name, direction=direction)
    query = query.select(only) if only else query
    if last is not None:
        after = {"__name__": last.at.id} | ({} if field == "__name__" else {field: last.facts[field]})
        query = query.start_after(after)
    return query.limit(size)
