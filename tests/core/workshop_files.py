"""The workshop's pipeline over files and SQLite, and a process that dies while it dresses."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.core.workshop import Dresser, Passes, Workshop, desk_over, make_all, uploads, willing
from tryon.core.events import Journal, utc_now
from tryon.core.materials import Materials
from tryon.core.pipeline import Pipeline
from tryon.core.ports import DressJob
from tryon.core.words import Refused
from tryon.stores.files import FileBlobs, FileDocuments
from tryon.stores.holders import lease_holder
from tryon.stores.sqlite.database import Database
from tryon.stores.sqlite.events import SqliteEventLog
from tryon.stores.sqlite.records import SqliteRecords


@contextmanager
def on_disk(folder: Path, answer: Callable[[DressJob], Refused | None] = willing) -> Iterator[Pipeline]:
    """One user, a top and a bottom."""
    database = Database(folder / "fashion.sqlite")
    source, blobs, records = (
        uploads(["u0000"], ["t0000", "b0000"]),
        FileBlobs(folder),
        SqliteRecords(database),
    )
    log = SqliteEventLog(database)
    journal = Journal(log, lambda _: None, utc_now)
    stages = Workshop(source, blobs, records).stages
    materials = Materials(source, blobs, records)
    tryon = replace(stages.tryon, materials=materials, dresser=Dresser(Passes(), answer))
    stages = replace(stages, tryon=tryon)
    desk = desk_over(stages, blobs, records, journal, lease_holder())
    pipeline = Pipeline(
        source,
        blobs,
        records,
        log,
        FileDocuments(folder / "export"),
        stages,
        desk,
        "http://127.0.0.1:8000/api/try-on",
    )
    pipeline.reconcile()
    yield pipeline
    database.close()


def killed_in_the_middle(folder: Path) -> None:
    """Dies at the third try-on: the two-piece, after both singles were published."""
    jobs: list[DressJob] = []

    def answer(job: DressJob) -> Refused | None:
        jobs.append(job)
        if len(jobs) == 3:
            os._exit(9)
        return None

    with on_disk(folder, answer) as pipeline:
        make_all(pipeline, "killed")
