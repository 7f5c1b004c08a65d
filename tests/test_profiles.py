"""A profile names an engine for each port; a setting goes before it; nothing is taken instead of what was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tryon.core.errors import InvalidSetting
from tryon.core.words import EngineCard
from tryon.profiles import CHOICES, batch_size, chosen
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


def test_an_engine_that_is_not_there_is_an_error_and_not_another_engine(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="body parser 'dwpose-schp'"):
        build(Settings(data=tmp_path, body_parser="dwpose-schp"), lambda event: None)


@pytest.mark.parametrize(("seconds", "batch"), [(0.01, 16), (5.0, 16), (40.0, 3), (3600.0, 1)])
def test_a_slow_engine_works_in_small_batches(seconds: float, batch: int) -> None:
    assert batch_size(card(seconds), 16) == batch


def test_a_lease_outlasts_the_slowest_batch(tmp_path: Path) -> None:
    pipeline = build(Settings(data=tmp_path), lambda event: None)
    assert pipeline.desk.patience.lease_seconds >= 3 * pipeline.stages.slowest_batch()
