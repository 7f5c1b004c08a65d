"""Reading documents: by their places, by queries in pages, and sums over them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from tryon.stores.firestore.errors import T, keep_trying
from tryon.stores.firestore.places import MOST_WRITES, Facts, Filter, Found, Place, checked, in_chunks

Versions = dict[Place, tuple[Facts | None, Any]]
"""Facts and version (the time of the last change); None where nothing lies."""


class Reader:
    """One database. FIRESTORE_EMULATOR_HOST, which Google's library reads itself, leads to an emulator.

    seconds: how long a call is tried again. call_seconds: longest wait for one answer.
    """

    def __init__(
        self, project: str, database: str = "(default)", seconds: float = 60.0, call_seconds: float = 20.0
    ) -> None:
        self.project, self.database = project, database
        self._seconds, self._call = seconds, {"retry": None, "timeout": call_seconds}
        self._lock = threading.Lock()
        self._client: Any = None

    @property
    def client(self) -> Any:
        """google.cloud.firestore.Client, made when first used: its import takes a second."""
        with self._lock:
            if self._client is None:
                from google.cloud import firestore

                self._client = firestore.Client(project=self.project, database=self.database)
            return self._client

    def close(self) -> None:
        with self._lock:
            if self._client is not None:
                # The library's own close leaves the connection open.
                self._client._firestore_api.transport.close()
                self._client = None

    def get(self, places: Sequence[Place]) -> Found:
        """What is at each place; None where nothing is."""
        return self._trying(lambda: {at: facts for at, (facts, _) in self._read(places).items()})

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
        while found := self._trying(partial(self._page, collection, filters, order, only, page, last)):
            for row in found:
                yield Place(collection, row.id), checked(row)
            if len(found) < page:
                return
            last = found[-1]

    def first(
        self, collection: str, *filters: Filter, order: str = "__name__", only: Sequence[str] = ()
    ) -> Facts | None:
        found = self._trying(partial(self._page, collection, filters, order, only, 1, None))
        return checked(found[0]) if found else None

    def sums(self, collection: str, fields: Sequence[str], *filters: Filter) -> tuple[float, ...]:
        """Of each field over the documents that fit, added up by Firestore."""

        def ask() -> tuple[float, ...]:
            query = self._query(collection, filters)
            aggregation = query.sum(fields[0], alias=fields[0])
            for field in fields[1:]:
                aggregation = aggregation.sum(field, alias=field)
            (found,) = aggregation.get(**self._call)
            values = {one.alias: one.value for one in found}
            return tuple(values[field] for field in fields)

        return self._trying(ask)

    def _trying(self, call: Callable[[], T]) -> T:
        return keep_trying(call, self._seconds)

    def _ref(self, at: Place) -> Any:
        return self.client.collection(at.collection).document(at.id)

    def _read(self, places: Sequence[Place], transaction: Any = None) -> Versions:
        found: Versions = dict.fromkeys(places, (None, None))
        for chunk in in_chunks(list(found), MOST_WRITES):
            refs = [self._ref(at) for at in chunk]
            for row in self.client.get_all(refs, transaction=transaction, **self._call):
                if row.exists:
                    found[Place(row.reference.parent.id, row.id)] = (checked(row), row.update_time)
        return found

    def _page(
        self,
        collection: str,
        filters: Sequence[Filter],
        order: str,
        only: Sequence[str],
        page: int,
        last: Any,
    ) -> list[Any]:
        query = self._query(collection, filters)
        direction = "DESCENDING" if order.startswith("-") else "ASCENDING"
        query = query.order_by(order.removeprefix("-"), direction=direction)
        query = query.select([*only, "schema"]) if only else query
        query = query.start_after(last) if last is not None else query
        return list(query.limit(page).stream(**self._call))

    def _query(self, collection: str, filters: Sequence[Filter]) -> Any:
        from google.cloud.firestore import FieldFilter

        query = self.client.collection(collection)
        for name, operator, value in filters:
            query = query.where(filter=FieldFilter(name, operator, value))
        return query
