"""The sensors and schedules of the code location: what runs, what is paused, and switching them.

Asked through Dagster's GraphQL, as the UI asks. That takes the location to be loaded in a process of its own: some
seconds a question. Whether the UI and the daemon are up does not matter; they read the same state.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from fashion_assets.operate import open_instance
from tryon.core.errors import StoreError, UnknownAutomation

ROOT = Path(__file__).parent.parent
LIMIT_SECONDS = 180
"""Loading the location takes some seconds; this is for a machine that is very busy."""

_STATE = "id status ticks(limit: 1) { status timestamp skipReason runIds error { message } }"
_LIST = f"""query {{ workspaceOrError {{ __typename
  ... on PythonError {{ message }}
  ... on Workspace {{ locationEntries {{ name locationOrLoadError {{ __typename
    ... on PythonError {{ message }}
    ... on RepositoryLocation {{ repositories {{ name
      sensors {{ name state: sensorState {{ {_STATE} }} }}
      schedules {{ name state: scheduleState {{ {_STATE} }} }} }} }} }} }} }} }} }}"""
_SCHEDULE = "... on ScheduleStateResult { state: scheduleState { status } }"
_MUTATIONS = {
    ("sensor", True): ("startSensor", "... on Sensor { state: sensorState { status } }"),
    ("sensor", False): (
        "stopSensor",
        "... on StopSensorMutationResult { state: instigationState { status } }",
    ),
    ("schedule", True): ("startSchedule", _SCHEDULE),
    ("schedule", False): ("stopRunningSchedule", _SCHEDULE),
}
"""(kind, running) -> the mutation, and the state in its answer."""


@dataclass(frozen=True)
class Tick:
    """result: success, skipped, failure or started. detail: the runs it asked for, why none, or the error."""

    at: datetime
    result: str
    detail: str


@dataclass(frozen=True)
class Switch:
    """One sensor or schedule. id, location, repository: how Dagster names it."""

    name: str
    kind: str
    running: bool
    last: Tick | None
    id: str
    location: str
    repository: str

    def mutation(self, running: bool) -> str:
        field, state = _MUTATIONS[self.kind, running]
        which = self._selector() if running else f"id: {json.dumps(self.id)}"
        return f"{field}({which}) {{ __typename ... on Error {{ message }} {state} }}"

    def _selector(self) -> str:
        places = {"repositoryLocationName": self.location, "repositoryName": self.repository}
        named = {**places, f"{self.kind}Name": self.name}
        fields = ", ".join(f"{key}: {json.dumps(value)}" for key, value in named.items())
        return f"{self.kind}Selector: {{{fields}}}"


@dataclass(frozen=True)
class Switches:
    """data: the data folder. log: the file that gets what Dagster's processes print. url: of PostgreSQL, where Dagster
    keeps its state there."""

    data: Path
    log: Path
    workspace: Path = ROOT / "workspace.yaml"
    url: SecretStr | None = None

    def read(self) -> list[Switch]:
        """By name. Raises StoreError, naming the log, when the location cannot be loaded."""
        return sorted(_switches(self._ask(_LIST)["workspaceOrError"]), key=lambda switch: switch.name)

    def turn(self, names: Sequence[str], running: bool) -> tuple[list[str], list[Switch]]:
        """Switch these, or all where none is named; those that are there already stay.

        Returns the names of what changed, and everything as it is now. Raises UnknownAutomation before anything is
        switched.
        """
        known = {switch.name: switch for switch in self.read()}
        if unknown := [name for name in names if name not in known]:
            raise UnknownAutomation(
                f"no sensor or schedule is called {unknown[0]!r}; there are: {', '.join(known)}"
            )
        chosen = [known[name] for name in dict.fromkeys(names or known)]
        changing = [switch for switch in chosen if switch.running != running]
        if changing:
            self._change(changing, running)
        now = known | {switch.name: replace(switch, running=running) for switch in changing}
        return [switch.name for switch in changing], list(now.values())

    def _change(self, changing: Sequence[Switch], running: bool) -> None:
        asked = {f"a{number}": switch for number, switch in enumerate(changing)}
        fields = " ".join(f"{alias}: {switch.mutation(running)}" for alias, switch in asked.items())
        answer = self._ask(f"mutation {{ {fields} }}")
        for alias, switch in asked.items():
            found = answer[alias].get("state", {}).get("status")
            if found != ("RUNNING" if running else "STOPPED"):
                said = answer[alias].get("message") or f"{answer[alias]['__typename']}, it is {found}"
                raise StoreError(f"Dagster did not switch {switch.name}: {said}; see {self.log}")

    def _ask(self, document: str) -> dict[str, Any]:
        """Through the dagster-graphql command line. The answer comes in a file: code may print anything."""
        with open_instance(self.data, self.url) as instance, tempfile.TemporaryDirectory() as folder:
            answer = Path(folder) / "answer.json"
            environment = {**os.environ, "DAGSTER_HOME": str(Path(instance.root_directory).resolve())}
            command = [sys.executable, "-c", "from dagster_graphql.cli import main; main()"]
            options = ["-w", str(self.workspace), "-t", document, "-o", str(answer)]
            self._run([*command, *options], environment | {"FASHION_DATA": str(self.data.resolve())})
            if not answer.exists():
                raise StoreError(f"Dagster gave no answer; what it wrote is in {self.log}")
            payload: dict[str, Any] = json.loads(answer.read_text())
        if "errors" in payload:
            raise StoreError(f"Dagster refused the question: {payload['errors'][0].get('message')}")
        found: dict[str, Any] = payload["data"]
        return found

    def _run(self, command: list[str], environment: dict[str, str]) -> None:
        with self.log.open("a") as log:
            try:
                subprocess.run(
                    command,
                    env=environment,
                    cwd=self.workspace.parent,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    timeout=LIMIT_SECONDS,
                    check=False,  # an answer that is missing says it, with the log
                )
            except subprocess.TimeoutExpired:
                raise StoreError(f"Dagster gave no answer within {LIMIT_SECONDS} s; see {self.log}") from None


def _switches(workspace: dict[str, Any]) -> Iterator[Switch]:
    entries = workspace.get("locationEntries", [{"name": "workspace", "locationOrLoadError": workspace}])
    for entry in entries:
        location = entry["locationOrLoadError"] or {}
        if "repositories" not in location:
            raise StoreError(
                f"{entry['name']} cannot be loaded: {location.get('message', 'no reason given')}"
            )
        for repository in location["repositories"]:
            for kind in ("sensor", "schedule"):
                for found in repository[f"{kind}s"]:
                    yield _switch(found, kind, entry["name"], repository["name"])


def _switch(found: dict[str, Any], kind: str, location: str, repository: str) -> Switch:
    state = found["state"]
    last = next(map(_tick, state["ticks"]), None)
    return Switch(found["name"], kind, state["status"] == "RUNNING", last, state["id"], location, repository)


def _tick(tick: dict[str, Any]) -> Tick:
    error = (tick["error"] or {}).get("message")
    runs = f"{len(tick['runIds'])} runs" if tick["runIds"] else ""
    detail = " ".join((error or runs or tick["skipReason"] or "").split())
    return Tick(datetime.fromtimestamp(tick["timestamp"], UTC), tick["status"].lower(), detail)
