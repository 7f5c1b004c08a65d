"""Doubles of the outside systems, in memory, with the failures they should show chosen in the constructor.

tests/contract holds them to the same suite as the real stores, so a test over a fake means something.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import PurePosixPath

from tryon.core.budget import Caps, Spent, check_budget
from tryon.core.errors import BadInput, BlobMissing, StoreError
from tryon.core.events import EventKind, LogEvent
from tryon.core.recipes import Input, Stage
from tryon.core.records import Attempt, History, Lease, Publication, Record, Verdict
from tryon.core.releases import Release
from tryon.core.uploads import (
    Item,
    ItemSidecar,
    Registered,
    Rejected,
    UploadFile,
    UploadKind,
    UploadRef,
    User,
    UserSidecar,
    read_sidecar,
)
from tryon.core.words import check_id

Hook = Callable[[], None]


def nothing() -> None:
    """The hook of an undisturbed run."""


class MemoryBlobs:
    """flip_bit: every read comes back with one wrong bit. fail_puts: that many writes fail first.
    unwritable: suffixes of paths that never can be written. after_put: where a test may kill the writer."""

    def __init__(
        self,
        *,
        flip_bit: bool = False,
        fail_puts: int = 0,
        unwritable: tuple[str, ...] = (),
        after_put: Hook = nothing,
    ) -> None:
        self.files: dict[str, bytes] = {}
        self._put_at: dict[str, datetime] = {}
        self._flip_bit, self._fail_puts, self._unwritable = flip_bit, fail_puts, unwritable
        self._after_put, self._lock = after_put, threading.Lock()

    def put(self, path: str, data: bytes) -> bool:
        with self._lock:
            new = _inside(path) not in self.files
            if self._fail_puts or path.endswith(self._unwritable):
                self._fail_puts -= bool(self._fail_puts)
                raise StoreError(f"the blob store does not take {path}")
            self.files.setdefault(path, bytes(data))
            self._put_at[path] = datetime.now(UTC)
        self._after_put()
        return new

    def get(self, path: str) -> bytes:
        if _inside(path) not in self.files:
            raise BlobMissing(f"blob {path} is not there")
        data = self.files[path]
        return bytes([data[0] ^ 1]) + data[1:] if self._flip_bit and data else data

    def digest(self, path: str) -> str:
        return sha256(self.get(path)).hexdigest()

    def exists(self, path: str) -> bool:
        return _inside(path) in self.files

    def list(self, prefix: str) -> Iterator[str]:
        yield from sorted(path for path in self.files if path.startswith(prefix))

    def ages(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        """What a test laid down itself, without a put, is as old as can be."""
        for path in self.list(prefix):
            yield path, self._put_at.get(path, datetime.min.replace(tzinfo=UTC))

    def discard(self, path: str, seen: datetime) -> bool:
        with self._lock:
            put_again = self._put_at.get(path, seen) > seen
            return not put_again and self.files.pop(_inside(path), None) is not None

    def sweep(self, before: datetime, remove: bool) -> int:
        return 0

    def delete(self, path: str) -> bool:
        return self.files.pop(_inside(path), None) is not None

    def url(self, path: str) -> str:
        return f"memory:///{_inside(path)}"


def _inside(path: str) -> str:
    if not path or path.startswith("/") or ".." in PurePosixPath(path).parts:
        raise BadInput(f"blob path {path!r} leaves the store")
    return path


@dataclass(frozen=True)
class _Upload:
    ordinal: int
    file: UploadFile
    buried: bool = False
    suspended: bool = False
    shown: str = ""
    target: str = ""
    switched_at: str = ""


class MemoryRecords:
    """fail_publishes: that many publications fail first. before_publish: where a test may kill the writer."""

    def __init__(self, *, fail_publishes: int = 0, before_publish: Hook = nothing) -> None:
        self.published: dict[Input, Record] = {}
        self._uploads: list[_Upload] = []
        self._leases: dict[str, tuple[str, float]] = {}
        self._attempts: dict[Input, Attempt] = {}
        self._releases: dict[str, Release] = {}
        self._bookings: list[tuple[str, str, float]] = []
        self._fail_publishes, self._before_publish = fail_publishes, before_publish
        self._lock = threading.RLock()

    def register(self, uploads: Sequence[UploadFile]) -> Registered:
        changes: dict[tuple[str, UploadKind], list[str]] = {}
        with self._lock:
            for file in uploads:
                known = self._living(file.kind).get(file.id)
                if known is None:
                    self._uploads.append(_Upload(len(self._uploads) + 1, file))
                    changes.setdefault(("new", file.kind), []).append(file.id)
                elif known.file != file or known.suspended:
                    self._uploads[known.ordinal - 1] = replace(known, file=file, suspended=False)
                    changes.setdefault(("changed", file.kind), []).append(file.id)
        kinds = [(what, kind) for kind in UploadKind for what in ("new", "changed")]
        return Registered(*(tuple(changes.get(place, ())) for place in kinds))

    def users(self) -> list[User]:
        return [_user(upload) for upload in self._living(UploadKind.USER).values() if not upload.suspended]

    def items(self) -> list[Item]:
        return [_item(upload) for upload in self._living(UploadKind.ITEM).values() if not upload.suspended]

    def suspend(self, uploads: Sequence[tuple[UploadKind, str]]) -> None:
        with self._lock:
            for kind, upload_id in uploads:
                known = self._living(kind).get(upload_id)
                if known:
                    self._uploads[known.ordinal - 1] = replace(known, suspended=True)

    def suspended(self) -> list[tuple[UploadKind, str]]:
        return [(u.file.kind, u.file.id) for u in self._uploads if u.suspended and not u.buried]

    def bury(self, upload: UploadRef, at: str) -> None:
        with self._lock:
            for known in self._uploads:
                if UploadRef(known.file.kind, known.file.id, known.ordinal) == upload:
                    self._uploads[known.ordinal - 1] = replace(known, buried=True)

    def publish(self, records: Sequence[Record]) -> list[Publication]:
        self._before_publish()
        with self._lock:
            if self._fail_publishes:
                self._fail_publishes -= 1
                raise StoreError("the records do not answer")
            _refuse_what_no_store_can_hold(records)
            return [self._publish(record) for record in records]

    def find(self, products: Sequence[Input]) -> Mapping[Input, Record]:
        with self._lock:
            return {product: self.published[product] for product in products if product in self.published}

    def standings(self, user: str | None) -> Mapping[Input, Verdict]:
        with self._lock:
            return {made: record.verdict for made, record in self.published.items() if record.user == user}

    def fail(self, attempts: Sequence[Attempt]) -> None:
        with self._lock:
            for attempt in attempts:
                before = self._attempts.pop(attempt.input, None)
                failures = attempt.failures + (before.failures if before else 0)
                self._attempts[attempt.input] = replace(attempt, failures=failures)

    def attempts(self) -> list[Attempt]:
        return sorted(self._attempts.values(), key=lambda attempt: (attempt.at, attempt.input))

    def retry(self, products: Sequence[Input]) -> None:
        for product in products:
            self._attempts.pop(product, None)

    def confirm(self, release: Release, users: Sequence[str]) -> None:
        with self._lock:
            self._releases.pop(release.id, None)
            self._releases[release.id] = release
            living = self._living(UploadKind.USER)
            for known in [living[user] for user in users if user in living]:
                shown = known.shown or release.id
                self._uploads[known.ordinal - 1] = replace(known, shown=shown, target=release.id)

    def releases(self) -> list[Release]:
        return list(self._releases.values())

    def switch(self, user: str, release_id: str, at: str) -> bool:
        with self._lock:
            known = self._living(UploadKind.USER).get(user)
            if known is None or known.target != release_id:
                return False
            self._uploads[known.ordinal - 1] = replace(known, shown=release_id, switched_at=at)
            return True

    def book(self, run_id: str, day: str, usd: float, caps: Caps) -> int:
        with self._lock:
            check_budget(caps, self.spent(run_id, day), usd)
            self._bookings.append((run_id, day, usd))
            return len(self._bookings)

    def settle(self, booking: int, usd: float) -> None:
        run_id, day, _ = self._bookings[booking - 1]
        self._bookings[booking - 1] = (run_id, day, usd)

    def spent(self, run_id: str, day: str) -> Spent:
        return Spent(
            sum(usd for run, _, usd in self._bookings if run == run_id),
            sum(usd for _, when, usd in self._bookings if when == day),
            sum(usd for _, _, usd in self._bookings),
        )

    def of_user(self, user: str | None) -> Iterator[Record]:
        yield from [record for record in self.published.values() if record.user == user]

    def owners(self) -> list[str | None]:
        users = {record.user for record in self.published.values()}
        return sorted(users, key=lambda user: (user is not None, user or ""))

    def withdraw(self, records: Sequence[Record]) -> None:
        with self._lock:
            for record in records:
                known = self.published.get(record.input)
                if known and known.token == record.token:
                    del self.published[record.input]

    def history(self) -> Mapping[Stage, History]:
        sums: dict[Stage, History] = {}
        for record in self.published.values():
            if record.seconds > 0:
                past = sums.get(record.stage, History(0, 0.0, 0.0))
                sums[record.stage] = History(
                    past.passes + 1, past.seconds + record.seconds, past.cost_usd + record.cost_usd
                )
        return sums

    def claim(self, keys: Sequence[str], holder: str, seconds: float) -> set[str]:
        now = time.monotonic()
        with self._lock:
            free = {key for key in keys if self._free(key, holder, now)}
            self._leases.update((key, (holder, now + seconds)) for key in free)
            return free

    def release(self, keys: Sequence[str], holder: str) -> None:
        with self._lock:
            for key in keys:
                if self._leases.get(key, ("", 0.0))[0] == holder:
                    del self._leases[key]

    def leases(self) -> list[Lease]:
        now = time.monotonic()
        return [Lease(key, holder, until > now) for key, (holder, until) in sorted(self._leases.items())]

    def _free(self, key: str, holder: str, now: float) -> bool:
        owner, until = self._leases.get(key, (holder, 0.0))
        return owner == holder or until <= now

    def _living(self, kind: UploadKind) -> dict[str, _Upload]:
        return {u.file.id: u for u in self._uploads if u.file.kind is kind and not u.buried}

    def _publish(self, record: Record) -> Publication:
        hidden = {u.ordinal for u in self._uploads if u.buried or u.suspended}
        if {ref.ordinal for ref in record.uploads} & hidden:
            return Publication.BURIED
        if any(key == record.key and n >= record.generation for key, n in self.published):
            return Publication.LOST
        self.published[record.input] = record
        self._attempts.pop(record.input, None)
        return Publication.WON


def _refuse_what_no_store_can_hold(records: Sequence[Record]) -> None:
    for record in records:
        json.dumps(dict(record.facts))


def _user(upload: _Upload) -> User:
    sidecar = upload.file.sidecar
    assert isinstance(sidecar, UserSidecar)
    file, consent = upload.file, sidecar.model_dump(mode="json")["consent"]
    who = (upload.ordinal, file.id, file.sha256)
    return User(*who, consent["version"], consent["at"], upload.shown, upload.target, upload.switched_at)


def _item(upload: _Upload) -> Item:
    sidecar = upload.file.sidecar
    assert isinstance(sidecar, ItemSidecar)
    return Item(upload.ordinal, upload.file.id, upload.file.sha256, sidecar.categories)


class MemoryEventLog:
    """broken: nothing can be written. after_append: where a test may kill the writer."""

    def __init__(self, *, broken: bool = False, after_append: Hook = nothing) -> None:
        self.events: list[LogEvent] = []
        self._broken, self._after_append, self._lock = broken, after_append, threading.Lock()

    def append(self, events: Sequence[LogEvent]) -> None:
        if self._broken:
            raise StoreError("the event log cannot be written")
        with self._lock:
            self.events += events
        self._after_append()

    def read(
        self, *, user: str | None = None, after: int = 0, limit: int = 1000
    ) -> list[tuple[int, LogEvent]]:
        numbered = list(enumerate(self.events, start=1))[after:]
        return [(n, event) for n, event in numbered if user is None or event.user_id == user][:limit]

    def ends(self, keys: Sequence[str]) -> set[tuple[str, str]]:
        kinds = (EventKind.FINISHED, EventKind.REFUSED)
        return {(e.run_id, e.recipe) for e in self.events if e.recipe in set(keys) and e.event in kinds}


class MemoryUploads:
    """fail_opens: that many reads of a photo fail first."""

    def __init__(self, *, fail_opens: int = 0) -> None:
        self.photos: dict[tuple[UploadKind, str], bytes] = {}
        self.sidecars: dict[tuple[UploadKind, str], bytes] = {}
        self._fail_opens = fail_opens

    def list(self) -> tuple[tuple[UploadFile, ...], tuple[Rejected, ...]]:
        accepted: list[UploadFile] = []
        rejected: list[Rejected] = []
        for kind, upload_id in {**self.photos, **self.sidecars}:
            try:
                accepted.append(self._read(kind, upload_id))
            except BadInput as error:
                rejected.append(Rejected(kind, upload_id, str(error)))
        return tuple(accepted), tuple(rejected)

    def open(self, kind: UploadKind, upload_id: str) -> bytes:
        if self._fail_opens:
            self._fail_opens -= 1
            raise StoreError("the uploads do not answer")
        if (kind, check_id(upload_id)) not in self.photos:
            raise BlobMissing(f"{kind} {upload_id!r} has no photo")
        return self.photos[kind, upload_id]

    def url(self, kind: UploadKind, upload_id: str) -> str:
        return f"memory:///{kind}s/{check_id(upload_id)}"

    def _read(self, kind: UploadKind, upload_id: str) -> UploadFile:
        place = (kind, check_id(upload_id, f"{kind} id"))
        if place not in self.photos:
            raise BadInput(f"{upload_id}.json has no photo beside it")
        if place not in self.sidecars:
            raise BadInput(f"{upload_id} has no sidecar; add {upload_id}.json")
        digest = sha256(self.photos[place]).hexdigest()
        return UploadFile(kind, upload_id, digest, read_sidecar(kind, upload_id, self.sidecars[place]))


class MemoryDocuments:
    """fail_writes: that many writes fail first, and leave the old document as it was."""

    def __init__(self, *, fail_writes: int = 0) -> None:
        self.texts: dict[str, str] = {}
        self._fail_writes = fail_writes

    def write(self, user_id: str, facts: Mapping[str, object]) -> None:
        if self._fail_writes:
            self._fail_writes -= 1
            raise StoreError("the documents do not answer")
        self.texts[check_id(user_id, "user id")] = json.dumps(facts)

    def read(self, user_id: str) -> Mapping[str, object] | None:
        facts: dict[str, object] | None = json.loads(self.texts.get(check_id(user_id, "user id"), "null"))
        return facts
