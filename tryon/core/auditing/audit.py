"""Every blob against every record, one owner (a user, or the items) at a time, so memory is bounded by one's share.

What may be deleted, and when:
- An orphan (a blob that no record names) may belong to a batch that publishes its record in a moment. A batch
  holds its lease from before it writes until after it published. So blobs are listed first, then leases are read,
  then records: without a living lease an unnamed blob is nobody's. With one, it has to be older than a lease lasts;
  with an order of a worker elsewhere, older than orders are kept.
  Blobs of erased users cannot be published any more and need no waiting.
- A result of a service call (tryon.core.guests) has no record: it is deleted by its age alone, whatever goes on.
- A blob is deleted only if nobody put it again since it was listed (`Blobs.discard`).
- Records go before their blobs: a kill in between leaves an orphan, which the next audit collects.
- A superseded record is judged a second time, against the uploads as they are then, before it is withdrawn.
Each finding is logged before anything is done about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from tryon.core.auditing.findings import Audit, count_event, damage_events, finding
from tryon.core.auditing.rehash import Rehash, State, describe
from tryon.core.auditing.superseded import GRACE, World, judge
from tryon.core.errors import StoreError
from tryon.core.guests import is_guest
from tryon.core.pipeline import Pipeline
from tryon.core.records import BlobFacts, Record
from tryon.core.stages.remote import KEPT

BLOB = re.compile(r"(?:items/[^/]+|users/(?P<user>[^/]+))/[0-9a-f]{64}\.\w+")
STRAY_AGE = timedelta(hours=1)
"""A write takes seconds; a temporary file this old has no writer."""
Looked = Mapping[str, datetime]
"""Paths of one owner's blobs, with the time when each was last put."""


def audit(
    pipeline: Pipeline, now: datetime, grace: timedelta = GRACE, repair: bool = False, run_id: str = ""
) -> Audit:
    """Raises StoreError when no blob at all is there: a disk that is not mounted is no damage to repair.

    repair: delete orphans, strays and lapsed leases, withdraw records whose blob is missing or wrong (the next
    pregeneration makes them again, under the same key) and those of erased uploads, and collect what was
    superseded longer than `grace` ago.
    """
    found = Audit(repaired=repair)
    with pipeline.desk.journal.step(None, "audit", "stores", run_id):
        _Auditor(pipeline, now, grace, found, run_id).run()
    return found


