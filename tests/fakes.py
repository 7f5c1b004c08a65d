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
from typing import Any

from tryon.core.budget import Caps, Spent, check_budget
from tryon.core.errors import BadInput, BlobMissing, StoreError
from tryon.core.events import EventKind, LogEvent, subjects
from tryon.core.recipes import Input, Stage
from tryon.core.records import Attempt, BlobFacts, History, Lease, Placed, Publication, Record, Verdict
from tryon.core.releases import Release
from tryon.core.uploads import (
    Item,
    ItemSidecar,
    Kept,
    Registered,
    Rejected,
    Tombstone,
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

    def unfinished(self, prefix: str) -> Iterator[str]:
        yield from ()

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
    """file: None after it was buried."""

    ref: UploadRef
    file: UploadFile | None
    suspended_at: str = ""
    buried_at: str = ""
    erased_at: str = ""
    receipt: str = ""
    shown: str = ""
    target: str = ""
    switched_at: str = ""

    @property
    def place(self) -> tuple[UploadKind, str]:
        return self.ref.kind, self.ref.id


class MemoryRecords:
    """fail_publishes: that many publications fail first. before_publish: where a test may kill the writer.
    busy: a reader keeps deleted bytes from being scrubbed."""

    def __init__(
        self, *, fail_publishes: int = 0, before_publish: Hook = nothing, busy: bool = False
    ) -> None:
        self._spent: list[Record] = []
        self._busy = busy
        self.published: dict[Input, Record] = {}
        self._uploads: list[_Upload] = []
        self._leases: dict[str, tuple[str, float]] = {}
        self._attempts: dict[Input, Attempt] = {}
        self._releases: dict[str, Release] = {}
        self._bookings: list[tuple[str, str, float]] = []
        self._answers: dict[tuple[str, int], str] = {}
        self._orders: dict[str, Placed] = {}
        self._fail_publishes, self._before_publish = fail_publishes, before_publish
        self._lock = threading.RLock()

    def register(self, uploads: Sequence[UploadFile], listed_at: str | None = None) -> Registered:
        changes: dict[tuple[str, UploadKind], list[str]] = {}
        with self._lock:
            for file in uploads:
                known = self._living(file.kind).get(file.id)
                if known is None and self._closed(file, listed_at):
                    continue
                if known is None:
                    self._uploads.append(_Upload(UploadRef(file.kind, file.id, self._next()), file))
                    changes.setdefault(("new", file.kind), []).append(file.id)
                elif known.file != file or known.suspended_at:
                    self._change(known.ref, file=file, suspended_at="")
                    changes.setdefault(("changed", file.kind), []).append(file.id)
        kinds = [(what, kind) for kind in UploadKind for what in ("new", "changed")]
        return Registered(*(tuple(changes.get(place, ())) for place in kinds))

    def users(self) -> list[User]:
        return [_user(upload) for upload in self._living(UploadKind.USER).values() if not upload.suspended_at]

    def items(self) -> list[Item]:
        return [_item(upload) for upload in self._living(UploadKind.ITEM).values() if not upload.suspended_at]

    def user(self, user_id: str) -> User | None:
        return next((user for user in self.users() if user.id == user_id), None)

    def some_items(self, item_ids: Sequence[str]) -> list[Item]:
        return [item for item in self.items() if item.id in item_ids]

    def items_mark(self) -> str | None:
        return str(self.items())

    def suspend(self, uploads: Sequence[tuple[UploadKind, str]], at: str) -> None:
        with self._lock:
            for kind, upload_id in uploads:
                known = self._living(kind).get(upload_id)
                if known:
                    self._change(known.ref, suspended_at=known.suspended_at or at)

    def suspended(self) -> list[tuple[UploadKind, str]]:
        return [u.place for u in self._uploads if u.suspended_at and not u.buried_at]

    def kept(self) -> list[Kept]:
        return [Kept(u.ref, u.suspended_at, _consent_at(u)) for u in self._uploads if not u.buried_at]

    def bury(self, upload: UploadRef, at: str) -> None:
        with self._lock:
            if any(known.ref == upload and not known.buried_at for known in self._uploads):
                self._change(upload, buried_at=at, file=None)

    def bury_unregistered(self, kind: UploadKind, upload_id: str, at: str) -> UploadRef:
        with self._lock:
            ref = UploadRef(kind, upload_id, self._next())
            self._uploads.append(_Upload(ref, None, buried_at=at))
            return ref

    def gone(self, uploads: Sequence[UploadRef]) -> set[UploadRef]:
        hidden = {known.ref for known in self._uploads if known.buried_at or known.suspended_at}
        return hidden & set(uploads)

    def tombstones(self) -> list[Tombstone]:
        buried = [known for known in self._uploads if known.buried_at]
        return [Tombstone(known.ref, known.buried_at, known.erased_at, known.receipt) for known in buried]

    def erasing(self) -> list[UploadRef]:
        return [stone.ref for stone in self.tombstones() if not stone.erased_at]

    def draft(self, upload: UploadRef, receipt: str) -> None:
        if upload in self.erasing():
            self._change(upload, receipt=receipt)

    def erased(self, upload: UploadRef, at: str, receipt: str) -> None:
        if upload in self.erasing():
            self._change(upload, erased_at=at, receipt=receipt)

    def is_erased(self, kind: UploadKind, upload_id: str) -> bool:
        """For MemoryEventLog, which drops events about these."""
        places = {stone.ref for stone in self.tombstones()}
        return upload_id not in self._living(kind) and any(
            r.kind is kind and r.id == upload_id for r in places
        )

    def of_upload(self, upload: UploadRef) -> Iterator[Record]:
        yield from [record for record in self.published.values() if upload in record.uploads]

    def names(self, paths: Sequence[str], besides: UploadRef | None = None) -> set[str]:
        others = [record for record in self.published.values() if besides not in record.uploads]
        return {record.path for record in others if isinstance(record.result, BlobFacts)} & set(paths)

    def unpublish(self, upload: UploadRef) -> int:
        with self._lock:
            going = [place for place, record in self.published.items() if upload in record.uploads]
            for place in going:
                self._spent.append(self.published.pop(place))
            return len(going)

    def kept_keys(self, keys: Sequence[str]) -> set[str]:
        ordered = {key for order in self._orders.values() for key in order.keys}
        return {*self._leases, *(attempt.key for attempt in self._attempts.values()), *ordered} & set(keys)

    def drop_keys(self, keys: Sequence[str]) -> int:
        now, asked = time.monotonic(), self.kept_keys(keys)
        with self._lock:
            for key, (_, until) in list(self._leases.items()):
                if key in asked or until <= now:
                    del self._leases[key]
            for product in [product for product in self._attempts if product.key in asked]:
                del self._attempts[product]
            for order in [order for order in self._orders.values() if not asked.isdisjoint(order.keys)]:
                del self._orders[order.id]
        return len(asked)

    def place(self, order: Placed) -> Placed | None:
        with self._lock:
            if any(u.ref in order.uploads and u.buried_at for u in self._uploads):
                return None
            return self._orders.setdefault(order.id, order)

    def order(self, order_id: str) -> Placed | None:
        return self._orders.get(order_id)

    def orders(self, stage: Stage | None = None) -> list[Placed]:
        with self._lock:
            found = [order for order in self._orders.values() if stage in (None, order.stage)]
        return sorted(found, key=lambda order: order.placed_at)

    def called(self, order_id: str, call: str) -> None:
        with self._lock:
            if order_id in self._orders:
                self._orders[order_id] = replace(self._orders[order_id], call=call)

    def deliver(self, order_id: str, delivery: str) -> bool:
        with self._lock:
            order = self._orders.get(order_id)
            if order is not None:
                self._orders[order_id] = replace(order, delivery=order.delivery or delivery)
            return order is not None

    def finish(self, order_id: str) -> None:
        with self._lock:
            self._orders.pop(order_id, None)

    def answers(self, keys: Sequence[str]) -> Mapping[str, str]:
        with self._lock:
            return {key: text for (key, _), text in sorted(self._answers.items()) if key in keys}

    def keep_answer(self, key: str, text: str, upload: UploadRef | None = None) -> None:
        with self._lock:
            if upload is None or any(
                u.ref.ordinal == upload.ordinal and not u.buried_at for u in self._uploads
            ):
                self._answers.setdefault((key, upload.ordinal if upload else 0), text)

    def answers_of(self, upload: UploadRef) -> int:
        return sum(ordinal == upload.ordinal for _, ordinal in self._answers)

    def forget_answers(self, upload: UploadRef) -> int:
        with self._lock:
            return len(
                [self._answers.pop(place) for place in list(self._answers) if place[1] == upload.ordinal]
            )

    def scrub(self) -> bool:
        return not self._busy

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
            for attempt in filter(self._is_about_the_living, attempts):
                before = self._attempts.pop(attempt.input, None)
                failures = attempt.failures + (before.failures if before else 0)
                self._attempts[attempt.input] = replace(attempt, failures=failures)

    def _is_about_the_living(self, attempt: Attempt) -> bool:
        user, item = (UploadKind.USER, attempt.user), (UploadKind.ITEM, attempt.item)
        return not any(upload_id and self.is_erased(kind, upload_id) for kind, upload_id in (user, item))

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
                self._change(known.ref, shown=shown, target=release.id)

    def releases(self) -> list[Release]:
        return list(self._releases.values())

    def confirmed(self, release_id: str) -> Release | None:
        return self._releases.get(release_id)

    def switch(self, user: str, release_id: str, at: str) -> bool:
        with self._lock:
            known = self._living(UploadKind.USER).get(user)
            if known is None or known.target != release_id:
                return False
            self._change(known.ref, shown=release_id, switched_at=at)
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
        for record in (*self.published.values(), *self._spent):
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
        return {u.ref.id: u for u in self._uploads if u.ref.kind is kind and not u.buried_at}

    def _closed(self, file: UploadFile, listed_at: str | None) -> bool:
        """Being erased, or erased after that listing began."""
        stones = [u for u in self._uploads if u.place == (file.kind, file.id) and u.buried_at]
        return any(not u.erased_at or (listed_at is not None and u.erased_at >= listed_at) for u in stones)

    def _next(self) -> int:
        return len(self._uploads) + 1

    def _change(self, ref: UploadRef, **facts: Any) -> None:
        self._uploads[ref.ordinal - 1] = replace(self._uploads[ref.ordinal - 1], **facts)

    def _publish(self, record: Record) -> Publication:
        if self.gone(record.uploads):
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
    assert upload.file is not None
    assert isinstance(upload.file.sidecar, UserSidecar)
    version = upload.file.sidecar.consent.version
    releases = (upload.shown, upload.target, upload.switched_at)
    return User(
        upload.ref.ordinal, upload.file.id, upload.file.sha256, version, _consent_at(upload), *releases
    )


def _consent_at(upload: _Upload) -> str:
    if not upload.file or isinstance(upload.file.sidecar, ItemSidecar):
        return ""
    found: str = upload.file.sidecar.model_dump(mode="json")["consent"]["at"]
    return found


def _item(upload: _Upload) -> Item:
    assert upload.file is not None
    assert isinstance(upload.file.sidecar, ItemSidecar)
    return Item(upload.ref.ordinal, upload.file.id, upload.file.sha256, upload.file.sidecar.categories)


def _never(kind: UploadKind, upload_id: str) -> bool:
    return False


class MemoryEventLog:
    """broken: nothing can be written. after_append: where a test may kill the writer. is_erased: of the records."""

    def __init__(
        self,
        *,
        broken: bool = False,
        after_append: Hook = nothing,
        is_erased: Callable[[UploadKind, str], bool] = _never,
    ) -> None:
        self._events: dict[int, LogEvent] = {}
        self._last = 0
        self._broken, self._after_append, self._lock = broken, after_append, threading.Lock()
        self._is_erased = is_erased

    @property
    def events(self) -> list[LogEvent]:
        return list(self._events.values())

    def append(self, events: Sequence[LogEvent]) -> None:
        if self._broken:
            raise StoreError("the event log cannot be written")
        with self._lock:
            for event in events:
                self._last += 1
                if not any(self._is_erased(*subject) for subject in subjects(event)):
                    self._events[self._last] = event
        self._after_append()

    def read(
        self, *, user: str | None = None, key: str | None = None, after: int = 0, limit: int = 1000
    ) -> list[tuple[int, LogEvent]]:
        numbered = [(n, event) for n, event in self._events.items() if n > after]
        numbered = [(n, event) for n, event in numbered if key is None or event.recipe == key]
        return [(n, event) for n, event in numbered if user is None or event.user_id == user][:limit]

    def latest(self, limit: int, user: str | None = None) -> list[tuple[int, LogEvent]]:
        found = [(n, event) for n, event in self._events.items() if user is None or event.user_id == user]
        return found[::-1][:limit]

    def failures(self, limit: int) -> list[tuple[int, LogEvent]]:
        failed = [(n, event) for n, event in self._events.items() if event.event is EventKind.FAILED]
        return failed[::-1][:limit]

    def last_ends(self, keys: Sequence[str]) -> dict[str, tuple[int, LogEvent]]:
        ended = [(n, e) for n, e in self._events.items() if e.event is not EventKind.STARTED]
        return {e.recipe: (n, e) for n, e in ended if e.recipe is not None and e.recipe in set(keys)}

    def ends(self, keys: Sequence[str]) -> set[tuple[str, str]]:
        kinds = (EventKind.FINISHED, EventKind.REFUSED)
        return {(e.run_id, e.recipe) for e in self.events if e.recipe in set(keys) and e.event in kinds}

    def keys(self, kind: UploadKind, upload_id: str) -> set[str]:
        return {event.recipe for _, event in self._about(kind, upload_id) if event.recipe is not None}

    def count(self, kind: UploadKind, upload_id: str) -> int:
        return len(self._about(kind, upload_id))

    def forget(self, kind: UploadKind, upload_id: str) -> int:
        with self._lock:
            return len([self._events.pop(n) for n, _ in self._about(kind, upload_id)])

    def drop(self, lost: Callable[[LogEvent], bool]) -> None:
        """What a test takes away behind the store's back."""
        self._events = {n: event for n, event in self._events.items() if not lost(event)}

    def _about(self, kind: UploadKind, upload_id: str) -> list[tuple[int, LogEvent]]:
        return [(n, event) for n, event in self._events.items() if (kind, upload_id) in subjects(event)]


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

    def files(self, kind: UploadKind, upload_id: str) -> tuple[str, ...]:
        place = (kind, check_id(upload_id))
        parts = {"photo": self.photos, "sidecar": self.sidecars}
        return tuple(name for name, part in parts.items() if place in part)

    def delete(self, kind: UploadKind, upload_id: str) -> int:
        found = self.files(kind, upload_id)
        self.photos.pop((kind, upload_id), None)
        self.sidecars.pop((kind, upload_id), None)
        return len(found)

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

    def list(self) -> Iterator[str]:
        yield from sorted(self.texts)

    def delete(self, user_id: str) -> bool:
        return self.texts.pop(check_id(user_id, "user id"), None) is not None

    def sweep(self, before: datetime, remove: bool) -> int:
        """A write in memory is never half done."""
        return 0


class MemoryArchive:
    """copies: names of pictures drawn from the stores."""

    def __init__(self, copies: tuple[str, ...] = ()) -> None:
        self.kept: dict[str, str] = {}
        self._copies = copies

    def key(self) -> bytes:
        return b"a key for tests only"

    def keep(self, name: str, text: str) -> str:
        self.kept[name] = text
        return f"memory:///{name}"

    def copies(self) -> tuple[str, ...]:
        return self._copies

    def drop_copies(self) -> int:
        gone, self._copies = len(self._copies), ()
        return gone
