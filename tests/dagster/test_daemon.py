"""The sensor in Dagster's own daemon: uploads become finished outfits without anybody doing anything."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from bench.null_engines import null_stages
from fashion_assets.operate import open_instance
from tests.dagster.served import stop
from tryon.core.pipeline import Pipeline
from tryon.settings import Settings
from tryon.wiring import build

LOCATION = ["-m", "tests.dagster.sensing_location"]
PATIENCE_SECONDS = 220


@contextmanager
def daemon(data: Path, *switch_on: str) -> Iterator[None]:
    """Dagster's daemon over the location. switch_on: what to switch on first, as in "sensor start new_uploads"."""
    environment = {**os.environ, "DAGSTER_HOME": str(data / "dagster"), "FASHION_DATA": str(data)}
    dagster = [sys.executable, "-m", "dagster", *switch_on, *LOCATION]
    subprocess.run(dagster, env=environment, check=True, capture_output=True)
    command = [sys.executable, "-m", "tests.dagster.hasty", "run", *LOCATION]
    with (data / "daemon.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            yield
        finally:
            stop(process)


def wait_until(done: Callable[[], bool], data: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline, (data / "daemon.log").read_text()[-4000:]
        time.sleep(0.2)


def finished(pipeline: Pipeline, users: int) -> bool:
    return len(pipeline.records.users()) == users and pipeline.plan().nothing and not pipeline.outdated()


def test_uploads_become_outfits_and_no_run_is_requested_twice(data: Path) -> None:
    pipeline = build(Settings(data=data), lambda event: None, null_stages)
    with open_instance(data) as instance:
        with daemon(data, "sensor", "start", "new_uploads"):
            wait_until(lambda: finished(pipeline, 2), data)
        runs = instance.get_runs()
    works = [run.tags["fashion/work"] for run in runs]
    assert len(works) == len(set(works))
    assert {run.status for run in runs} <= {dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.STARTED}
