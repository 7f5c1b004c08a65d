"""The calls to Firestore, each made once: whoever makes them decides what a lost answer means.

Google's library would repeat a commit by itself, whose first answer was lost, and then report that it failed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from tryon.stores.firestore.encode import from_fields, messages
from tryon.stores.firestore.errors import Conflict
from tryon.stores.firestore.places import USERS, Facts, Place, checked


class Row(NamedTuple):
    """version: the time of its last change, as Firestore writes it."""

    at: Place
    facts: Facts
    version: Any


@dataclass(frozen=True)
class Calls:
    """client: google.cloud.firestore.Client. seconds: longest wait for one answer."""

    client: Any
    seconds: float

    def name(self, at: Place) -> str:
        return f"{self.client._database_string}/documents/{at.collection}/{at.id}"

    def begin(self) -> bytes:
        """A transaction: what it reads is locked until it ends."""
        begun: bytes = self._call("begin_transaction", messages().BeginTransactionRequest()).transaction
        return begun

    def read(
        self, places: Sequence[Place], only: Sequence[str] = (), transaction: bytes | None = None
    ) -> Iterator[Row]:
        """Those that are there, in any order."""
        names = [self.name(at) for at in places]
        request = messages().BatchGetDocumentsRequest(documents=names, transaction=transaction)
        request.mask.field_paths.extend([*only, "schema"] if only else [])
        if not only:
            request.ClearField("mask")
        for answer in self._call("batch_get_documents", request):
            if answer._pb.HasField("found"):
                yield _row(answer._pb.found)

    def run(self, query: Any) -> list[Row]:
        """query: of Google's library."""
        request = messages().RunQueryRequest(
            parent=f"{self.client._database_string}/documents", structured_query=query._to_protobuf()._pb
        )
        answers = self._call("run_query", request)
        return [_row(answer._pb.document) for answer in answers if answer._pb.HasField("document")]

    def commit(self, writes: Sequence[Any], transaction: bytes | None = None) -> None:
        self._call("commit", messages().CommitRequest(writes=writes, transaction=transaction))

    def rollback(self, transaction: bytes) -> None:
        self._call("rollback", messages().RollbackRequest(transaction=transaction))

    def sums(self, query: Any, fields: Sequence[str]) -> tuple[float, ...]:
        aggregation = query.sum(fields[0], alias=fields[0])
        for field in fields[1:]:
            aggregation = aggregation.sum(field, alias=field)
        with _open_channel():
            (found,) = aggregation.get(retry=None, timeout=self.seconds)
        values = {one.alias: one.value for one in found}
        return tuple(values[field] for field in fields)

    def count(self, query: Any) -> int:
        with _open_channel():
            ((found,),) = query.count().get(retry=None, timeout=self.seconds)
        return int(found.value)

    def _call(self, method: str, request: Any) -> Any:
        from google.cloud.firestore_v1 import types

        if "database" in request.DESCRIPTOR.fields_by_name:
            request.database = self.client._database_string
        wrapped = getattr(types, request.DESCRIPTOR.name).wrap(request)
        metadata = self.client._rpc_metadata
        call = getattr(self.client._firestore_api, method)
        with _open_channel():
            return call(request=wrapped, metadata=metadata, retry=None, timeout=self.seconds)


@contextmanager
def _open_channel() -> Iterator[None]:
    """Another thread may have closed the connection, since Firestore was away; then there is a new one."""
    try:
        yield
    except ValueError as error:
        # "Cannot invoke RPC on closed channel!" before a call, "Cannot invoke RPC: Channel closed!" while it begins.
        if "closed" in str(error) and "channel" in str(error).lower():
            raise Conflict from error
        raise


class Connection:
    """Opened when first used: the import of Google's library takes a second. Closed, it is opened again."""

    def __init__(self, project: str, database: str) -> None:
        self._project, self._database = project, database
        self._lock = threading.Lock()
        self._client: Any = None

    @property
    def client(self) -> Any:
        with self._lock:
            if self._client is None:
                from google.cloud import firestore

                self._client = firestore.Client(project=self._project, database=self._database)
            return self._client

    def close(self) -> None:
        with self._lock:
            if self._client is not None:
                # The library's own close leaves the connection open.
                self._client._firestore_api.transport.close()
                self._client = None


def _row(document: Any) -> Row:
    collection, _, id = document.name.partition("/documents/")[2].partition("/")
    facts = checked(collection, from_fields(document.fields, foreign=collection == USERS))
    return Row(Place(collection, id), facts, document.update_time)
