"""`python -m tests.cli.small_disk SCENARIO FOLDER`, inside a mount namespace of its own: real disks that are too
small or read-only, the real command over null engines, and what is visible afterwards, as JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.uploads import write_catalogue
from tests.cli.null_fashion import open_null
from tryon.core.records import BlobFacts
from tryon.core.stored import read_verified
from tryon.settings import Settings


def small_data_folder(data: Path) -> list[Any]:
    """Everything on one disk, Dagster's storage too."""
    _mount(data, "1500k")
    write_catalogue(data / "uploads", users=1, tops=2, bottoms=2)
    first = fashion(data, "pregenerate")
    _remount(data, "size=64m")
    return [first, fashion(data, "pregenerate"), visible(data)]


def small_blob_disk(data: Path) -> list[Any]:
    """Only the blobs' disk is too small: Dagster can tell every partition why."""
    (data / "blobs").mkdir(parents=True)
    _mount(data / "blobs", "24k")
    write_catalogue(data / "uploads", users=1, tops=2, bottoms=2)
    first = fashion(data, "pregenerate")
    before = visible(data)
    _remount(data / "blobs", "size=64m")
    return [first, before, fashion(data, "pregenerate"), visible(data)]


def read_only_disk(data: Path) -> list[Any]:
    """A disk that the system has turned read-only, as it does after errors."""
    _mount(data, "64m")
    write_catalogue(data / "uploads", users=1, tops=1, bottoms=1)
    fashion(data, "pregenerate")
    photo = data / "uploads" / "items" / "t0000.png"
    _remount(data, "ro")
    add = ["add-item", "new", str(photo), "--category", "tops"]
    answers = [fashion(data, *arguments) for arguments in (["pregenerate"], ["status"], add)]
    _remount(data, "rw")
    return [*answers, fashion(data, "pregenerate"), visible(data)]


def fashion(data: Path, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.cli.null_fashion", "--data", str(data), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    return {"code": done.returncode, "out": done.stdout, "err": done.stderr.splitlines()}


def visible(data: Path) -> dict[str, Any]:
    """Raises where a record has no blob, or another one."""
    pipeline = open_null(Settings(data=data))
    records = [r for user in pipeline.records.users() for r in pipeline.records.of_user(user.id)]
    published = [record for record in records if isinstance(record.result, BlobFacts)]
    for record in published:
        read_verified(pipeline.blobs, record)
    parts = [path.name for path in data.rglob("*.part")]
    return {"published": len(published), "complete": pipeline.plan().nothing, "parts": parts}


def _mount(folder: Path, size: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)


def _remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)


SCENARIOS: dict[str, Callable[[Path], list[Any]]] = {
    scenario.__name__: scenario for scenario in (small_data_folder, small_blob_disk, read_only_disk)
}

if __name__ == "__main__":
    print(json.dumps(SCENARIOS[sys.argv[1]](Path(sys.argv[2]))))  # noqa: T201
