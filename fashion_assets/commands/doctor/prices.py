"""The price list: whether it can be used, and whether it is old."""

from __future__ import annotations

from datetime import UTC, datetime

from fashion_assets.commands.doctor.finding import Check
from tryon.profiles.prices import list_of, place
from tryon.settings import Settings


def _prices(settings: Settings) -> str:
    """An old list warns: plans are wrong with it, and everything works."""
    found = list_of(settings)
    if found is None:
        own = settings.usd_per_second
        return f"{own} USD an engine second" if own else "engine time has no price"
    days = [price.as_of for _, price in found.used()]
    old = found.old(datetime.now(UTC).date())
    warning = f"; WARNING, older than a year, look them up again: {', '.join(old)}" if old else ""
    return f"{place(settings)}, prices of {min(days)} to {max(days)}{warning}"


CHECKS: dict[str, Check] = {"prices": _prices}
