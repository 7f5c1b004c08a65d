"""In production the machine that plans has no GPU, no torch and no weights, and names the same methods as a worker."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.methods import methods
from tests.production import NOWHERE
from tryon.core.errors import InvalidSetting
from tryon.profiles.engines import CHOICES, Engines, chosen, stages_of
from tryon.settings import Profile, Settings

HEAVY = ("torch", "transformers", "diffusers", "accelerate", "sharp", "openai")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Also of the child processes."""
    for name, value in NOWHERE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FASHION_MODELS", str(tmp_path / "models"))
    return monkeypatch


def of_a_bare_machine() -> Any:
    """A process that can import none of the heavy packages."""
    child = [sys.executable, "-m", "tests.methods", *HEAVY]
    return json.loads(subprocess.run(child, check=True, capture_output=True, text=True).stdout)


@pytest.fixture(params=[True, False], ids=["worker with a GPU", "worker without one"])
def worker(request: pytest.FixtureRequest, environment: pytest.MonkeyPatch) -> None:
    environment.setattr(torch.cuda, "is_available", lambda: request.param)


@pytest.mark.usefixtures("worker")
def test_an_orchestrator_names_the_methods_of_its_workers() -> None:
    planned = of_a_bare_machine()
    assert planned == json.loads(methods())
    assert {port: card["id"] for port, card in planned["cards"].items()} == {
        "analyzer": "gpt-4o", "detector": "grounding-dino", "body_parser": "human-parser",
        "dresser": "catvton", "splatter": "sharp",
    }  # fmt: skip
    assert planned["cards"]["dresser"]["parameters"]["precision"] == "fp16"


def test_what_somebody_asked_for_goes_before_that(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("FASHION_DEVICE", "cpu")
    environment.setenv("FASHION_SPLATTER", "relief")
    planned = of_a_bare_machine()
    assert planned == json.loads(methods())
    assert planned["cards"]["splatter"]["id"] == "relief"
    assert planned["cards"]["dresser"]["parameters"]["precision"] == "no"


def test_production_has_the_engines_of_a_workstation() -> None:
    assert CHOICES[Profile.PRODUCTION] == CHOICES[Profile.WORKSTATION] == chosen(Settings())


def test_a_model_without_a_commit_of_its_own_is_refused(environment: pytest.MonkeyPatch) -> None:
    """A worker would name the commit it has, and the orchestrator, which has none, `main`."""
    environment.setenv("FASHION_DETECTOR", "mm-grounding-dino-tiny")
    with pytest.raises(InvalidSetting, match="mm-grounding-dino-tiny has no fixed commit"):
        stages_of(None, Settings(), None)  # type: ignore[arg-type]


@pytest.mark.parametrize(("there", "precision"), [(True, "fp16"), (False, "no")])
def test_other_profiles_look_for_a_gpu(there: bool, precision: str, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("FASHION_PROFILE", "workstation")
    environment.setattr(torch.cuda, "is_available", lambda: there)
    card = Engines(Settings(), None).dresser.card  # type: ignore[arg-type]
    assert card.parameters["precision"] == precision
