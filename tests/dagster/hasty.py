"""`python -m tests.dagster.hasty dev ...` is `dagster dev ...`, and `... run ...` is `dagster-daemon run ...`.

With one difference: between two looks at sensors, backfills and queued runs, where Dagster's rests 5 to 30 s, this
daemon rests a second. How long it rests is Dagster's business; what it does when it looks is what the tests are about.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

REST_SECONDS = 1
RESTS = [
    ("dagster._daemon.controller", "DEFAULT_DAEMON_INTERVAL_SECONDS"),
    ("dagster._daemon.sensor", "MIN_INTERVAL_LOOP_TIME"),
    ("dagster._core.remote_representation.external", "RemoteSensor.min_interval_seconds"),
    ("dagster._core.run_coordinator", "QueuedRunCoordinator.dequeue_interval_seconds"),
]


def dev() -> None:
    """Dagster starts its daemon as a process of its own; ours takes its place."""
    found: Any = import_module("dagster._cli.dev")
    start = found.open_ipc_subprocess

    def start_ours(parts: Sequence[str], **options: Any) -> Any:
        return start(
            [{"dagster._daemon": "tests.dagster.hasty"}.get(part, part) for part in parts], **options
        )

    found.open_ipc_subprocess = start_ours
    runpy.run_module("dagster", run_name="__main__")


def run() -> None:
    for module, place in RESTS:
        *owner, name = place.split(".")
        found: Any = import_module(module)
        for part in owner:
            found = getattr(found, part)
        getattr(found, name)  # Another Dagster may have moved it.
        setattr(found, name, REST_SECONDS)
    runpy.run_module("dagster._daemon", run_name="__main__")


if __name__ == "__main__":
    {"dev": dev, "run": run}[sys.argv[1]]()
