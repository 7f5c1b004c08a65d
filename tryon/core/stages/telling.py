"""Lines of the log about products."""

from __future__ import annotations

from collections.abc import Iterable

from tryon.core.events import EventKind, LogEvent
from tryon.core.wanted import Product

MOST_SAID = 2000
"""Characters of an error that are kept: compilers and drivers say megabytes, and no store takes a line that long."""


def said(error: Exception) -> str:
    text = f"{type(error).__name__}: {error}"
    return text if len(text) <= MOST_SAID else f"{text[:MOST_SAID]} ..."


def owner_of(product: Product) -> tuple[str | None, str | None]:
    """(user id, item id) of the partition that owns it."""
    return product.user.id if product.user else None, product.item.id if product.item else None


def tell(
    products: Iterable[Product], kind: EventKind, now: str, run_id: str, message: str = ""
) -> list[LogEvent]:
    return [_line(product, kind, now, run_id, message) for product in products]


def _line(product: Product, kind: EventKind, now: str, run_id: str, message: str) -> LogEvent:
    user, item = owner_of(product)
    return LogEvent(
        timestamp=now,
        user_id=user,
        item_id=item,
        component=f"stage.{product.stage}",
        step=product.name,
        event=kind,
        run_id=run_id,
        recipe=product.key,
        duration_ms=None,
        message=message or f"{product.name} is being made",
    )
