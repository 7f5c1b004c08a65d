"""The one place that writes to Firestore: reading, deciding and writing documents in one atomic step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tryon.stores.firestore.encode import set_document
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
        """Write each as a whole, whatever lay there: MOST_WRITES at most, all or nothing. Twice is as once."""
        from google.cloud.firestore_v1.types import CommitRequest

        def write() -> None:
            client = self.client
            writes = [
                set_document(self._ref(at)._document_path, {"schema": SCHEMA, **facts})
                for at, facts in documents.items()
            ]
            request = CommitRequest.wrap(CommitRequest.pb()(database=client._database_string, writes=writes))
            client._firestore_api.commit(request=request, metadata=client._rpc_metadata, **self._call)

        self._trying(write)

    def delete(self, places: Sequence[Place]) -> None:
        """MOST_WRITES at most."""

        def write() -> None:
            batch = self.client.batch()
            for at in places:
                batch.delete(self._ref(at))
            batch.commit(**self._call)

        self._trying(write)

    def _change(self, places: Sequence[Place], decide: Decide[T], locked: Sequence[Place]) -> T:
        from google.api_core.exceptions import Aborted, AlreadyExists, FailedPrecondition, NotFound

        known = self._read(places)
        try:
            if locked:
                return self._in_transaction(known, decide, locked)
            batch = self.client.batch()
            answer = self._decided(batch, known, known, decide)
            if len(batch):
                batch.commit(**self._call)
        except (Aborted, AlreadyExists, FailedPrecondition, NotFound) as error:
            # Of a missing database the read before has told.
            raise Conflict from error
        return answer

    def _in_transaction(self, known: Versions, decide: Decide[T], locked: Sequence[Place]) -> T:
        from google.api_core.exceptions import Aborted
        from google.cloud import firestore

        def work(transaction: Any) -> T:
            return self._decided(transaction, {**self._read(locked, transaction), **known}, known, decide)

        try:
            answer: T = firestore.transactional(work)(self.client.transaction(max_attempts=1))
        except ValueError as error:
            # So the library says that its attempts are used up.
            if isinstance(error.__cause__, Aborted):
                raise Conflict from error
            raise
        return answer

    def _decided(self, batch: Any, found: Versions, known: Versions, decide: Decide[T]) -> T:
        """Fill the batch. Each write holds only for the version that was read."""
        answer, wanted = decide({at: facts for at, (facts, _) in found.items()})
        for at, new in wanted.items():
            old, version = known.get(at, (None, None))
            self._write(batch, at, old, version, new)
        return answer

    def _write(self, batch: Any, at: Place, old: Facts | None, version: Any, new: Facts | None) -> None:
        if old is None and new is not None:
            batch.create(self._ref(at), {"schema": SCHEMA, **new})
        elif old is not None and new is None:
            batch.delete(self._ref(at), option=self.client.write_option(last_update_time=version))
        elif old is not None and new is not None and (fields := _differences(old, new)):
            batch.update(self._ref(at), fields, option=self.client.write_option(last_update_time=version))


def _differences(old: Facts, new: Facts) -> dict[str, Any]:
    """The fields to write so that `old` becomes `new`."""
    from google.cloud.firestore import DELETE_FIELD

    changed = {name: value for name, value in new.items() if name not in old or old[name] != value}
    return changed | {name: DELETE_FIELD for name in old if name not in new and name != "schema"}
