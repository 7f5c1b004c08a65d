"""Erasing one user or item: everything made from the photo, everywhere, and a signed receipt that says so.

The tombstone comes first, so nothing new appears while the rest is deleted. Blobs go before their records, which
alone say where they lie; leases before the log, which alone knows keys that never got a record. Killed anywhere,
the tombstone stays unfinished and the same command, or the daily job, goes on.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from tryon.core.erasure.receipts import Receipt, file_name, write_receipt
from tryon.core.erasure.traces import Counts, Traces
from tryon.core.errors import ErasureIncomplete, UnknownUpload
from tryon.core.events import EventKind, LogEvent
from tryon.core.pipeline import Pipeline
from tryon.core.ports import Archive
from tryon.core.uploads import Tombstone, UploadKind, UploadRef
from tryon.core.words import check_id

Named = tuple[UploadKind, str]
ForgetPartition = Callable[[UploadKind, str], None]
"""Takes the id out of whatever schedules the work. Raises while it is still there."""


@dataclass(frozen=True)
class Eraser:
    pipeline: Pipeline
    archive: Archive
    forget_partition: ForgetPartition

    def erase(self, kind: UploadKind, upload_id: str) -> Receipt:
        """Erase it, or finish, or verify again. Raises UnknownUpload for an id that was never seen, and
        ErasureIncomplete while something is left."""
        return self.erase_all([(kind, upload_id)])[0]

    def erase_all(self, uploads: Sequence[Named]) -> list[Receipt]:
        """Several at once: what the stores do to deleted bytes is done once for all of them."""
        # Before anything is deleted: without a key there would be no receipt.
        self.archive.key()
        return self.finish([self._begin(kind, upload_id) for kind, upload_id in uploads])

    def finish(self, begun: Sequence[Tombstone]) -> list[Receipt]:
        """Also of a final tombstone: a run that was killed later may have left something."""
        with self._logged(begun):
            keys = [self._delete(stone) for stone in begun]
            if not self.pipeline.records.scrub():
                raise ErasureIncomplete(
                    "everything is deleted, but the database is being read, so its file still holds deleted bytes; "
                    "the same command, or `fashion erase-expired`, finishes it"
                )
            for stone, known in zip(begun, keys, strict=True):
                self._verify(stone, known)
            return [self._close(stone) for stone in begun]

    def _begin(self, kind: UploadKind, upload_id: str) -> Tombstone:
        """Set the tombstone, with a draft of the receipt: an interrupted erasure still tells all it deleted."""
        now, records = self.pipeline.desk.journal.timestamp(), self.pipeline.records
        found = find(self.pipeline, kind, upload_id) or records.bury_unregistered(kind, upload_id, now)
        records.bury(found, now)
        stone = next(stone for stone in records.tombstones() if stone.ref == found)
        if stone.erased_at:
            return stone
        past = json.loads(stone.receipt or '{"counts": {}}')
        counts = {
            store: max(count, past["counts"].get(store, 0))
            for store, count in Traces(self.pipeline, found).count().items()
        }
        draft = json.dumps({"number": past.get("number") or secrets.token_hex(8), "counts": counts})
        records.draft(found, draft)
        return replace(stone, receipt=draft)

    def _delete(self, stone: Tombstone) -> frozenset[str]:
        """Everything, in an order that can be taken up anywhere. Returns the keys, to verify with."""
        pipeline, upload, traces = self.pipeline, stone.ref, Traces(self.pipeline, stone.ref)
        if not stone.erased_at:
            # Later files under this id are a new upload.
            pipeline.uploads.delete(upload.kind, upload.id)
        keys = traces.all_keys()
        for path in traces.blobs():
            pipeline.blobs.delete(path)
        pipeline.records.unpublish(upload)
        pipeline.records.forget_answers(upload)
        for user in traces.documents():
            self._rewrite(upload, user)
        pipeline.records.drop_keys(sorted(keys))
        pipeline.log.forget(upload.kind, upload.id)
        self.forget_partition(upload.kind, upload.id)
        self.archive.drop_copies()
        return keys

    def _rewrite(self, upload: UploadRef, user: str) -> None:
        """A user's own document goes; another's is written anew without the item, or goes if nobody may see it."""
        offered = {known.id for known in self.pipeline.records.users()}
        if upload.kind is UploadKind.USER or user not in offered:
            self.pipeline.documents.delete(user)
        else:
            self.pipeline.export(user, "")

    def _verify(self, stone: Tombstone, keys: frozenset[str]) -> None:
        upload, traces = stone.ref, Traces(self.pipeline, stone.ref, final=bool(stone.erased_at), keys=keys)
        counts = {**traces.count(), "copies": len(self.archive.copies())}
        left = ", ".join(f"{count} in {store}" for store, count in counts.items() if count)
        if left:
            raise ErasureIncomplete(
                f"something of {upload.kind} {upload.id!r} is left ({left}): a run may have written it meanwhile; "
                f"`fashion erase-{upload.kind} {upload.id}` finishes it"
            )

    def _close(self, stone: Tombstone) -> Receipt:
        """The tombstone becomes final together with its receipt; the file is a copy that is written again if lost."""
        if not stone.erased_at:
            now, draft = self.pipeline.desk.journal.timestamp(), json.loads(stone.receipt)
            receipt = write_receipt(stone, now, draft["number"], draft["counts"], self.archive.key())
            self.pipeline.records.erased(stone.ref, now, json.dumps(receipt))
        (kept,) = [one for one in self.pipeline.records.tombstones() if one.ref == stone.ref]
        found: Receipt = json.loads(kept.receipt)
        self.archive.keep(file_name(found), json.dumps(found, indent=2) + "\n")
        return found

    @contextmanager
    def _logged(self, stones: Sequence[Tombstone]) -> Iterator[None]:
        """Start and end by receipt number: only tombstone and receipt keep the id."""
        self._log(stones, EventKind.STARTED, "an erasure started")
        try:
            yield
        except Exception as error:
            self._log(stones, EventKind.FAILED, f"an erasure is not complete: {type(error).__name__}")
            raise
        self._log(stones, EventKind.FINISHED, "an erasure is complete and verified")

    def _log(self, stones: Sequence[Tombstone], kind: EventKind, message: str) -> None:
        journal = self.pipeline.desk.journal
        now = journal.timestamp()
        journal.write([
            LogEvent(
                now, None, None, "erase", f"erase_{stone.ref.kind}", kind, "", None, None, message,
                {"receipt": json.loads(stone.receipt)["number"]},
            )
            for stone in stones
        ])  # fmt: skip


def preview(pipeline: Pipeline, kind: UploadKind, upload_id: str) -> Counts:
    """What an erasure would delete, by store; all 0 when it was erased already. Raises UnknownUpload."""
    return Traces(pipeline, find(pipeline, kind, upload_id) or UploadRef(kind, upload_id, 0)).count()


def find(pipeline: Pipeline, kind: UploadKind, upload_id: str) -> UploadRef | None:
    """The upload to erase; None when only files of it are there, which were never registered."""
    check_id(upload_id, f"{kind} id")
    records, place = pipeline.records, (kind, upload_id)
    unfinished = [ref for ref in records.erasing() if (ref.kind, ref.id) == place]
    living = [one.ref for one in records.kept() if (one.ref.kind, one.ref.id) == place]
    if unfinished or living:
        return (unfinished or living)[0]
    if pipeline.uploads.files(kind, upload_id):
        return None
    erased = [stone.ref for stone in records.tombstones() if (stone.ref.kind, stone.ref.id) == place]
    if not erased:
        raise UnknownUpload(
            f"there is no {kind} {upload_id!r}, and there never was one; `fashion status` lists them"
        )
    return erased[-1]
