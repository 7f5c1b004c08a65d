"""Planning a million outfits: the time to compute every wanted key and compare it with what is published."""

from __future__ import annotations

import time
from hashlib import sha256
from math import ceil, isqrt

from bench.arena import peak_rss_mb
from bench.null_engines import null_stages
from tryon.core.catalogue import Catalogue
from tryon.core.recipes import Input, Stage
from tryon.core.records import Verdict
from tryon.core.uploads import Item, User
from tryon.core.words import Category
from tryon.core.work import Prices, plan
from tryon.settings import Settings

GARMENTS = 100
"""Tops, and as many bottoms: 10,200 outfits a user."""


def measure(outfits: int) -> dict[str, object]:
    """seconds: with nothing published. published_seconds: with everything published, splats too, which computes
    and looks up twice as many keys."""
    catalogue, users = _world(outfits)
    prices = Prices(dict.fromkeys(Stage, 1.0))
    started = time.perf_counter()
    found = plan(catalogue, users, lambda user: {}, prices)
    seconds = time.perf_counter() - started
    return {
        "outfits": found.outfits,
        "to_make": found.to_make,
        "seconds": round(seconds, 2),
        "rss_mb": peak_rss_mb(),
        "published_seconds": round(_published(catalogue, users, prices), 2),
    }


def _published(catalogue: Catalogue, users: list[User], prices: Prices) -> float:
    """Building the published keys is the benchmark's own work and is not counted."""
    counted = 0.0
    for user in users:
        standings = _all_published(catalogue, user)
        started = time.perf_counter()
        found = plan(catalogue, [user], lambda _, known=standings: known, prices)  # type: ignore[misc]
        counted += time.perf_counter() - started
        assert found.to_make == 0 and not found.passes[Stage.SPLAT]
    return counted


def _all_published(catalogue: Catalogue, user: User) -> dict[Input, Verdict]:
    shelf = catalogue.target_shelf(user, {})
    products = (*shelf.parse(), *shelf.every_tryon(), *shelf.every_splat())
    return {product.input: Verdict.PUBLISHED for product in products}


def _world(outfits: int) -> tuple[Catalogue, list[User]]:
    side = min(GARMENTS, max(1, isqrt(outfits)))
    categories = [Category.TOPS] * side + [Category.BOTTOMS] * side
    items = [Item(n, f"i{n}", _digest(f"item {n}"), (c,)) for n, c in enumerate(categories, start=1)]
    users = [
        User(n, f"u{n}", _digest(f"user {n}")) for n in range(1, ceil(outfits / (side * side + 2 * side)) + 1)
    ]
    release = null_stages(None, Settings()).release()  # type: ignore[arg-type]
    return Catalogue(items, release, {}), users


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
