"""`plan` and `doctor` on money: dollars by stage, what fills the stores, and where prices come from."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bench.uploads import write_user
from tests.cli.conftest import Fashion
from tryon.core.recipes import Stage
from tryon.profiles.price_list import read_prices
from tryon.profiles.prices import SHIPPED

LIST = read_prices(SHIPPED)


def price_list(folder: Path, day: str) -> Path:
    path = folder / "prices.toml"
    path.write_text(re.sub(r"as_of = \S+", f"as_of = {day}", SHIPPED.read_text()))
    return path


@pytest.fixture
def today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A list of today that counts."""
    path = price_list(tmp_path, datetime.now(UTC).date().isoformat())
    monkeypatch.setenv("FASHION_PRICES", str(path))
    return path


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = price_list(tmp_path, "2020-02-03")
    monkeypatch.setenv("FASHION_PRICES", str(path))
    return path


@pytest.fixture
def grown(fashion: Fashion) -> Fashion:
    """A third user came: three try-ons and a splat to make."""
    write_user(fashion.data / "uploads", "u3", 3)
    return fashion


def facts(fashion: Fashion) -> Any:
    answer = fashion("plan", "--json")
    assert answer.code == 0, answer.err
    return answer.facts


def test_each_stage_has_its_seconds_and_its_dollars(grown: Fashion, today: Path) -> None:
    found = facts(grown)
    for stage in Stage:
        row = found["stages"][stage]
        assert row["passes"] == found["passes"][stage]
        assert row["usd"] == pytest.approx(row["seconds"] * LIST.per_second(stage), abs=2e-6)
    assert [found["stages"][stage]["passes"] for stage in Stage] == [0, 1, 3, 1]
    assert sum(row["usd"] for row in found["stages"].values()) == pytest.approx(
        found["predicted_usd"], abs=4e-6
    )


def test_a_figure_says_whether_it_was_measured_and_how_often(grown: Fashion, empty: Fashion) -> None:
    row = facts(grown)["stages"]["tryon"]
    assert (row["source"], row["measured_passes"] > 0) == ("measured", True)
    assert f"measured over {row['measured_passes']} passes" in grown("plan").out
    write_user(grown.data / "new" / "uploads", "u1", 1)
    fresh = facts(Fashion(grown.data / "new"))["stages"]["mask"]
    assert (fresh["source"], fresh["measured_passes"], fresh["passes"]) == ("declared", 0, 1)


def test_what_it_adds_to_the_stores(grown: Fashion, today: Path) -> None:
    stores = facts(grown)["stores"]
    images, masks, records = (stores[name] for name in ("images", "masks", "records"))
    assert images["measured"]
    assert masks["gb"] >= 0
    assert images["storage_usd"] == pytest.approx(images["gb"] * 0.021, abs=2e-6)
    assert images["egress_usd"] == pytest.approx(images["gb"] * 0.09, abs=2e-6)
    assert (records["gb"] > 0, records["storage_usd"], records["measured"]) == (True, None, False)
    assert "What it adds to the stores" in grown("plan").out


def test_a_price_is_told_with_its_day_and_its_source(grown: Fashion, today: Path) -> None:
    prices, day = facts(grown)["prices"], datetime.now(UTC).date().isoformat()
    assert (prices["list"], prices["oldest"], prices["newest"], prices["old"]) == (str(today), day, day, [])
    assert prices["prices"]["GPU A10"] == {
        "usd": 1.1016,
        "unit": "hour",
        "as_of": day,
        "source": LIST.gpus["A10"].source,
    }
    out = grown("plan").out
    assert all(word in out for word in ("GPU A10", day, "modal.com/pricing", "docs/costs.md"))


def test_without_a_list_there_are_no_prices(made: Fashion) -> None:
    found = facts(made)
    assert (found["prices"], found["predicted_usd"], found["not_counted"]) == (None, 0.0, None)
    assert {store["storage_usd"] for store in found["stores"].values()} == {None}


def test_the_price_of_ones_own_machine_counts_for_all_stages(
    grown: Fashion, today: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASHION_USD_PER_SECOND", "2.0")
    found = facts(grown)
    assert found["predicted_usd"] == pytest.approx(2.0 * found["predicted_seconds"], abs=0.002)
    assert found["usd_per_second"] == 2.0


def test_what_was_made_is_on_the_record(grown: Fashion, today: Path) -> None:
    assert grown("pregenerate").code == 0
    records = [record for record in grown.pipeline.records.of_user("u3") if record.seconds]
    assert {record.stage for record in records} == {Stage.MASK, Stage.TRYON, Stage.SPLAT}
    for record in records:
        assert record.cost_usd == pytest.approx(record.seconds * LIST.per_second(record.stage))


def test_old_prices_are_warned_of(made: Fashion, old: Path) -> None:
    assert "images, storage" in facts(made)["prices"]["old"]
    assert "Read more than a year ago" in made("plan").out


def test_the_doctor_looks_at_the_list(
    made: Fashion, old: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def said() -> tuple[bool, str]:
        checks = made("doctor", "--json").facts["checks"]
        return next((check["ok"], check["detail"]) for check in checks if check["check"] == "prices")

    ok, detail = said()
    assert ok
    assert "WARNING, older than a year" in detail
    price_list(tmp_path, datetime.now(UTC).date().isoformat())
    assert "WARNING" not in said()[1]
    old.write_text("[gpus]")
    assert said() == (False, f"InvalidSetting: the price list {old} cannot be used: stages: Field required; "
                             "tryon/profiles/prices.toml is an example")  # fmt: skip
    monkeypatch.delenv("FASHION_PRICES")
    assert said() == (True, "engine time has no price")


def test_a_wrong_list_is_bad_use(made: Fashion, old: Path) -> None:
    old.write_text(old.read_text().replace("usd = 1.1016", "usd = -2"))
    answer = made("plan")
    assert (answer.code, "gpus.A10.usd" in answer.err) == (2, True)
