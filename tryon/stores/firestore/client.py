"""Writing to Firestore: reading, deciding and writing documents in one atomic step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from tryon.stores.firestore.calls import Calls
from tryon.stores.firestore.encode import create_document, delete_document, set_document, update_document
from tryon.stores.firestore.errors import Conflict, T
from tryon.stores.firestore.places import SCHEMA, Facts, Found, Place
from tryon.stores.firestore.reading import Reader, Versions

Decide = Callable[[Found], tuple[T, Found]]


class Firestore(Reader):
    def change(self, places: Sequence[Place], decide: Decide[T], locked: Sequence[Place] = ()) -> T:
        """Read `places` and `locked`, decide, and write what was decided, all or nothing.

        decide: from what was found to an answer and to what should lie there (None: nothing); it may name other
            places, which must be empty. It is called again when somebody was faster, and when an answer of Firestore
            was lost: then it finds its own writes.
        locked: places that nobody may change in between, though nothing is written there. Readers share a lock, so
            two callers with the same ones do not wait for each other.
        """
        return self._trying(lambda: self._change(places, decide, locked))

    def put(self, documents: Mapping[Place, Facts]) -> None:
        """Write each as a whole, whatever lay there: MOST_WRITES at most, all or nothing. Twice is as once.
        Raises TypeError and ValueError as `fill` in encode.py."""
        whole = {at: {"schema": SCHEMA, **facts} for at, facts in documents.items()}

        def write() -> None:
            calls = self._calls
            calls.commit([set_document(calls.name(at), facts) for at, facts in whole.items()])

        self._trying(write)

    def delete(self, places: Sequence[Place]) -> None:
        """MOST_WRITES at most."""

        def write() -> None:
            calls = self._calls
            calls.commit([delete_document(calls.name(at)) for at in places])

        self._trying(write)

    def _change(self, places: Sequence[Place], decide: Decide[T], locked: Sequence[Place]) -> T:
        from google.api_core.exceptions import Aborted, AlreadyExists, FailedPrecondition, NotFound

        known = self._read(places)
        try:
            if locked:
                return self._in_transaction(known, decide, locked)
            return self._decided(self._calls, known, known, decide)
        except (Aborted, AlreadyExists, FailedPrecondition, NotFound) as error:
            # Of a missing database the read before has told.
            raise Conflict from error

    def _in_transaction(self, known: Versions, decide: Decide[T], locked: Sequence[Place]) -> T:
        from google.api_core.exceptions import GoogleAPIError

        calls = self._calls
        transaction = calls.begin()
        try:
            seen = {**self._read(locked, transaction=transaction), **known}
            return self._decided(calls, seen, known, decide, transaction)
        except BaseException:
            # Its locks would hold others up until Firestore forgets it.
            with suppress(GoogleAPIError):
                calls.rollback(transaction)
            raise

    def _decided(
        self,
        calls: Calls,
        seen: Versions,
        known: Versions,
        decide: Decide[T],
        transaction: bytes | None = None,
    ) -> T:
        """Each write holds only for the version that was read."""
        answer, wanted = decide({at: facts for at, (facts, _) in seen.items()})
        found = {at: known.get(at, (None, None)) for at in wanted}
        writes = [_write(calls.name(at), *found[at], new) for at, new in wanted.items()]
        needed = [write for write in writes if write is not None]
        if needed or transaction is not None:
            calls.commit(needed, transaction)
        return answer


def _write(name: str, old: Facts | None, version: Any, new: Facts | None) -> Any:
    """What makes `new` of `old`; None: nothing has to be done."""
    if new is None:
        return None if old is None else delete_document(name, version)
    if old is None:
        return create_document(name, {"schema": SCHEMA, **new})
    changed = {field: value for field, value in new.items() if field not in old or old[field] != value}
    gone = [field for field in old if field not in new and field != "schema"]
    return update_document(name, changed, gone, version) if changed or gone else None
