"""A profile names an engine for each port; a setting goes before it; nothing is taken instead of what was asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tryon.core.errors import ModelMissing, NotForCommercialUse
from tryon.core.words import EngineCard
from tryon.engines.cores import usable_cores
from tryon.engines.human_parser import HumanParser
from tryon.engines.torch_runtime import resolve_device, resolve_precision
from tryon.profiles.engines import CHOICES, batch_size, chosen
from tryon.settings import Profile, Settings
from tryon.wiring import build


def card(seconds: float) -> EngineCard:
    return EngineCard("slow", "1", "Apache-2.0", True, True, typical_seconds=seconds)


def test_the_sample_profile_has_the_engines_that_ship_with_the_project(tmp_path: Path) -> None:
    cards = build(Settings(data=tmp_path), lambda event: None).stages.cards()
    assert {port: card.id for port, card in cards.items()} == CHOICES[Profile.SAMPLE]


def test_a_setting_goes_before_the_profile(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, profile=Profile.WORKSTATION, splatter="relief")
    assert chosen(settings) == {**CHOICES[Profile.WORKSTATION], "splatter": "relief"}


def test_the_workstation_profile_has_the_neural_engines(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, profile=Profile.WORKSTATION, models=tmp_path / "models", device="cpu")
    cards = build(settings, lambda event: None).stages.cards()
    assert [card.commercial_use for card in cards.values()] == [True, True, False, False, False]
    assert cards["dresser"].parameters["steps"] == 50


def test_an_engine_whose_model_is_missing_stops_the_work_and_is_not_replaced(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, body_parser="dwpose-schp", models=tmp_path / "models")
    parser = build(settings, lambda event: None).stages.mask.parser
    with pytest.raises(ModelMissing, match="fashion models pull"):
        parser.parse([np.zeros((128, 96, 3), np.uint8)])


def test_a_commercial_installation_does_not_start_with_a_licence_that_forbids_it(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, dresser="catvton", device="cpu", commercial=True)
    with pytest.raises(NotForCommercialUse, match="CC-BY-NC-SA"):
        build(settings, lambda event: None)
    build(Settings(data=tmp_path, commercial=True), lambda event: None)


@pytest.mark.parametrize(("seconds", "batch"), [(0.01, 16), (5.0, 16), (40.0, 3), (3600.0, 1)])
def test_a_slow_engine_works_in_small_batches(seconds: float, batch: int) -> None:
    assert batch_size([card(seconds / 2)] * 2, 16) == batch


def test_device_and_precision_are_decided_before_any_picture() -> None:
    assert (resolve_device("cpu"), resolve_device("cuda")) == ("cpu", "cuda")
    assert (resolve_precision("auto", "cpu"), resolve_precision("auto", "cuda")) == ("no", "fp16")
    assert resolve_precision("bf16", "cpu") == "bf16"


def test_what_cpus_are_slow_at_comes_alone_and_keeps_its_lease(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, profile=Profile.WORKSTATION, models=tmp_path / "models", device="cpu")
    pipeline = build(settings, lambda event: None)
    assert (pipeline.stages.tryon.batch_size, pipeline.stages.splat.batch_size) == (1, 1)
    hours = 3600
    assert pipeline.stages.slowest_batch() > 2 * hours
    assert pipeline.desk.patience.lease_seconds > 6 * hours


def test_neural_nets_take_the_processors_that_the_process_may_use_unless_told_otherwise(
    tmp_path: Path,
) -> None:
    for asked, threads in ((None, usable_cores()), (3, 3)):
        settings = Settings(data=tmp_path, body_parser="dwpose-schp", threads=asked)
        parser = build(settings, lambda event: None).stages.mask.parser
        assert isinstance(parser, HumanParser)
        assert parser.threads == threads


def test_a_lease_outlasts_the_slowest_batch(tmp_path: Path) -> None:
    pipeline = build(Settings(data=tmp_path), lambda event: None)
    assert pipeline.desk.patience.lease_seconds >= 3 * pipeline.stages.slowest_batch()
