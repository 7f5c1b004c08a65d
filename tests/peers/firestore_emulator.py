"""Google's own Firestore emulator on a free port of the loopback: one process a test session, another project a test.

It comes with the Debian package google-cloud-cli-firestore-emulator of Google's repository, or with
`gcloud components install cloud-firestore-emulator`; it needs Java 11 or later.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from tests.peers.lacking import lacking
from tests.peers.serving import free_port

PROGRAM = "platform/cloud-firestore-emulator/cloud_firestore_emulator"
FOLDERS = ("/usr/lib/google-cloud-sdk", "/usr/share/google-cloud-sdk", "/opt/google-cloud-sdk")
JVM = "-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
"""A small heap, and the quick compiler only: a test session is too short for the thorough one."""
START_SECONDS = 60.0


@dataclass(frozen=True)
class Emulator:
    """host: as FIRESTORE_EMULATOR_HOST wants it."""

    host: str

    def delete(self, project: str) -> None:
        """Everything a project holds."""
        self._call("DELETE", f"emulator/v1/projects/{project}/databases/(default)/documents", b"")

    def set_rules(self, project: str, rules: str) -> None:
        body = {"rules": {"files": [{"name": "firestore.rules", "content": rules}]}}
        self._call("PUT", f"emulator/v1/projects/{project}:securityRules", json.dumps(body).encode())

    def _call(self, method: str, path: str, body: bytes) -> None:
        headers = {"Content-Type": "application/json"}
        request = Request(f"http://{self.host}/{path}", data=body, headers=headers, method=method)
        with urlopen(request, timeout=30) as answer:
            answer.read()


def find_program() -> str | None:
    """Where the emulator is installed."""
    found = shutil.which("cloud_firestore_emulator")
    gcloud = shutil.which("gcloud")
    sdks = [Path(gcloud).resolve().parents[1]] if gcloud else []
    places = [sdk / PROGRAM for sdk in [*sdks, *map(Path, FOLDERS)]]
    return found or next((str(place) for place in places if place.is_file()), None)


def missing() -> str | None:
    """Why it cannot be started; None when it can."""
    if find_program() is None:
        return (
            "the Firestore emulator is not installed; from Google's Debian repository: "
            "apt-get install google-cloud-cli-firestore-emulator, or: "
            "gcloud components install cloud-firestore-emulator"
        )
    if shutil.which("java") is None:
        return "the Firestore emulator needs Java; on Debian: apt-get install default-jre-headless"
    return None


@contextmanager
def emulating(log: Path, jvm: str = JVM) -> Iterator[Emulator]:
    """log: a file for what it says. jvm: options of Java. Raises RuntimeError when it does not start, with the end of
    what it said."""
    program = find_program()
    assert program is not None, "ask `missing` first"
    host = f"127.0.0.1:{free_port()}"
    flags = {**os.environ, "JAVA_TOOL_OPTIONS": jvm}
    command = [program, "start", f"--host={host.partition(':')[0]}", f"--port={host.partition(':')[2]}"]
    with log.open("wb") as output:
        # A session of its own: the program is a shell that starts Java, and both have to end.
        process = subprocess.Popen(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, env=flags, start_new_session=True
        )
    try:
        _wait_for(host, process, log)
        yield Emulator(host)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(host: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urlopen(f"http://{host}/", timeout=5) as answer:
                answer.read()
            return
        except (URLError, OSError):
            time.sleep(0.1)
    said = log.read_text(errors="replace")[-2000:]
    raise RuntimeError(f"the Firestore emulator did not start (exit status {process.poll()}):\n{said}")


@pytest.fixture(scope="session")
def firestore_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One a session, so one for each worker of xdist."""
    if reason := missing():
        lacking(reason)
    with emulating(tmp_path_factory.mktemp("firestore") / "emulator.log") as emulator:
        yield emulator
