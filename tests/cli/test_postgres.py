"""Dagster's runs and events in a real PostgreSQL: two processes at once, what a third reads, and what a wrong address
says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from pydantic import SecretStr

from bench.null_engines import null_stages
from bench.uploads import write_catalogue
from fashion_assets.operate import Operator, open_instance
from fashion_assets.storage_errors import named_errors
from tests.cli.conftest import Fashion
from tests.peers.postgres import PASSWORD, Cluster
from tryon.core.errors import StoreUnusable
from tryon.settings import Settings
from tryon.wiring import build

pytestmark = pytest.mark.battery

NULL = [sys.executable, "-m", "tests.cli.null_fashion"]
VARIABLE = "DAGSTER_POSTGRES_URL"
NOWHERE = "postgresql://dagster:secret-word@127.0.0.1:1/dagster"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """2 users; a top and a bottom."""
    write_catalogue(tmp_path / "data" / "uploads", users=2, tops=1, bottoms=1)
    return tmp_path / "data"


def secret_is_nowhere(data: Path) -> bool:
    return all(PASSWORD.encode() not in path.read_bytes() for path in data.rglob("*") if path.is_file())


def test_two_processes_share_an_empty_database_and_a_third_reads_their_runs(
    data: Path, postgres_url: SecretStr
) -> None:
    command = [*NULL, "--data", str(data), "pregenerate", "--json"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    for process in both:
        out, err = process.communicate(timeout=200)
        assert process.returncode == 0, err.decode()[-3000:] + out.decode()[-3000:]

    with open_instance(data, postgres_url) as instance:
        runs = instance.get_runs()
        assert {run.status for run in runs} == {dg.DagsterRunStatus.SUCCESS}
        assert all(instance.all_logs(run.run_id) for run in runs)
        users, items = instance.get_dynamic_partitions("user"), instance.get_dynamic_partitions("item")
        pairs = {f"{item}|{user}" for user in users for item in items}
        assert (len(users), len(pairs)) == (2, 4)
        assert instance.get_materialized_partitions(dg.AssetKey("outfit_tryons")) == pairs
        assert instance.get_materialized_partitions(dg.AssetKey("product_crops")) == set(items)
    assert not list(data.glob("dagster/history/**/*.db"))
    assert secret_is_nowhere(data)


def test_doctor_writes_and_reads_and_leaves_nothing(fashion: Fashion, postgres_url: SecretStr) -> None:
    found = {check["check"]: check for check in fashion("doctor", "--json").facts["checks"]}
    assert found["dagster storage"] == {
        "check": "dagster storage",
        "ok": True,
        "detail": "PostgreSQL, written and read back",
        "advice": "",
    }
    with open_instance(fashion.data, postgres_url) as instance:
        assert instance.get_dynamic_partitions("fashion doctor") == []


def test_doctor_says_what_is_wrong_with_a_server_that_is_away(
    fashion: Fashion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, NOWHERE)
    answer = fashion("doctor", "--json")
    (found,) = [check for check in answer.facts["checks"] if check["check"] == "dagster storage"]
    assert (answer.code, found["ok"]) == (1, False)
    assert "Connection refused" in found["detail"]
    assert VARIABLE in found["detail"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (PASSWORD, "wrong-word", "password authentication failed"),
        ("/dagster_", "/missing_", "does not exist"),
        ("127.0.0.1", "no-such-host.invalid", "could not translate host name"),
    ],
)
def test_a_wrong_address_is_one_line_without_the_password(
    fashion: Fashion, postgres_url: SecretStr, old: str, new: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, postgres_url.get_secret_value().replace(old, new))
    for command in ("pregenerate", "automation", "ui"):
        answer = fashion(command)
        assert answer.code == 1, command
        assert said in answer.err
        assert f"correct {VARIABLE}" in answer.err
        assert answer.err.count("\n") == 1, answer.err
        assert PASSWORD not in answer.err
        assert "wrong-word" not in answer.err


@pytest.mark.parametrize(
    "value",
    ["localhost:5432", "postgres://user:secret-word@host/dagster", "postgresql://user:secret-word@host"],
)
def test_what_is_no_address_stops_every_command_and_is_not_repeated(
    made: Fashion, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, value)
    answer = made("status")
    assert answer.code == 2
    assert f"{VARIABLE}: it must be an address such as postgresql://" in answer.err
    assert "secret-word" not in answer.err


def test_a_folder_that_used_postgresql_does_not_go_back_to_sqlite_unasked(
    fashion: Fashion, postgres_url: SecretStr, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_instance(fashion.data, postgres_url).dispose()
    monkeypatch.delenv(VARIABLE)
    answer = fashion("automation")
    assert answer.code == 2
    assert f"{VARIABLE} is not set" in answer.err
    (fashion.data / "dagster" / "dagster.yaml").unlink()
    open_instance(fashion.data).dispose()


def test_a_database_that_goes_away_during_a_run_is_named(
    data: Path, postgres: Cluster, postgres_url: SecretStr
) -> None:
    pipeline = build(Settings(data=data), lambda event: None, null_stages)
    with open_instance(data, postgres_url) as instance:
        operator = Operator(pipeline, instance, lambda line: postgres.drop(postgres_url.get_secret_value()))
        operator.reconcile()
        said = pytest.raises(StoreUnusable, match=r"does not exist; correct DAGSTER_POSTGRES_URL")
        with said, named_errors(data / "dagster"):
            operator.prepare()


def test_without_its_package_the_command_line_says_what_to_install(
    fashion: Fashion, postgres_url: SecretStr
) -> None:
    """As with `make demo`, which installs no extra; a psycopg2 that cannot be imported stands for it."""
    hidden = fashion.data / "hidden"
    hidden.mkdir()
    (hidden / "psycopg2.py").write_text("raise ModuleNotFoundError('no', name='psycopg2')\n")
    said = subprocess.run(
        [*NULL, "--data", str(fashion.data), "pregenerate"],
        env={**os.environ, "PYTHONPATH": f"{hidden}:{Path.cwd()}"},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert said.returncode == 1
    assert "needs the package psycopg2: pip install -e '.[cloud]'" in said.stderr
