"""Switching over a Dagster in memory: what is asked of it, and what is believed of its answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fashion_assets.commands import automation
from fashion_assets.switches import Switches, Tick
from tests.cli.conftest import Fashion
from tryon.core.errors import StoreError, UnknownAutomation

KINDS = {"new_uploads": "sensor", "failed_runs": "sensor", "weekly": "schedule"}
FAILED = {
    "status": "FAILURE",
    "timestamp": 1795252212.97,
    "skipReason": None,
    "runIds": [],
    "error": {"message": "AlertNotDelivered: the alert\nwebhook answered 500\n"},
}


@dataclass(frozen=True)
class Memory(Switches):
    """ids: a name, as Dagster names what is to be stopped. refuses: mutations are answered with an error."""

    on: set[str] = field(default_factory=lambda: {"failed_runs"})
    ticks: dict[str, dict[str, Any]] = field(default_factory=dict)
    mutations: list[str] = field(default_factory=list)
    refuses: bool = False

    def _ask(self, document: str) -> dict[str, Any]:
        if document.startswith("query"):
            kinds = {f"{k}s": [self._one(n) for n in KINDS if KINDS[n] == k] for k in ("sensor", "schedule")}
            place = {"repositories": [{"name": "__repository__", **kinds}]}
            return {"workspaceOrError": {"locationEntries": [{"name": "l", "locationOrLoadError": place}]}}
        self.mutations.append(document)
        asked = re.findall(r'(\w+): (start|stop)\w+\([^)]*"(\w+)"}?\) {', document)
        return {alias: self._turn(verb, name) for alias, verb, name in asked}

    def _one(self, name: str) -> dict[str, Any]:
        ticks = [self.ticks[name]] if name in self.ticks else []
        return {"name": name, "state": {"id": name, "status": self._status(name), "ticks": ticks}}

    def _status(self, name: str) -> str:
        return "RUNNING" if name in self.on else "STOPPED"

    def _turn(self, verb: str, name: str) -> dict[str, Any]:
        if self.refuses:
            return {"__typename": "UnauthorizedError", "message": "read only"}
        (self.on.add if verb == "start" else self.on.discard)(name)
        return {"__typename": "Changed", "state": {"status": self._status(name)}}


def memory(**changes: Any) -> Memory:
    return Memory(Path("data"), Path("log"), **changes)


@pytest.mark.parametrize("name", KINDS)
def test_a_named_one_is_switched_and_the_others_stay(name: str) -> None:
    dagster = memory(on=set(KINDS))
    changed, now = dagster.turn([name, name], running=False)
    assert (changed, dagster.on) == ([name], set(KINDS) - {name})
    assert {switch.name: switch.running for switch in now} == {n: n != name for n in KINDS}
    assert dagster.turn([name], running=True)[0] == [name]
    assert dagster.on == set(KINDS)


def test_all_in_one_question_and_only_those_that_are_not_there_yet() -> None:
    dagster = memory()
    assert dagster.turn([], running=True)[0] == ["new_uploads", "weekly"]
    assert len(dagster.mutations) == 1
    assert "failed_runs" not in dagster.mutations[0]
    assert dagster.turn([], running=True)[0] == []
    assert len(dagster.mutations) == 1


def test_an_unknown_name_switches_nothing() -> None:
    dagster = memory()
    with pytest.raises(UnknownAutomation, match="'typo'; there are: failed_runs, new_uploads, weekly"):
        dagster.turn(["failed_runs", "typo"], running=False)
    assert dagster.on == {"failed_runs"}


def test_what_dagster_did_not_switch_is_said() -> None:
    with pytest.raises(StoreError, match="did not switch failed_runs: read only"):
        memory(refuses=True).turn([], running=False)


def test_the_last_tick_and_its_result() -> None:
    started = {**FAILED, "status": "SUCCESS", "error": None, "runIds": ["r1", "r2"]}
    found = {s.name: s.last for s in memory(ticks={"failed_runs": FAILED, "new_uploads": started}).read()}
    at = datetime(2026, 11, 21, 9, 10, 12, 970000, tzinfo=UTC)
    assert found == {
        "failed_runs": Tick(at, "failure", "AlertNotDelivered: the alert webhook answered 500"),
        "new_uploads": Tick(at, "success", "2 runs"),
        "weekly": None,
    }


def test_people_and_programs_are_told_the_same(fashion: Fashion, monkeypatch: pytest.MonkeyPatch) -> None:
    dagster = memory(ticks={"failed_runs": FAILED})
    monkeypatch.setattr(automation, "Switches", lambda data, log, url: dagster)
    screen = fashion("pause", "failed_runs").out
    for said in ("paused: failed_runs", "schedule", "2026-11-21 09:10:12", "answered 500", "never"):
        assert said in screen
    facts = {found["name"]: found for found in fashion("automation", "--json").facts["automation"]}
    assert facts["failed_runs"] == {
        "name": "failed_runs",
        "kind": "sensor",
        "running": False,
        "last_tick": {
            "at": "2026-11-21T09:10:12+00:00",
            "result": "failure",
            "detail": "AlertNotDelivered: the alert webhook answered 500",
        },
    }
    assert facts["weekly"]["last_tick"] is None
