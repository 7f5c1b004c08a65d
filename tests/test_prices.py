"""The price list: what ships with the project, what is refused, and the tariff that engines are billed by."""

from __future__ import annotations

import tomllib
from datetime import date
from enum import StrEnum
from importlib import resources
from pathlib import Path

import pytest
from pydantic import SecretStr

from tryon.core.errors import InvalidSetting
from tryon.core.metering import Costs
from tryon.core.recipes import Stage
from tryon.core.tariff import Calls, flat
from tryon.profiles.price_list import PriceList, read_prices
from tryon.profiles.prices import SHIPPED, list_of, place, tariff_of
from tryon.settings import Profile, Settings
from tryon.wiring import build

DAY = date(2026, 6, 27)
"""Of the youngest price that ships."""


class Cloud(StrEnum):
    """The profile, by its name alone."""

    PRODUCTION = "production"


@pytest.fixture
def shipped() -> PriceList:
    return read_prices(SHIPPED)


def changed(folder: Path, before: str, after: str) -> Path:
    """The shipped list with one change."""
    text = SHIPPED.read_text()
    assert before in text
    path = folder / "prices.toml"
    path.write_text(text.replace(before, after, 1))
    return path


# The list that ships


def test_it_ships_in_the_package() -> None:
    assert resources.files("tryon.profiles").joinpath("prices.toml").is_file()
    project = tomllib.loads((SHIPPED.parents[2] / "pyproject.toml").read_text())
    assert "prices.toml" in project["tool"]["setuptools"]["package-data"]["tryon.profiles"]


def test_every_price_has_its_day_and_an_address(shipped: PriceList) -> None:
    prices = [*shipped.gpus.values(), *(price for _, price in shipped.used())]
    assert len(prices) >= 15
    assert all(date(2026, 1, 1) < price.as_of <= DAY for price in prices)
    assert all(price.source.startswith("https://") for price in prices)


def test_a_stage_costs_its_gpu_its_cores_and_its_memory(shipped: PriceList) -> None:
    cpu = 4 * 0.0000131 + 4 * 0.00000222
    assert shipped.per_second(Stage.MASK) == pytest.approx(cpu)
    assert shipped.per_second(Stage.CROP) == pytest.approx(1.1016 / 3600 + 2 * 0.0000131 + 16 * 0.00000222)
    assert shipped.per_second(Stage.SPLAT) > shipped.per_second(Stage.CROP) > shipped.per_second(Stage.MASK)


def test_prices_that_were_read_more_than_a_year_ago_are_old(shipped: PriceList) -> None:
    assert shipped.old(DAY) == []
    assert shipped.old(date(2027, 5, 5)) == [
        "images, storage",
        "images, egress",
        "masks, storage",
        "masks, egress",
    ]
    assert len(shipped.old(date(2028, 1, 1))) == len(list(shipped.used()))


# What is refused


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("usd = 1.1016", "usd = -1", "gpus.A10.usd: Input should be greater"),
        ("usd = 1.1016", "usd = inf", "gpus.A10.usd: Input should be a finite number"),
        ('unit = "core-second"', 'unit = "hour"', "core.unit: Input should be 'core-second'"),
        ("as_of = 2026-06-27\n", "", "core.as_of: Field required"),
        ('source = "https://modal', 'sauce = "https://modal', "core.source: Field required"),
        ("[gpus.A10]", "[gpus.A11]", "stages.crop.gpu is 'A10', which has no price"),
        ("memory_gib = 4\n", "memory_gb = 4\n", "stages.mask.memory_gib: Field required"),
        ("[stages.crop]", "[stages.crop", "Expected ']'"),
    ],
)
def test_a_wrong_list_is_refused_by_the_fields_name(
    before: str, after: str, said: str, tmp_path: Path
) -> None:
    path = changed(tmp_path, before, after)
    with pytest.raises(InvalidSetting, match=r"prices\.toml cannot be used: ") as refused:
        read_prices(path)
    assert said in str(refused.value)


def test_a_list_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match=r"gone\.toml cannot be used: .*No such file"):
        read_prices(tmp_path / "gone.toml")


# Which one counts


def test_on_ones_own_machine_nothing_has_a_price_unless_somebody_says_so() -> None:
    for profile in (Profile.SAMPLE, Profile.WORKSTATION):
        assert (place(Settings(profile=profile)), tariff_of(Settings(profile=profile)).free) == (None, True)
        assert tariff_of(Settings(profile=profile, usd_per_second=0.5)) == flat(0.5)


def test_in_production_the_list_that_ships_counts_unless_another_is_named() -> None:
    production = Settings().model_copy(update={"profile": Cloud.PRODUCTION})
    other = Path("mine.toml")
    assert place(production) == SHIPPED
    assert place(production.model_copy(update={"prices": other})) == other


def test_a_named_list_counts_in_any_profile(shipped: PriceList) -> None:
    tariff = tariff_of(Settings(prices=SHIPPED))
    assert dict(tariff.per_second) == {stage: shipped.per_second(stage) for stage in Stage}
    assert list_of(Settings(prices=SHIPPED)) == shipped


def test_who_looks_at_photos_for_nothing_is_not_paid() -> None:
    assert tariff_of(Settings(prices=SHIPPED)).call == 0.0
    paid = tariff_of(Settings(prices=SHIPPED, analyzer="gpt-4o"))
    assert paid.call == pytest.approx(1600 * 2.5e-6 + 400 * 10e-6)
    assert paid.usd_of(Calls(1000, 100)) == pytest.approx(0.0025 + 0.001)


def test_ones_own_price_of_a_second_goes_before_the_lists_machines() -> None:
    tariff = tariff_of(Settings(prices=SHIPPED, usd_per_second=0.5, analyzer="gpt-4o"))
    assert dict(tariff.per_second) == dict.fromkeys(Stage, 0.5)
    assert tariff.call > 0


def test_what_is_built_is_billed_by_it(tmp_path: Path) -> None:
    settings = Settings(
        data=tmp_path, prices=SHIPPED, analyzer="gpt-4o", openai_api_key=SecretStr("key"), budget_run=1.0
    )
    pipeline = build(settings, lambda event: None)
    assert pipeline.tariff == pipeline.prices().tariff == tariff_of(settings)
    costs: Costs = pipeline.desk.gate._depot._costs
    assert costs.tariff == pipeline.tariff
    assert vars(pipeline.stages.crop.analyzer)["_meter"] is costs.meter
    assert pipeline.desk.budget is not None


def test_without_a_price_nothing_is_booked(tmp_path: Path) -> None:
    assert build(Settings(data=tmp_path), lambda event: None).desk.budget is None


def test_a_wrong_list_stops_what_is_built(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match=r"gpus\.A10\.usd"):
        build(
            Settings(data=tmp_path, prices=changed(tmp_path, "usd = 1.1016", 'usd = "?"')), lambda event: None
        )
