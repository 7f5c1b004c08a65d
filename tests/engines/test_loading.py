"""Engines that load before their first photo, as a container does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.local_models import LocalModels
from tests.engines import catvton_tiny, grounding_dino_tiny, human_parser_tiny, sharp_tiny
from tests.fakes import MemoryRecords
from tryon.core.errors import AccessDenied, ModelMissing
from tryon.core.models import Model, Models
from tryon.core.ports import Loading, OnDevice, load_now
from tryon.engines.catvton import CatVton
from tryon.engines.declared import DeclaredAnalyzer
from tryon.engines.grounding_dino import GroundingDino
from tryon.engines.human_parser import HumanParser
from tryon.engines.openai_vision import OpenAiAnalyzer
from tryon.engines.sharp import Sharp

MAKERS: dict[str, Callable[[Models], Loading]] = {
    "grounding-dino": lambda models: GroundingDino(models, device="cpu"),
    "human-parser": lambda models: HumanParser(models, "cpu", threads=1, lip=True),
    "catvton": lambda models: CatVton(models, device="cpu"),
    "sharp": lambda models: Sharp(models, None, "cpu", predictor_factory=sharp_tiny.TinyPredictor),
}


class Counting(LocalModels):
    """asked: the models whose folder was looked up."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        object.__setattr__(self, "asked", [])

    asked: list[str]

    def folder(self, model: Model) -> Path:
        self.asked.append(model.id)
        return super().folder(model)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    grounding_dino_tiny.write_tiny(folder / "grounding-dino-tiny")
    human_parser_tiny.write_tiny(folder)
    catvton_tiny.write_tiny(folder)
    sharp_tiny.write_tiny(folder)
    return folder


@pytest.mark.parametrize("name", MAKERS)
def test_what_it_needs_is_read_once(root: Path, name: str) -> None:
    models = Counting(root)
    engine = MAKERS[name](models)
    assert models.asked == []
    load_now(engine, DeclaredAnalyzer())
    first = [*models.asked]
    load_now(engine)
    assert models.asked == first != []


@pytest.mark.parametrize("name", MAKERS)
def test_what_is_missing_is_told_before_the_first_photo(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelMissing):
        load_now(MAKERS[name](LocalModels(tmp_path)))


def test_an_analyzer_without_a_key_is_told_before_the_first_photo() -> None:
    with pytest.raises(AccessDenied, match="OPENAI_API_KEY"):
        load_now(OpenAiAnalyzer(None, MemoryRecords()))


def test_a_splatter_loads_who_tells_its_silhouettes(root: Path) -> None:
    models = Counting(root)
    people = HumanParser(models, "cpu", threads=1)
    load_now(Sharp(models, people.silhouettes, "cpu", predictor_factory=sharp_tiny.TinyPredictor))
    assert set(models.asked) == {"dwpose", "schp-atr", "sharp"}


@pytest.mark.parametrize("name", MAKERS)
def test_every_engine_with_nets_says_where_it_runs(root: Path, name: str) -> None:
    engine = MAKERS[name](LocalModels(root))
    assert isinstance(engine, OnDevice)
    engine.load()
    assert engine.device == "cpu"
