"""Settings -> what things cost: which price list counts, and the tariff that engines are billed by."""

from __future__ import annotations

from pathlib import Path

from tryon.core.recipes import Stage
from tryon.core.tariff import Tariff, flat
from tryon.profiles.engines import chosen
from tryon.profiles.price_list import PriceList, read_prices
from tryon.settings import Settings

SHIPPED = Path(__file__).with_name("prices.toml")
PAID_ANALYZER = "gpt-4o"


def place(settings: Settings) -> Path | None:
    """Which list counts; None where nothing has a price of a list."""
    shipped = SHIPPED if settings.profile.value == "production" else None
    return settings.prices or shipped


def list_of(settings: Settings) -> PriceList | None:
    path = place(settings)
    return read_prices(path) if path else None


def tariff_of(settings: Settings) -> Tariff:
    """FASHION_USD_PER_SECOND goes before the list's machines; questions to a paid analyzer cost what the list says."""
    prices, own = list_of(settings), flat(settings.usd_per_second)
    if prices is None:
        return own
    seconds = (
        own.per_second if settings.usd_per_second else {stage: prices.per_second(stage) for stage in Stage}
    )
    if chosen(settings)["analyzer"] != PAID_ANALYZER:
        return Tariff(seconds)
    looks = prices.analysis
    token_in, token_out = looks.input.usd / 1e6, looks.output.usd / 1e6
    call = looks.expected_input_tokens * token_in + looks.expected_output_tokens * token_out
    return Tariff(seconds, token_in, token_out, call)
