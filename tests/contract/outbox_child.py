"""A process that is killed while it logs: `python -m tests.contract.outbox_child OUTBOX PROJECT`.

It prints the number of each event after its append returned.
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from tests.contract.test_event_log import event
from tryon.stores.firestore.client import Firestore
from tryon.stores.firestore.log import FirestoreLog
from tryon.stores.outbox import Outbox
from tryon.stores.outbox_log import OutboxLog


def main(path: str, project: str) -> None:
    log = OutboxLog(Outbox(Path(path)), FirestoreLog(Firestore(project)), background=True)
    for number in count():
        log.append([event(str(number))])
        print(number, flush=True)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    main(*sys.argv[1:])
