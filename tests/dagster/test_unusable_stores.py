"""A run that cannot store: it fails with the reason for each partition, no further run is started, a rerun mends it."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import dagster as dg
import pytest

from fashion_assets.operate import Operator
from fashion_assets.storage_errors import named_errors
from tryon.core.errors import DiskFull, StoreDamaged, StoreLocked
from tryon.core.ports import Dressed, DressJob
from tryon.core.recipes import Stage
from tryon.stores.files import FileBlobs, FileDocuments

FULL = DiskFull("the disk of data/blobs is full; free some space")


class Space:
    """FileBlobs on a disk that is full from the nth blob of a suffix on."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch

    def none_for(self, suffix: str, after: int = 0) -> None:
        put, left = FileBlobs.put, [after]

        def full(blobs: FileBlobs, path: str, data: bytes) -> bool:
            left[0] -= path.endswith(suffix)
            if path.endswith(suffix) and left[0] < 0:
                raise FULL
            return put(blobs, path, data)

        self._patch.setattr(FileBlobs, "put", full)

    def freed(self) -> None:
        self._patch.undo()


@pytest.fixture
def space(monkeypatch: pytest.MonkeyPatch) -> Space:
    return Space(monkeypatch)


def failures(instance: dg.DagsterInstance) -> dict[str, str]:
    """Partition -> reason, of the last run."""
    (last,) = instance.get_runs(limit=1)
    found: dict[str, str] = {}
    for entry in instance.all_logs(last.run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        assert entry.dagster_event
        failure = entry.dagster_event.step_failure_data.user_failure_data
        assert failure
        value = failure.metadata["failed"].value
        assert isinstance(value, dict)
        found |= value
    return found


def test_the_run_names_every_partition_and_no_other_run_is_started(operator: Operator, space: Space) -> None:
    space.none_for(".webp", after=3)
    with pytest.raises(DiskFull, match="the disk of data/blobs is full"):
        operator.pregenerate()
    reasons = failures(operator.instance)
    assert set(reasons) == {
        f"{i}|{u}" for u in ("u0000", "u0001") for i in ("t0000", "t0001", "b0000", "b0001")
    }
    assert all("DiskFull: the disk of data/blobs is full" in reason for reason in reasons.values())
    jobs = [run.job_name for run in operator.instance.get_runs()]
    assert jobs == ["pregenerate", "mask_users", "crop_items"]
    # What was published before is told to Dagster, and nothing else.
    records = operator.pipeline.records
    stored = set(operator.pipeline.blobs.list(""))
    assert {r.path for user in records.users() for r in records.of_user(user.id)} <= stored


def test_with_space_again_a_rerun_completes(operator: Operator, space: Space) -> None:
    space.none_for(".webp", after=3)
    with pytest.raises(DiskFull):
        operator.pregenerate()
    space.freed()
    assert operator.pregenerate().failed == {}
    assert operator.pipeline.plan().nothing
    assert operator.pregenerate().runs == []


def test_data_json_stops_too(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(documents: FileDocuments, user_id: str, facts: object) -> None:
        raise FULL

    with monkeypatch.context() as patch:
        patch.setattr(FileDocuments, "write", full)
        with pytest.raises(DiskFull):
            operator.pregenerate()
    assert set(failures(operator.instance)) == {"u0000", "u0001"}
    assert operator.pipeline.documents.read("u0000") is None
    assert operator.pregenerate().failed == {}
    assert operator.pipeline.outdated() == {}


def test_an_engine_error_starts_the_next_run_as_before(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a store that nobody can write ends everything."""
    stage = operator.pipeline.stages.tryon

    def broken(batch: list[DressJob]) -> list[Dressed]:
        raise ConnectionError("the GPU went away")

    monkeypatch.setattr(stage.dresser, "dress", broken)
    summary = operator.pregenerate()
    assert summary.failed
    assert operator.instance.get_runs(limit=1)[0].job_name == "export_users"
    assert operator.pipeline.plan().passes[Stage.TRYON] > 0


# Dagster's own storage


def buried(cause: Exception) -> None:
    """As Dagster raises it: the database's own error is the cause of a cause."""
    try:
        raise RuntimeError("sqlalchemy says") from cause
    except RuntimeError as middle:
        raise ValueError("dagster says") from middle


def sqlite_error(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("cause", "named", "said"),
    [
        (sqlite_error(sqlite3.SQLITE_FULL), DiskFull, "no space was left"),
        (sqlite_error(sqlite3.SQLITE_BUSY), StoreLocked, "another process"),
        (sqlite_error(sqlite3.SQLITE_CORRUPT), StoreDamaged, "results do not need it"),
        (OSError(errno.ENOSPC, "No space left on device"), DiskFull, "is full"),
        (FULL, DiskFull, "the disk of data/blobs"),
    ],
)
def test_dagsters_own_storage(tmp_path: Path, cause: Exception, named: type[Exception], said: str) -> None:
    with pytest.raises(named, match=said), named_errors(tmp_path / "dagster"):
        buried(cause)


def test_any_other_error_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="dagster says"), named_errors(tmp_path):
        buried(KeyError("a bug"))
