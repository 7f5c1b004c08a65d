"""Planning a million outfits: the time to compute every wanted key and compare it with what is published."""

from __future__ import annotations

import time
from hashlib import sha256
from math import ceil, isqrt

from bench.arena import peak_rss_mb
from bench.null_engines import null_stages
from tryon.core.recipes import Stage
from tryon.core.records import Standing, Verdict
from tryon.core.uploads import Item, User
from tryon.core.wanted import Shelf, Wanted
from tryon.core.words import Category
from tryon.core.work import Prices, plan
from tryon.settings import Settings

GARMENTS = 100
"""Tops, and as many bottoms: 10,200 outfits a user."""


def measure(outfits: int) -> dict[str, object]:
    """seconds: with nothing published. published_seconds: with everything published, splats too, which computes
    and looks up twice as many keys."""
    wanted, users = _world(outfits)
    prices = Prices(dict.fromkeys(Stage, 1.0))
    started = time.perf_counter()
    found = plan(wanted, users, lambda user: {}, prices)
    seconds = time.perf_counter() - started
    return {
        "outfits": found.outfits,
        "to_make": found.to_make,
        "seconds": round(seconds, 2),
        "rss_mb": peak_rss_mb(),
        "published_seconds": round(_published(wanted, users, prices), 2),
    }


def _published(wanted: Wanted, users: list[User], prices: Prices) -> float:
    """Building the published keys is the benchmark's own work and is not counted."""
    counted = 0.0
    for user in users:
        standings = _all_published(wanted, user)
        started = time.perf_counter()
        found = plan(wanted, [user], lambda _, known=standings: known, prices)  # type: ignore[misc]
        counted += time.perf_counter() - started
        assert found.to_make == 0 and not found.passes[Stage.SPLAT]
    return counted


def _all_published(wanted: Wanted, user: User) -> dict[str, Standing]:
    shelf = Shelf(wanted, user, {})
    standing = Standing(1, Verdict.PUBLISHED)
    looks = [shelf.tryon(outfit) for outfit in wanted.matrix.outfits()]
    splats = [shelf.splat(look) for look in looks if look.outfit and wanted.release.wants_splat(look.outfit)]
    return {product.key: standing for product in (*shelf.parse(), *looks, *splats)}


def _world(outfits: int) -> tuple[Wanted, list[User]]:
    side = min(GARMENTS, max(1, isqrt(outfits)))
    categories = [Category.TOPS] * side + [Category.BOTTOMS] * side
    items = [Item(n, f"i{n}", _digest(f"item {n}"), (c,)) for n, c in enumerate(categories, start=1)]
    users = [
        User(n, f"u{n}", _digest(f"user {n}")) for n in range(1, ceil(outfits / (side * side + 2 * side)) + 1)
    ]
    return Wanted(items, null_stages(None, Settings()).release()), users  # type: ignore[arg-type]


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
