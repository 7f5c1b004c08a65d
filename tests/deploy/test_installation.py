"""compose.yaml's own commands as real processes over a real PostgreSQL: what no container runtime is needed for.

Only hosts, ports and the image's folder are exchanged; settings, workspace, entry point and health checks are the files
that the containers use.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import httpx
import pytest

from fashion_assets.operate import open_instance
from tests.deploy.files import DAGSTER, DOCKER, ROOT, compose
from tests.peers.postgres import PASSWORD, Cluster
from tryon.settings import Settings

pytestmark = pytest.mark.battery

LOCATIONS = """query { workspaceOrError { ... on Workspace { locationEntries { name locationOrLoadError { __typename
  ... on RepositoryLocation { repositories { name sensors { name } schedules { name } } } } } } } }"""
LAUNCH = """mutation ($params: ExecutionParams!) { launchRun(executionParams: $params) {
  __typename ... on LaunchRunSuccess { run { runId } } } }"""
STATUS = "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
SECONDS = 120.0
BIN = Path(sys.executable).parent


@dataclass
class Installation:
    """ports: of what listens, by service. processes: those that were started, by service."""

    data: Path
    url: str
    ports: dict[str, int]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """As the containers get it, with our own addresses: a container of the image has no other settings."""
        kept = {
            name: os.environ[name] for name in ("HOME", "OMP_NUM_THREADS", "TMPDIR") if name in os.environ
        }
        places = {"PATH": f"{BIN}:{os.environ['PATH']}", "FASHION_DATA": str(self.data)}
        code = {"DAGSTER_CODE_HOST": "127.0.0.1", "DAGSTER_CODE_PORT": str(self.ports["code"])}
        home = {"DAGSTER_HOME": str(self.data / "dagster"), "DAGSTER_POSTGRES_URL": self.url}
        return kept | places | code | home

    def words(self, words: list[str]) -> list[str]:
        """A command or check of compose.yaml for this machine."""
        found = []
        for word in words:
            for old, new in (
                ("0.0.0.0", "127.0.0.1"),
                ("/app/", f"{ROOT}/"),
                ("4000", str(self.ports["code"])),
                ("3000", str(self.ports["webserver"])),
            ):
                word = word.replace(old, new)
            found.append(word)
        return found

    def start(self, name: str) -> None:
        command = self.words(compose()["services"][name]["command"])
        with (self.data / f"{name}.log").open("wb") as log:
            # Started elsewhere than in the repository: the image's folder is known by its path alone.
            self.processes[name] = subprocess.Popen(
                [DOCKER / "entrypoint.sh", *command],
                cwd=self.data,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def healthy(self, name: str) -> bool:
        """What compose.yaml asks this service."""
        _, *check = self.words(compose()["services"][name]["healthcheck"]["test"])
        asked = subprocess.run(check, env=self.environment, cwd=self.data, capture_output=True, timeout=60)
        return asked.returncode == 0

    def ask(self, query: str, **variables: object) -> Any:
        url = f"http://127.0.0.1:{self.ports['webserver']}/graphql"
        answer = httpx.post(url, json={"query": query, "variables": variables}, timeout=60).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def said(self) -> str:
        logs = [f"{path.name}:\n{path.read_text()[-3000:]}" for path in sorted(self.data.glob("*.log"))]
        return "\n".join(logs)

    def wait_for(self, what: str, happened: Callable[[], object]) -> None:
        deadline = time.monotonic() + SECONDS
        while not happened():
            ended = {name: p.returncode for name, p in self.processes.items() if p.poll() is not None}
            assert not ended, f"{ended} ended; {self.said()}"
            assert time.monotonic() < deadline, f"{what} did not happen within {SECONDS} s; {self.said()}"
            time.sleep(0.5)

    def answers(self, name: str) -> bool:
        with closing(socket.socket()) as client:
            return client.connect_ex(("127.0.0.1", self.ports[name])) == 0


def free_ports(*names: str) -> dict[str, int]:
    with ExitStack() as stack:
        made = [stack.enter_context(closing(socket.create_server(("127.0.0.1", 0)))) for _ in names]
        return {name: server.getsockname()[1] for name, server in zip(names, made, strict=True)}


@contextmanager
def running(found: Installation) -> Iterator[Installation]:
    """All at once, as after the machine itself was started again; whatever is left at the end is killed."""
    try:
        for name in DAGSTER:
            found.start(name)
        for name in ("code", "webserver"):
            found.wait_for(f"{name} listens", lambda name=name: found.answers(name))  # type: ignore[misc]
        yield found
    finally:
        for process in found.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)


@pytest.fixture(scope="module")
def installation(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    data = tmp_path_factory.mktemp("docker")
    with running(Installation(data, postgres.create(), free_ports("code", "webserver"))) as found:
        yield found


def location(installation: Installation) -> Any:
    """The only one; None while it is not loaded."""
    (entry,) = installation.ask(LOCATIONS)["workspaceOrError"]["locationEntries"]
    assert entry["name"] == "fashion_assets"
    loaded = entry["locationOrLoadError"]
    return loaded if loaded and loaded["__typename"] == "RepositoryLocation" else None


def test_the_webserver_lists_the_code_location(installation: Installation) -> None:
    installation.wait_for("the location is loaded", lambda: location(installation))
    (repository,) = location(installation)["repositories"]
    assert {found["name"] for found in repository["sensors"]} >= {"new_uploads", "failed_runs"}
    assert {found["name"] for found in repository["schedules"]} >= {"daily_upkeep"}


def launch(installation: Installation) -> str:
    """A run of a job that needs no uploads. Its id."""
    installation.wait_for("the location is loaded", lambda: location(installation))
    selector = {
        "repositoryLocationName": "fashion_assets",
        "repositoryName": location(installation)["repositories"][0]["name"],
        "jobName": "audit_stores",
    }
    launched = installation.ask(LAUNCH, params={"selector": selector, "runConfigData": {}})["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    return str(launched["run"]["runId"])


def wait_for_status(installation: Installation, run_id: str, *wanted: str) -> None:
    def there() -> bool:
        found = installation.ask(STATUS, id=run_id)["runOrError"]["status"]
        assert found not in ("FAILURE", "CANCELED"), installation.said()
        return found in wanted

    installation.wait_for(f"run {run_id} is {wanted}", there)


def test_a_run_goes_through_daemon_and_code_location_into_postgresql(installation: Installation) -> None:
    """The webserver only stores it; the daemon finds it, the code location runs it."""
    wait_for_status(installation, launch(installation), "SUCCESS")
    assert not list(installation.data.glob("dagster/history/**/*.db"))


@pytest.mark.parametrize("name", DAGSTER)
def test_its_health_check_says_that_it_is_well(installation: Installation, name: str) -> None:
    installation.wait_for(f"{name} is healthy", lambda: installation.healthy(name))


@contextmanager
def instance_of(installation: Installation) -> Iterator[dg.DagsterInstance]:
    """As `fashion` opens it in the container."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in installation.environment.items():
            patch.setenv(name, value)
        settings = Settings()
        with open_instance(settings.data, settings.dagster_postgres_url) as instance:
            yield instance


def test_fashion_in_the_container_uses_the_same_instance(installation: Installation) -> None:
    """`docker compose exec code fashion ...` finds the settings that the entry point put there, and changes nothing."""
    place = installation.data / "dagster" / "dagster.yaml"
    before = place.stat()
    with instance_of(installation) as instance:
        assert instance.get_runs_count() >= 1
    assert place.stat() == before


def test_the_password_is_in_no_file(installation: Installation) -> None:
    for path in installation.data.rglob("*"):
        if path.is_file():
            assert PASSWORD.encode() not in path.read_bytes(), path


def test_a_stopped_code_location_lets_its_run_end_and_each_service_ends_by_itself(
    installation: Installation,
) -> None:
    """SIGTERM, the default of `docker compose stop` and `restart`. The last test: nothing runs after it."""
    run_id = launch(installation)
    wait_for_status(installation, run_id, "STARTED", "SUCCESS")
    for name in DAGSTER:
        process = installation.processes[name]
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, (name, installation.said())
    with instance_of(installation) as instance:
        run = instance.get_run_by_id(run_id)
        told = [entry.message for entry in instance.all_logs(run_id)]
    assert run
    assert run.is_success, (told, installation.said())
