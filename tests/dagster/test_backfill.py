"""A backfill as a team launches it: GraphQL, a real webserver, a real daemon, real run workers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import dagster as dg
import httpx
import pytest

from bench.null_engines import null_stages
from bench.uploads import write_catalogue
from fashion_assets.operate import Operator, open_instance
from tests.dagster.served import stop
from tryon.settings import Settings
from tryon.wiring import build

BROKEN = "b0000|u0001"
HASTY = "tests.dagster.hasty"
PAIR_ASSETS = ["garment_tryons", "outfit_tryons", "outfit_splats"]
LAUNCH = """
mutation ($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}
"""
STATUS = "query ($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }"


class Dagster:
    """`dagster dev` over the failing location."""

    def __init__(self, url: str, data: Path) -> None:
        self.url, self.data = url, data

    def ask(self, query: str, variables: dict[str, object]) -> dict[str, object]:
        answer = httpx.post(f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=60)
        payload: dict[str, dict[str, object]] = answer.json()
        assert "errors" not in payload, payload
        return payload["data"]

    def backfill(self, partitions: list[str], assets: list[str]) -> str:
        """Launch, wait for the end, return the status."""
        keys = [{"path": [asset]} for asset in assets]
        launched = self.ask(LAUNCH, {"params": {"assetSelection": keys, "partitionNames": partitions}})
        result = launched["launchPartitionBackfill"]
        assert isinstance(result, dict)
        assert result["__typename"] == "LaunchBackfillSuccess", result
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            found = self.ask(STATUS, {"id": result["backfillId"]})["partitionBackfillOrError"]
            assert isinstance(found, dict)
            if found["status"] not in ("REQUESTED", "FAILING"):
                return str(found["status"])
            time.sleep(0.5)
        raise AssertionError(f"the backfill did not end within 240 s; see {self.data}")


@pytest.fixture(scope="module")
def dagster_dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dagster]:
    data = tmp_path_factory.mktemp("backfill")
    write_catalogue(data / "uploads", users=3, tops=2, bottoms=2)
    Operator(build(Settings(data=data), lambda event: None, null_stages), open_instance(data)).prepare()
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    environment = {**os.environ, "DAGSTER_HOME": str(data / "dagster"), "FASHION_DATA": str(data)}
    command = [
        sys.executable,
        "-m",
        HASTY,
        "dev",
        "-m",
        "tests.dagster.failing_location",
        "-p",
        str(port),
    ]
    with (data / "dagster.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait_until_up(f"http://127.0.0.1:{port}", process)
            yield Dagster(f"http://127.0.0.1:{port}", data)
        finally:
            stop(process)


def _wait_until_up(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/server_info", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.5)
    raise AssertionError(f"dagster dev did not come up (exit {process.poll()})")


def test_one_failing_pair_leaves_every_independent_pair_materialized(dagster_dev: Dagster) -> None:
    """3 users x 4 items; the pair (u0001, b0000) has no GPU. Its own outfits depend on it, all others do not."""
    pairs = [f"{item}|u000{user}" for user in range(3) for item in ("t0000", "t0001", "b0000", "b0001")]
    assert dagster_dev.backfill(pairs, PAIR_ASSETS) in ("COMPLETED_FAILED", "FAILED")
    with open_instance(dagster_dev.data) as instance:
        for asset in PAIR_ASSETS:
            done = instance.get_materialized_partitions(dg.AssetKey(asset))
            assert set(pairs) - done == {BROKEN}, asset


def test_a_single_pair_backfilled_alone_works(dagster_dev: Dagster) -> None:
    assert dagster_dev.backfill(["b0001|u0002"], PAIR_ASSETS) in ("COMPLETED_SUCCESS", "COMPLETED")

    with open_instance(dagster_dev.data) as instance:
        (run, *_) = instance.get_runs(limit=1)
        planned = dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED
        assert instance.all_logs(run.run_id, of_type=planned) == []
