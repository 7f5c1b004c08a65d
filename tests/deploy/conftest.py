"""Containers without Modal: their environment, and tiny checkpoints in place of the published ones; and PostgreSQL
for what deploy/docker starts."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from bench.local_models import LocalModels
from tests.engines import catvton_tiny, grounding_dino_tiny, human_parser_tiny, sharp_tiny
from tests.peers.postgres import postgres
from tryon.containers import splats, station
from tryon.core.models import Model
from tryon.engines.sharp import Sharp
from tryon.profiles import engines as profiles
from tryon.stores.model_cache import Standing, State

__all__ = ["postgres"]

COLOUR = (150, 60, 60)
BOX = (0.5, 0.5, 0.8, 0.7)
"""Where the tiny detector sees a garment in any photo."""
USER = "u1"
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
    root = tmp_path_factory.mktemp("models")
    grounding_dino_tiny.write_tiny(root / "grounding-dino-tiny", box=BOX)
    human_parser_tiny.write_tiny(root, human_parser_tiny.catalogue_person(USER))
    catvton_tiny.write_tiny(root, paint=COLOUR)
    sharp_tiny.write_tiny(root)
    return root


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
    _install_sharp(patch)


def _install_sharp(patch: pytest.MonkeyPatch) -> None:
    """Apple's package as far as the engine calls it."""
    package, module = ModuleType("sharp"), ModuleType("sharp.models")
    module.__dict__["PredictorParams"] = object
    module.__dict__["create_predictor"] = lambda params: sharp_tiny.TinyPredictor()
    patch.setitem(sys.modules, "sharp", package)
    patch.setitem(sys.modules, "sharp.models", module)
