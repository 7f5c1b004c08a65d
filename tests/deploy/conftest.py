"""Containers without Modal: their environment, and tiny checkpoints in place of the published ones; and PostgreSQL
for what deploy/docker starts."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from bench.local_models import LocalModels
from tests.engines.tiny_models import install_sharp, write_all
from tests.peers.postgres import postgres
from tryon.containers import splats, station
from tryon.core.models import Model
from tryon.engines.sharp import Sharp
from tryon.profiles import engines as profiles
from tryon.stores.model_cache import Standing, State

__all__ = ["postgres"]

RESOLUTION = 384
"""Of the splat network's input, a quarter of the published one's."""


class Volume(LocalModels):
    """A volume on which every model lies, as far as a container looks."""

    def __init__(self, root: Path, hub: object = None) -> None:
        super().__init__(root)

    def standing(self, model: Model) -> Standing:
        return Standing(State.COMPLETE, model.revision, 0)


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_all(tmp_path_factory.mktemp("models"))


@pytest.fixture
def container(checkpoints: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    enter(monkeypatch, checkpoints, tmp_path)
    return monkeypatch


def enter(patch: pytest.MonkeyPatch, models: Path, data: Path) -> None:
    """The container of a function that needs no keys, on a machine without a GPU."""
    settings = {"PROFILE": "workstation", "DEVICE": "cpu", "MODELS": str(models), "DATA": str(data)}
    for name, value in {**settings, "WIDTH": "96", "HEIGHT": "128", "STEPS": "2", "THREADS": "1"}.items():
        patch.setenv(f"FASHION_{name}", value)
    for module in (profiles, splats, station):
        patch.setattr(module, "ModelCache", Volume)
    patch.setattr(splats, "Sharp", partial(Sharp, resolution=RESOLUTION))
    install_sharp(patch)
