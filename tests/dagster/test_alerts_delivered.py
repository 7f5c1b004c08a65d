"""Alerts and switches in a real installation: webserver, daemon, run workers, and a webhook that was down."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from fashion_assets.operate import open_instance
from tests.dagster.asked_here import AskedHere
from tests.dagster.dying_location import FAILED
from tests.dagster.served import ROOT, served, stop
from tests.dagster.test_backfill import HASTY, Dagster, _wait_until_up
from tests.receiver import PASSWORD, Receiver, listening

pytestmark = pytest.mark.battery

LOCATION = {"repositoryName": "__repository__", "repositoryLocationName": "dying"}
LAUNCH = """mutation ($params: ExecutionParams!) { launchRun(executionParams: $params) {
  __typename ... on LaunchRunSuccess { run { runId } } } }"""
STATES = """query ($sensor: SensorSelector!, $schedule: ScheduleSelector!) {
  sensor: sensorOrError(sensorSelector: $sensor) { ... on Sensor { state: sensorState {
    status ticks(limit: 50) { status error { message } } } } }
  schedule: scheduleOrError(scheduleSelector: $schedule) { ... on Schedule { state: scheduleState { status } } } }"""


class Installation(Dagster):
    """receiver: behind the webhook. switches: what `fashion pause` uses."""

    def __init__(self, url: str, data: Path, receiver: Receiver, workspace: Path) -> None:
        super().__init__(url, data)
        self.receiver, self.switches = receiver, AskedHere(data, data / "switches.log", workspace)

    def launch(self, job: str) -> str:
        """max_retries 0: a retry would be one more failed run."""
        tags = [{"key": "dagster/max_retries", "value": "0"}]
        selector = {**LOCATION, "jobName": job}
        params = {"selector": selector, "runConfigData": {}, "executionMetadata": {"tags": tags}}
        answer: Any = self.ask(LAUNCH, {"params": params})["launchRun"]
        assert answer["__typename"] == "LaunchRunSuccess", answer
        return str(answer["run"]["runId"])

    def wait_for_the_end_of(self, run_id: str) -> None:
        with open_instance(self.data) as instance:
            wait_for("the end", lambda: (found := instance.get_run_by_id(run_id)) and found.is_finished)

    def states(self) -> Any:
        """As the UI reads them."""
        sensor = {**LOCATION, "sensorName": "failed_runs"}
        return self.ask(STATES, {"sensor": sensor, "schedule": {**LOCATION, "scheduleName": "weekly"}})

    def ticks(self) -> list[Any]:
        found: list[Any] = self.states()["sensor"]["state"]["ticks"]
        return found

    def told(self) -> Counter[str]:
        """Run ids of the messages that the receiver took."""
        return Counter(message["run_id"] for message in self.receiver.accepted)


def wait_for(what: str, happened: Callable[[], object], seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.5)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    data = tmp_path_factory.mktemp("alerts")
    open_instance(data).dispose()
    for kind in ("users", "items"):
        (data / "uploads" / kind).mkdir(parents=True)
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        receiver = stack.enter_context(listening())
        settings = {
            "DAGSTER_HOME": str(data / "dagster"),
            "FASHION_DATA": str(data),
            "FASHION_ALERT_WEBHOOK": receiver.address,
            "FASHION_UI_URL": url,
        }
        # One server for Dagster and for the command line: what they ask would else load the code anew each time.
        workspace = stack.enter_context(served("tests.dagster.dying_location", "dying", data, settings))
        command = [sys.executable, "-m", HASTY, "dev", "-w", str(workspace), "-p", str(port)]
        log = stack.enter_context((data / "dagster.log").open("w"))
        process = subprocess.Popen(
            command, env={**os.environ, **settings}, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait_until_up(url, process)
            found = Installation(url, data, receiver, workspace)
            # Failures from before the first tick are history; alerts begin with it.
            wait_for("the first tick", found.ticks)
            yield found
        finally:
            stop(process)


@pytest.mark.timeout(900)
def test_each_failed_run_is_told_once_however_it_died_and_though_the_webhook_was_down(
    installation: Installation,
) -> None:
    receiver = installation.receiver
    receiver.mode = "500"
    runs = {job: installation.launch(job) for job in ("names_partitions_job", "raises_job", "is_killed_job")}
    wait_for("two refused messages", lambda: len(receiver.posts) >= 2)
    assert len({message["run_id"] for _, message in receiver.posts}) == 1, "the first waits for its delivery"
    receiver.mode = "ok"
    for run_id in runs.values():
        installation.wait_for_the_end_of(run_id)
    spoiled = installation.data / "spoiled"
    spoiled.touch()
    runs["works_job"] = installation.launch("works_job")
    wait_for("all messages", lambda: len(installation.told()) == len(runs))
    spoiled.unlink()

    said = {message["job"]: message for message in receiver.accepted}
    assert {job: message["run_id"] for job, message in said.items()} == runs
    assert said["names_partitions_job"]["failed"] == FAILED
    assert said["raises_job"]["reason"] == "step raises: RuntimeError: cannot read <address>"
    assert "SIGKILL" in said["is_killed_job"]["reason"]
    assert said["works_job"]["reason"] == "ImportError: no module named 'forgotten'"
    assert installation.told() == Counter(runs.values())
    errors = [tick["error"]["message"] for tick in installation.ticks() if tick["status"] == "FAILURE"]
    assert errors
    assert all("answered 500" in error for error in errors)


@pytest.mark.timeout(900)
def test_what_the_command_line_pauses_is_paused_in_the_ui_and_its_alerts_wait(
    installation: Installation,
) -> None:
    before = installation.told()
    assert set(installation.switches.turn([], running=True)[0]) == {
        "new_uploads",
        "weekly",
        "weekly_regeneration",
        "daily_upkeep",
    }
    states = installation.states()
    assert (states["sensor"]["state"]["status"], states["schedule"]["state"]["status"]) == ("RUNNING",) * 2
    installation.switches.turn([], running=False)
    states = installation.states()
    assert (states["sensor"]["state"]["status"], states["schedule"]["state"]["status"]) == ("STOPPED",) * 2

    run = installation.launch("raises_job")
    installation.wait_for_the_end_of(run)
    assert installation.told() == before
    assert installation.switches.turn(["failed_runs"], running=True)[0] == ["failed_runs"]
    wait_for("the message", lambda: run in installation.told())
    assert installation.told() == before + Counter([run])


def test_the_address_of_the_webhook_is_in_no_file(installation: Installation) -> None:
    for path in installation.data.rglob("*"):
        if path.is_file():
            assert PASSWORD.encode() not in path.read_bytes(), path