class _Auditor:
    def __init__(
        self, pipeline: Pipeline, now: datetime, grace: timedelta, found: Audit, run_id: str
    ) -> None:
        self._pipeline, self._blobs, self._records = pipeline, pipeline.blobs, pipeline.records
        self._now, self._grace, self._found, self._run_id = now, grace, found, run_id
        self._journal, self._rehash = pipeline.desk.journal, Rehash(pipeline.blobs)
        self._world = World(pipeline)
        self._due: dict[str, datetime] = {}

    def run(self) -> None:
        if self._is_bare() and self._has_published():
            raise StoreError(
                "no stored file at all is there, though records name some: is the disk mounted? Nothing was changed"
            )
        done = set[str | None]()
        for owner, stored in groupby(self._stored(), key=lambda blob: _owner(blob[0])):
            done.add(owner)
            self._audit(owner, dict(stored))
        for owner in self._records.owners():
            if owner not in done:
                self._audit(owner, {})
        self._part()
        self._clean()

    def _is_bare(self) -> bool:
        """A service may have written guests into the folder of a disk that is not mounted."""
        return all(is_guest(path) for path, _ in self._blobs.ages(""))

    def _has_published(self) -> bool:
        owners = self._records.owners()
        return any(isinstance(r.result, BlobFacts) for owner in owners for r in self._records.of_user(owner))

    def _stored(self) -> Iterator[tuple[str, datetime]]:
        for path, put_at in self._blobs.ages(""):
            if BLOB.fullmatch(path):
                yield path, put_at
            elif is_guest(path):
                self._meet(path, put_at)
            else:
                self._found.foreign += 1

    def _meet(self, guest: str, put_at: datetime) -> None:
        self._found.guests += 1
        if put_at < self._now - timedelta(days=self._pipeline.retention.guest_days):
            self._due[guest] = put_at

    def _audit(self, owner: str | None, looked: Looked) -> None:
        """looked: listed before the leases, and those are read before the records (see the top)."""
        lasts = self._in_work()
        records = list(self._records.of_user(owner))
        self._found.records += len(records)
        dangling = self._dangling(records)
        useful = _without(records, dangling)
        expired = self._superseded(owner, useful)
        damaged = self._damaged(owner, _without(useful, expired if self._found.repaired else []))
        gone = [*dangling, *expired, *damaged] if self._found.repaired else []
        if gone:
            self._records.withdraw(gone)
        named = _paths(_without(records, gone))
        self._collect(owner, {p: at for p, at in looked.items() if p not in named}, _paths(gone), lasts)

    def _dangling(self, records: Sequence[Record]) -> list[Record]:
        """Nobody is named in the log: an erased upload's id may stay in its tombstone and receipt only."""
        if any(self._world.is_dangling(record) for record in records):
            self._world = World(self._pipeline)  # Or is the upload merely newer than this audit?
        dangling = [record for record in records if self._world.is_dangling(record)]
        reason = "an upload it was made from was erased"
        self._found.dangling += [finding(record, reason) for record in dangling]
        self._tell(None, "dangling", len(dangling), "records of erased uploads", "withdrawn")
        return dangling

    def _superseded(self, owner: str | None, records: Sequence[Record]) -> list[Record]:
        before = self._now - self._grace
        judged = judge(self._world, owner, records, before)
        if judged.expired and self._found.repaired:
            self._world = World(self._pipeline)
            judged = judge(self._world, owner, records, before)
        self._found.superseded += len(judged.superseded)
        self._found.expired += len(judged.expired)
        self._tell(owner, "superseded", len(judged.expired), "superseded records past the grace", "collected")
        return judged.expired

    def _damaged(self, owner: str | None, records: Sequence[Record]) -> list[Record]:
        """Those whose blob is missing or wrong."""
        self._found.blobs += len({r.path for r in records if isinstance(r.result, BlobFacts)})
        states = [(r, state) for r, state in self._rehash.states(records) if state is not State.SOUND]
        if not states:
            return []
        still = {record.token for record in self._records.of_user(owner)}
        states = [(record, state) for record, state in states if record.token in still]
        for kind, place in [
            (State.MISSING, self._found.missing),
            (State.MISMATCHED, self._found.mismatched),
            (State.UNREADABLE, self._found.unreadable),
        ]:
            found = [finding(record, describe(record, state)) for record, state in states if state is kind]
            place += found
            now = self._journal.timestamp()
            self._journal.write(list(damage_events(now, self._run_id, found, kind.value)))
        broken = [record for record, state in states if state is not State.UNREADABLE]
        if self._found.repaired:
            superseded = judge(self._world, owner, broken, self._now).superseded
            self._found.withdrawn += len(broken) - len(superseded)
        self._tell(owner, "damaged", len(broken), "records without their stored file", "withdrawn")
        return broken

    def _collect(self, owner: str | None, unnamed: Looked, known: set[str], lasts: timedelta) -> None:
        """known: paths whose record was withdrawn just now; any other unnamed blob is an orphan.
        lasts: how old an orphan must be."""
        at_once = bool(unnamed) and (not lasts or self._is_erased(owner))
        safe = [path for path, put_at in unnamed.items() if at_once or put_at < self._now - lasts]
        self._found.in_flight += len(unnamed) - len(safe)
        orphans = [path for path in safe if path not in known]
        told = owner if self._world.is_living(owner) else None
        self._tell(told, "orphans", len(orphans), "stored files that no record names", "deleted")
        if not self._found.repaired:
            self._found.orphans += orphans
            return
        for path in safe:
            deleted = self._blobs.discard(path, unnamed[path])
            self._found.deleted += deleted
            self._found.in_flight += not deleted
            self._found.orphans += [path] if deleted and path not in known else []

    def _part(self) -> None:
        """With guests that stayed for long enough. One that was put again since it was listed stays."""
        self._found.guests_due = len(self._due)
        what = "results of service calls that were kept long enough"
        self._tell(None, "guests", len(self._due), what, "deleted")
        for path, put_at in self._due.items() if self._found.repaired else ():
            self._found.deleted += self._blobs.discard(path, put_at)

    def _in_work(self) -> timedelta:
        """How long ago somebody may have stored what he still publishes."""
        if self._records.orders():
            return KEPT + timedelta(days=1)
        busy = any(lease.alive for lease in self._records.leases())
        return timedelta(seconds=self._pipeline.desk.patience.lease_seconds) if busy else timedelta()

    def _is_erased(self, owner: str | None) -> bool:
        if not self._world.is_living(owner):
            self._world = World(self._pipeline)  # Or was the user registered after this audit began?
        return not self._world.is_living(owner)

    def _clean(self) -> None:
        """Leases and temporary files that killed processes left."""
        lapsed = [lease for lease in self._records.leases() if not lease.alive]
        self._found.lapsed = len(lapsed)
        self._tell(None, "leases", len(lapsed), "leases of dead holders", "released")
        self._found.strays = self._sweep(remove=False)
        self._tell(None, "strays", self._found.strays, "temporary files of killed writers", "deleted")
        if not self._found.repaired:
            return
        for lease in lapsed:
            self._records.release([lease.key], lease.holder)
        for order in self._records.orders():
            # Of a stage that no run asked for since; its worker's answer is gone by now.
            if datetime.fromisoformat(order.placed_at) < self._now - KEPT:
                self._records.finish(order.id)
        if self._found.strays:
            self._sweep(remove=True)

    def _sweep(self, remove: bool) -> int:
        stores = (self._blobs, self._pipeline.documents)
        return sum(store.sweep(self._now - STRAY_AGE, remove) for store in stores)

    def _tell(self, owner: str | None, step: str, count: int, what: str, repaired: str) -> None:
        if count:
            message = f"{what}: {repaired}" if self._found.repaired else what
            now = self._journal.timestamp()
            self._journal.write([count_event(now, self._run_id, owner, step, count, message)])


def _owner(path: str) -> str | None:
    """The user whose blob it is; None for an item's."""
    match = BLOB.fullmatch(path)
    return match["user"] if match else None


def _paths(records: Iterable[Record]) -> set[str]:
    return {record.path for record in records if isinstance(record.result, BlobFacts)}


def _without(records: Iterable[Record], gone: Iterable[Record]) -> list[Record]:
    tokens = {(record.key, record.generation, record.token) for record in gone}
    return [record for record in records if (record.key, record.generation, record.token) not in tokens]
