"""The audit over real files and SQLite: next to a working writer, after a killed one, and while a photo is re-made."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.core.workshop import make_all
from tests.core.workshop_files import killed_in_the_middle, on_disk
from tryon.core.auditing.audit import audit
from tryon.core.pipeline import Pipeline
from tryon.core.records import BlobFacts
from tryon.stores.files import FileBlobs, FileDocuments

WEEK, HOUR = timedelta(days=7), timedelta(hours=1)


def whole(pipeline: Pipeline) -> bool:
    """Every published record has its blob, and every blob its record."""
    records = [r for owner in pipeline.records.owners() for r in pipeline.records.of_user(owner)]
    named = {record.path for record in records if isinstance(record.result, BlobFacts)}
    return named == set(pipeline.blobs.list("users/")) | set(pipeline.blobs.list("items/"))


def test_an_audit_next_to_a_writer_deletes_nothing_of_its(tmp_path: Path) -> None:
    with on_disk(tmp_path) as pipeline, ThreadPoolExecutor(1) as pool:
        writing = pool.submit(make_all, pipeline)
        audits = [audit(pipeline, datetime.now(UTC), timedelta(), repair=True)]
        while not writing.done():
            audits.append(audit(pipeline, datetime.now(UTC), timedelta(), repair=True))
        assert writing.result().failed == []
        assert sum(found.deleted + len(found.damaged) + len(found.dangling) for found in audits) == 0
        assert pipeline.plan().nothing
        assert whole(pipeline)


def test_half_a_document_is_swept(tmp_path: Path) -> None:
    with on_disk(tmp_path / "stores") as pipeline:
        pipeline = replace(pipeline, documents=FileDocuments(tmp_path / "documents"))
        make_all(pipeline)
        pipeline.export("u0000", "run")
        half = tmp_path / "documents" / ".u0000.x1y2.part"
        half.write_text("{")
        assert audit(pipeline, datetime.now(UTC), WEEK, repair=True).strays == 0
        assert audit(pipeline, datetime.now(UTC) + 2 * HOUR, WEEK).strays == 1
        assert half.exists()
        assert audit(pipeline, datetime.now(UTC) + 2 * HOUR, WEEK, repair=True).strays == 1
        assert [path.name for path in (tmp_path / "documents").iterdir()] == ["u0000.json"]


def test_what_a_killed_process_left_is_collected(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=killed_in_the_middle, args=(tmp_path,))
    process.start()
    process.join(60)
    assert process.exitcode == 9
    stray = tmp_path / "users/u0000/tmp123.part"
    stray.write_bytes(b"half")
    with on_disk(tmp_path) as pipeline:
        orphan = f"users/u0000/{'0' * 64}.webp"
        pipeline.blobs.put(orphan, b"half")
        found = audit(pipeline, datetime.now(UTC) + 2 * HOUR, WEEK, repair=True)
        assert (found.orphans, found.strays, found.lapsed > 0, found.wrong) == ([orphan], 1, True, 0)
        assert not stray.exists()
        assert audit(pipeline, datetime.now(UTC), WEEK).counts() == {
            **dict.fromkeys(found.counts(), 0),
            "records": found.records,
            "blobs": found.blobs,
            "foreign": _others(tmp_path),
        }
        make_all(pipeline, "again")
        assert whole(pipeline)


def _others(folder: Path) -> int:
    """The test's database lies in the blobs' folder; to an audit that is a stranger's file."""
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return len(names - set(FileBlobs(folder).list("users/")) - set(FileBlobs(folder).list("items/")))


def test_damaged_files_are_made_again(tmp_path: Path) -> None:
    with on_disk(tmp_path) as pipeline:
        make_all(pipeline)
        first, second, *_ = pipeline.blobs.list("users/")
        (tmp_path / first).unlink()
        (tmp_path / second).write_bytes(b"other")
        found = audit(pipeline, datetime.now(UTC), WEEK, repair=True)
        assert (len(found.missing) >= 1, len(found.mismatched) >= 1) == (True, True)
        assert make_all(pipeline, "again").failed == []
        assert audit(pipeline, datetime.now(UTC), WEEK).wrong == 0
        assert whole(pipeline)
