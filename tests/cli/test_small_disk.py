"""Disks that are full or read-only, a locked or damaged database: one line that says so, and a rerun that completes.

The disks are real tmpfs mounts in a namespace of their own, which also an ordinary user may make on most systems;
where that is not allowed those tests are skipped with the reason, and the faults below them still run.
"""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.null_engines import null_stages
from bench.uploads import write_item
from fashion_assets.commands import opening
from tests.cli.conftest import Fashion
from tests.contract.test_unusable_stores import locked
from tryon.settings import Settings
from tryon.wiring import build

NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]


def on_disks(scenario: str, folder: Path) -> Any:
    """The scenario's answers, or a skip that says why this machine lets nobody mount."""
    probe = subprocess.run(
        [*NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if probe.returncode:
        pytest.skip(f"this system lets this user mount nothing: {probe.stderr.strip()}")
    command = [*NAMESPACE, sys.executable, "-m", "tests.cli.small_disk", scenario, str(folder / "data")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def is_one_line(answer: Any, *words: str) -> None:
    """Progress, then exactly one line of error."""
    assert answer["code"] == 1, answer
    errors = [line for line in answer["err"] if line.startswith("error: ")]
    assert errors == answer["err"][-1:]
    assert not [line for line in answer["err"] if "Traceback" in line]
    assert [word for word in words if word not in errors[0]] == []


@pytest.mark.battery
def test_a_data_folder_that_fills_up(tmp_path: Path) -> None:
    full, rerun, after = on_disks("small_data_folder", tmp_path)
    is_one_line(full, "space", f"{tmp_path}/data", "run the same command again")
    assert rerun["code"] == 0, rerun
    assert after["complete"]
    assert after["parts"] == []


@pytest.mark.battery
def test_a_blob_disk_that_fills_up(tmp_path: Path) -> None:
    full, before, rerun, after = on_disks("small_blob_disk", tmp_path)
    is_one_line(full, "the disk of", f"{tmp_path}/data/blobs is full", "free some space")
    # The failure is told once, though it failed everything that was left.
    assert len([line for line in full["err"] if "DiskFull" in line]) == 1
    assert not before["complete"]
    assert before["parts"] == []
    assert rerun["code"] == 0, rerun
    assert after["complete"]
    assert after["published"] > before["published"]


@pytest.mark.battery
def test_a_read_only_disk(tmp_path: Path) -> None:
    *answers, rerun, after = on_disks("read_only_disk", tmp_path)
    for answer in answers:
        is_one_line(answer, "read-only", "mount it writable")
    assert rerun["code"] == 0
    assert after["complete"]


# Without mounting anything


def test_a_full_disk_by_name_in_json(fashion: Fashion, monkeypatch: pytest.MonkeyPatch) -> None:
    write_item(fashion.data / "uploads", "t2", ["tops"], 3)
    before = fashion("status", "--json").facts["totals"]["tryons"]["published"]

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        answer = fashion("pregenerate", "--json")
    assert (answer.code, answer.facts["error"]["code"]) == (1, "disk_full")
    assert f"{fashion.data / 'blobs'} is full" in answer.facts["error"]["message"]
    assert fashion("status", "--json").facts["totals"]["tryons"]["published"] == before
    assert fashion("pregenerate").code == 0


@pytest.mark.parametrize("command", ["add-user", "add-item", "export"])
def test_commands_that_write_files_leave_none_behind(
    fashion: Fashion, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    given: dict[str, list[object]] = {
        "add-user": ["new", photo, "--consent-version", "2026-01"],
        "add-item": ["new", photo, "--category", "tops"],
        "export": [tmp_path / "out"],
    }
    files = sorted(path for path in tmp_path.rglob("*") if path.suffix in (".png", ".json", ".part"))
    monkeypatch.setattr("os.fsync", full)
    answer = fashion(command, *given[command])
    assert answer.code == 1
    assert "is full" in answer.err
    assert sorted(path for path in tmp_path.rglob("*") if path.suffix in (".png", ".json", ".part")) == files


def test_a_database_that_another_process_keeps_locked(
    fashion: Fashion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impatient(settings: Settings, console: Any = opening.silent) -> Any:
        return build(settings, console, null_stages, busy_seconds=0.05)

    monkeypatch.setattr(opening, "open_pipeline", impatient)
    with locked(fashion.data / "fashion.sqlite"):
        for command in ("pregenerate", "status"):
            answer = fashion(command)
            assert answer.code == 1
            (line,) = answer.err.splitlines()
            assert f"{fashion.data / 'fashion.sqlite'} locked" in line
    assert fashion("status").code == 0


def test_a_damaged_database_says_where_the_way_out_is(fashion: Fashion) -> None:
    for path in fashion.data.glob("fashion.sqlite*"):
        path.write_bytes(b"not a database" * 1000)
    answer = fashion("pregenerate", "--json")
    assert (answer.code, answer.facts["error"]["code"]) == (1, "store_damaged")
    assert "docs/runbook.md" in answer.facts["error"]["message"]
