"""Made-up catalogues, people and releases, and the strategies that draw them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256

from hypothesis import settings
from hypothesis import strategies as st

from tryon.core.recipes import Method, Stage
from tryon.core.records import Standing
from tryon.core.uploads import Item, User
from tryon.core.wanted import Product, Release, Shelf, Wanted
from tryon.core.words import Category, Order

law = settings(deadline=None, max_examples=60)
"""For property tests: enough examples to break a wrong rule, no clock on a shared machine."""

METHODS = {stage: Method(stage, 1, {f"engine-{stage.value}": "r1"}) for stage in Stage}
RELEASE = Release(METHODS)
TUCKED = Release(METHODS, Order.TUCKED)
TOPS, BOTTOMS, DRESS = (Category.TOPS,), (Category.BOTTOMS,), (Category.DRESS,)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def item(ordinal: int, *categories: Category, id: str = "") -> Item:
    name = id or f"i{ordinal}"
    return Item(ordinal, name, digest(name), categories)


def user(ordinal: int) -> User:
    return User(ordinal, f"u{ordinal}", digest(f"u{ordinal}"))


def retaken[U: (User, Item)](upload: U) -> U: ...


CLOSET = (item(1, *TOPS), item(2, *BOTTOMS), item(3, *TOPS), item(4, *BOTTOMS), item(5, *DRESS))
