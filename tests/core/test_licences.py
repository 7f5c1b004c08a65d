"""A commercial installation does not start with an engine that it may not use."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tryon.core.errors import InvalidSetting, NotForCommercialUse
from tryon.core.licences import ALTERNATIVES, check_commercial
from tryon.core.models import Model
from tryon.core.words import EngineCard

FREE = EngineCard("warp", "1", "Apache-2.0", commercial_use=True, deterministic=True)
BARRED = EngineCard("catvton", "1", "CC-BY-NC-SA-4.0", commercial_use=False, deterministic=True)
MIT = Model("vae", "o/vae", "main", (), "MIT", commercial_use=True)
WEIGHTS = Model(
    "attention",
    "o/a",
    "main",
    (),
    "CC-BY-NC-SA-4.0",
    commercial_use=False,
    alternatives=("warp", "fashn-vton-1.5"),
)


def test_each_engine_and_model_is_named_with_its_licence_and_what_to_use_instead() -> None:
    with pytest.raises(NotForCommercialUse) as raised:
        check_commercial([FREE, BARRED], [MIT, WEIGHTS], commercial=True)
    message = str(raised.value)
    assert "engine catvton (CC-BY-NC-SA-4.0), model attention (CC-BY-NC-SA-4.0)" in message
    assert ALTERNATIVES["warp"] in message
    assert ALTERNATIVES["fashn-vton-1.5"] in message
    assert "vae" not in message
    assert isinstance(raised.value, InvalidSetting)


def test_an_engine_with_weights_of_ones_own_is_named_with_what_to_use_instead() -> None:
    with pytest.raises(NotForCommercialUse, match=r"engine catvton .* Instead: FASHION_DRESSER=warp, "):
        check_commercial([BARRED], [], commercial=True)


def test_an_engine_that_nothing_replaces() -> None:
    with pytest.raises(NotForCommercialUse, match="engine yolo") as raised:
        check_commercial([replace(BARRED, id="yolo")], [], commercial=True)
    assert "Instead" not in str(raised.value)


def test_free_ones_and_other_uses_start() -> None:
    check_commercial([FREE], [MIT], commercial=True)
    check_commercial([BARRED], [WEIGHTS], commercial=False)
