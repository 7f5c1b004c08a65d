"""`automation`, `pause`, `resume` over the real location. A question as a program costs ten seconds of imports, so only
the command as a program asks that way; the others ask in this process, of one server that has loaded the location."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from fashion_assets.commands import automation
from fashion_assets.definitions import defs
from fashion_assets.switches import Switches
from tests.cli.conftest import Answer, Fashion
from tests.dagster.asked_here import AskedHere
from tests.dagster.served import served
from tryon.core.errors import StoreError

SENSORS = [sensor.name for sensor in defs.sensors or []]
NAMES = sorted([*SENSORS, *(schedule.name for schedule in defs.schedules or [])])
FASHION = [sys.executable, "-c", "from fashion_assets.cli import app; app()"]


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Its workspace.yaml; the name is the one in the project's own, so that the switches are the same."""
    folder = tmp_path_factory.mktemp("location")
    with served("fashion_assets.definitions", "fashion_assets", folder, {}) as workspace:
        yield workspace


@pytest.fixture
def loaded(location: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(automation, "Switches", partial(AskedHere, workspace=location))


def running(answer: Answer) -> set[str]:
    assert answer.code == 0, answer.out + answer.err
    return {found["name"] for found in answer.facts["automation"] if found["running"]}


@pytest.mark.usefixtures("loaded")
def test_everything_is_resumed_and_paused(fashion: Fashion) -> None:
    """A fresh installation sends alerts; work starts by itself only once somebody wants it."""
    found = fashion("automation", "--json")
    assert [switch["name"] for switch in found.facts["automation"]] == NAMES
    assert {s["kind"] for s in found.facts["automation"] if s["name"] in SENSORS} == {"sensor"}
    fresh = running(found)
    assert "failed_runs" in fresh
    assert "new_uploads" not in fresh

    resumed = fashion("resume", "--json")
    assert (set(resumed.facts["changed"]), running(resumed)) == (set(NAMES) - fresh, set(NAMES))
    paused = fashion("pause", "--json")
    assert (sorted(paused.facts["changed"]), running(paused)) == (NAMES, set())
    again = fashion("pause")
    assert (again.code, "paused already" in again.out) == (0, True), again.out + again.err


@pytest.mark.usefixtures("loaded")
def test_one_by_name_from_any_folder_with_a_relative_data_folder(fashion: Fashion, tmp_path: Path) -> None:
    """As a cron job calls it, with the project's own workspace.yaml; FASHION_DATA of somebody's shell does not
    matter."""
    command = [*FASHION, "--data", fashion.data.name, "resume", "new_uploads", "--json"]
    environment = os.environ | {"FASHION_DATA": str(tmp_path / "another")}
    done = subprocess.run(
        command, cwd=fashion.data.parent, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["changed"] == ["new_uploads"]
    assert {"new_uploads", "failed_runs"} <= running(fashion("automation", "--json"))
    assert not (tmp_path / "another").exists()


@pytest.mark.usefixtures("loaded")
def test_a_name_that_does_not_exist_is_answered_with_those_that_do(fashion: Fashion) -> None:
    answer = fashion("pause", "failed_runs", "new_upload", "--json")
    assert (answer.code, answer.facts["error"]["code"]) == (2, "unknown_automation")
    for name in NAMES:
        assert name in answer.facts["error"]["message"]


@pytest.mark.parametrize("command", ["automation", "pause", "resume"])
def test_a_folder_that_is_not_in_use_is_not_paused(empty: Fashion, command: str) -> None:
    assert empty(command).code == 2
    assert not empty.data.exists()


def test_code_that_does_not_load_is_said_with_its_error(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace.yaml"
    workspace.write_text("load_from:\n  - python_module: no_such_module\n")
    with pytest.raises(StoreError, match=r"cannot be loaded: .*No module named 'no_such_module'"):
        Switches(tmp_path / "data", tmp_path / "log", workspace).read()
