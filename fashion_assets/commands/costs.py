"""What `fashion plan` says about money: dollars by stage, what fills the stores, and where prices come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rich.text import Text

from fashion_assets.commands import screens
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import Stage
from tryon.core.volume import Volume, measure
from tryon.core.work import Plan, Prices
from tryon.profiles.price_list import Price, PriceList, Store, Stores
from tryon.profiles.prices import list_of, place
from tryon.settings import Settings

GB = 1e9
KEPT: Mapping[str, tuple[Stage, ...]] = {
    "images": (Stage.CROP, Stage.TRYON, Stage.SPLAT),
    "masks": (Stage.MASK,),
}
"""Store of the price list -> whose results lie there; its `records` keep the facts about all."""
NOT_COUNTED = (
    "Not in these figures: containers that start, load models or wait for more work, which Modal bills too "
    "(docs/costs.md)."
)


@dataclass(frozen=True)
class Costs:
    """today: for the age of prices."""

    found: Plan
    prices: Prices
    volume: Volume
    list: PriceList | None
    place: str | None
    usd_per_second: float
    today: date

    def facts(self) -> dict[str, object]:
        return {
            "stages": {stage.value: self._stage(stage) for stage in Stage},
            "stores": self.stores(),
            "prices": self.list_facts() if self.list else None,
            "usd_per_second": self.usd_per_second,
            "not_counted": NOT_COUNTED if self.list else None,
        }

    def _stage(self, stage: Stage) -> dict[str, object]:
        count, each = self.found.passes[stage], self.prices.seconds(stage)
        history = self.prices.measured.get(stage)
        return {
            "passes": count,
            "seconds_each": round(each, 6),
            "seconds": round(count * each, 3),
            "usd": round(count * self.prices.usd(stage), 6),
            "source": "measured" if history and history.passes else "declared",
            "measured_passes": history.passes if history else 0,
        }

    def stores(self) -> dict[str, dict[str, object]]:
        """By store: what the plan adds. US dollars a month, of storage and for each time that all of it is downloaded
        in a month; None where the list has no price."""
        sizes = {name: self.volume.blobs(self.found, stages) for name, stages in KEPT.items()}
        sizes["records"] = self.volume.records(self.found)
        return {name: self._store(name, size / GB) for name, size in sizes.items()}

    def _store(self, name: str, gb: float) -> dict[str, object]:
        store: Store = getattr(self.list.stores if self.list else Stores(), name)
        return {
            "gb": round(gb, 6),
            "storage_usd": _times(store.storage, gb),
            "egress_usd": _times(store.egress, gb),
            "measured": name in KEPT
            and all(self.volume.of(s).measured for s in KEPT[name] if self.found.passes[s]),
        }

    def list_facts(self) -> dict[str, object]:
        assert self.list, "there is a price list"
        days = [price.as_of for _, price in self.list.used()]
        prices = {
            name: {"usd": p.usd, "unit": p.unit, "as_of": p.as_of.isoformat(), "source": p.source}
            for name, p in self.list.used()
        }
        return {
            "list": self.place,
            "oldest": min(days).isoformat(),
            "newest": max(days).isoformat(),
            "old": self.list.old(self.today),
            "prices": prices,
        }


def _times(price: Price | None, gb: float) -> float | None:
    return round(gb * price.usd, 6) if price else None


def costs_of(settings: Settings, pipeline: Pipeline, found: Plan) -> Costs:
    where, today = place(settings), date.fromisoformat(pipeline.desk.journal.timestamp()[:10])
    return Costs(
        found,
        pipeline.prices(),
        measure(pipeline.records),
        list_of(settings),
        str(where) if where else None,
        settings.usd_per_second,
        today,
    )


def screen(costs: Costs) -> screens.Screen:
    """Nothing to say about a plan that makes nothing, but for old prices."""
    if costs.found.nothing:
        return _old(costs)
    return screens.group(_stores(costs), _prices(costs), _old(costs), NOT_COUNTED if costs.list else "")


def _stores(costs: Costs) -> screens.Screen:
    numbers = ("GB", "storage, USD a month", "egress, USD a view of all")
    found = screens.table("What it adds to the stores", "store", *numbers, "size is", numbers=numbers)
    for name, store in costs.stores().items():
        usd = [_usd(store["storage_usd"]), _usd(store["egress_usd"])]
        found.add_row(name, f"{store['gb']:.4f}", *usd, "measured" if store["measured"] else "estimated")
    return found


def _usd(usd: object) -> str:
    return "-" if usd is None else f"{usd:.4f}"


def _prices(costs: Costs) -> screens.Screen:
    if costs.list is None:
        return screens.NOTHING
    found = screens.table(f"Prices of {costs.place}", "of", "USD", "unit", "as of", "source", numbers=["USD"])
    for name, price in costs.list.used():
        found.add_row(
            name,
            f"{price.usd:.8f}".rstrip("0").rstrip("."),
            price.unit,
            price.as_of.isoformat(),
            price.source,
        )
    return found


def _old(costs: Costs) -> screens.Screen:
    old = costs.list.old(costs.today) if costs.list else []
    if not old:
        return screens.NOTHING
    said = f"Read more than a year ago: the prices of {', '.join(old)}. Look them up again (docs/costs.md)."
    return Text(said, style="bold yellow")
