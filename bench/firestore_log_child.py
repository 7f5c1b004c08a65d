"""The process that `bench firestore-log` kills: it appends events and tells of each batch whose append returned."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

from tryon.core.events import EventKind, LogEvent
from tryon.stores.firestore.client import Firestore
from tryon.stores.firestore.log import FirestoreLog
from tryon.stores.outbox import Outbox
from tryon.stores.outbox_log import OutboxLog

OUTBOX, TOLD = "outbox.sqlite", "told"


def append_all(folder: Path, project: str, numbers: range, host: str) -> None:
    """numbers: the first of each batch; its step is the size of a batch. Returns when all are stored."""
    os.environ["FIRESTORE_EMULATOR_HOST"] = host
    outbox = Outbox(folder / OUTBOX)
    with closing(FirestoreLog(Firestore(project))) as remote, (folder / TOLD).open("a") as told:
        remote.read(limit=1)  # The library is imported and connected before the first event.
        log = OutboxLog(outbox, remote, background=True)
        for first in numbers:
            log.append([_event(number) for number in range(first, first + numbers.step)])
            print(first, file=told, flush=True)
        log.flush()
        log.close()
    outbox.close()


def _event(number: int) -> LogEvent:
    """As a stage writes it; its number is the message."""
    return LogEvent(
        timestamp="2026-11-21T12:00:00.000001Z",
        user_id=f"u{number % 97:04}",
        item_id=f"i{number % 41:04}",
        component="stage.tryon",
        step=f"i{number % 41:04}.tops+i{number % 37:04}.bottoms",
        event=EventKind.FINISHED,
        run_id="2f1c8f0e-5d8e-4a53-9a43-0d7d8d1b8a11",
        recipe=f"{number:064x}",
        duration_ms=1234.5,
        message=str(number),
        data={"engine": "warp", "seconds": 1.25, "bytes": 123456, "cost_usd": 0.0004},
    )
