"""What is erased without being asked for: what was begun, what may not be kept any longer, and what is left over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from tryon.core.erasure.erase import Eraser, Named
from tryon.core.erasure.receipts import Receipt
from tryon.core.erasure.traces import leftovers
from tryon.core.errors import FashionError
from tryon.core.pipeline import Pipeline
from tryon.core.uploads import Tombstone


@dataclass
class Upkeep:
    """receipts: of uploads that were erased now. swept: erased before, but a killed run had left something.
    incomplete: upload -> what is wrong."""

    receipts: list[Receipt] = field(default_factory=list)
    swept: list[Receipt] = field(default_factory=list)
    incomplete: dict[str, str] = field(default_factory=dict)


def erase_expired(eraser: Eraser, sure: bool = False) -> Upkeep:
    """One that cannot be finished does not stop the others. sure: also when more than half of all users or items
    were taken away."""
    done = Upkeep()
    for stone in _haunted(eraser.pipeline):
        found = _tried(done, f"{stone.ref.kind} {stone.ref.id}", lambda stone=stone: eraser.finish([stone]))  # type: ignore[misc]
        done.swept += found
    due = due_now(eraser.pipeline)
    doubtful = set() if sure else _doubtful(eraser.pipeline)
    for kind in sorted({kind for kind, _ in doubtful}):
        done.incomplete[f"{kind}s"] = (
            f"the photos of more than half of all {kind}s are gone; is a disk missing? If they are to be erased, run "
            "`fashion erase-expired --all`"
        )
    due = [one for one in due if one not in doubtful]
    try:
        done.receipts += eraser.erase_all(due) if due else []
    except FashionError:
        for one in due:
            done.receipts += _tried(done, " ".join(one), lambda one=one: [eraser.erase(*one)])  # type: ignore[misc]
    return done


def due_now(pipeline: Pipeline) -> list[Named]:
    """Unfinished erasures; consents that are too old; uploads that were taken away too long ago."""
    pipeline.reconcile()
    now = datetime.fromisoformat(pipeline.desk.journal.timestamp())
    unfinished = [(upload.kind, upload.id) for upload in pipeline.records.erasing()]
    listed, _ = pipeline.uploads.list()
    lapsed = [(upload.kind, upload.id) for upload in listed if pipeline.retention.lapsed(upload, now)]
    due = pipeline.retention.due(pipeline.records.kept(), now)
    return list(dict.fromkeys([*unfinished, *due, *lapsed]))


def _doubtful(pipeline: Pipeline) -> set[Named]:
    now = datetime.fromisoformat(pipeline.desk.journal.timestamp())
    begun = {(upload.kind, upload.id) for upload in pipeline.records.erasing()}
    return pipeline.retention.doubtful(pipeline.records.kept(), now) - begun


def _haunted(pipeline: Pipeline) -> list[Tombstone]:
    """Final tombstones with leftovers whose id is not in use again: an audit tells those of the new upload apart."""
    left = {leftover.upload for leftover in leftovers(pipeline)}
    living = {(one.ref.kind, one.ref.id) for one in pipeline.records.kept()}
    stones = [stone for stone in pipeline.records.tombstones() if stone.erased_at and stone.ref in left]
    return [stone for stone in stones if (stone.ref.kind, stone.ref.id) not in living]


def _tried(done: Upkeep, name: str, erase: Callable[[], list[Receipt]]) -> list[Receipt]:
    try:
        return erase()
    except FashionError as error:
        done.incomplete[name] = str(error)
        return []
