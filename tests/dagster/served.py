"""A code location as a server of its own, loaded once for everybody who asks, as deploy/docker does it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_SECONDS = 90.0


@contextmanager
def served(module: str, name: str, folder: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    """workspace.yaml of the location `name`. folder: of that file, the server's socket and its log."""
    place, log, workspace = folder / "code.socket", folder / "code.log", folder / "workspace.yaml"
    command = [
        sys.executable,
        "-m",
        "dagster",
        "api",
        "grpc",
        "-s",
        str(place),
        "-m",
        module,
        "-d",
        str(ROOT),
    ]
    server = f"socket: {place}\n      location_name: {name}"
    workspace.write_text(f"load_from:\n  - grpc_server:\n      {server}\n")
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait_for(place, process, log)
        yield workspace
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """It stops its own children; what does not end in time is killed with its whole session."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)


def _wait_for(place: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket(socket.AF_UNIX) as client:
            if client.connect_ex(str(place)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"the location did not come up (exit {process.poll()}): {log.read_text()[-2000:]}")
