"""What changed between the recipe of an older result and the one wanted now, in words for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tryon.core.recipes import Input
from tryon.core.wanted import Product

Recipe = Mapping[str, Any]
"""A recipe's facts, as its canonical JSON reads."""
RecipeOf = Callable[[Input], Recipe | None]
"""The recipe of the record of an input; None when it is gone."""


def label(product: Product) -> str:
    """`crop tee-sun.tops`, `mask upper`, `tryon tee-sun.tops`."""
    return f"{product.stage} {product.name}"


def differences(old: Recipe, new: Product, known: Mapping[str, Product], recipe_of: RecipeOf) -> list[str]:
    """Root causes, each once: an input that differs is followed down to what made it differ.

    known: the wanted products by key, at least all that `new` is made from.
    """
    return list(dict.fromkeys(_differences(old, new, known, recipe_of)))


def _differences(
    old: Recipe, new: Product, known: Mapping[str, Product], recipe_of: RecipeOf
) -> Iterator[str]:
    now = new.recipe.facts()
    yield from _changed(f"{new.stage} engine", old["engines"], now["engines"])
    yield from _changed(f"{new.stage} parameter", old["parameters"], now["parameters"])
    yield from _changed(f"{new.stage}", *({k: r[k] for k in ("seed", "version")} for r in (old, now)))
    if old["uploads"] != now["uploads"]:
        yield f"the photo of {new.recipe.subject} changed ({_digests(old)} -> {_digests(now)})"
    yield from _inputs(old, new, known, recipe_of)


def _changed(what: str, old: Any, new: Any) -> Iterator[str]:
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield f"{what} {name}: {old.get(name, 'none')} -> {new.get(name, 'none')}"


def _inputs(old: Recipe, new: Product, known: Mapping[str, Product], recipe_of: RecipeOf) -> Iterator[str]:
    """Inputs stand in a fixed order, so the same place means the same role."""
    if len(old["inputs"]) != len(new.recipe.inputs):
        yield f"{label(new)} is made from other inputs than before"
        return
    for (key, generation), wanted in zip(old["inputs"], new.recipe.inputs, strict=True):
        source = known[wanted.key]
        if key != wanted.key:
            yield from _input(recipe_of(Input(key, generation)), source, known, recipe_of)
        elif generation != wanted.generation:
            yield f"{label(source)} was made again (generation {generation} -> {wanted.generation})"


def _input(
    before: Recipe | None, source: Product, known: Mapping[str, Product], recipe_of: RecipeOf
) -> Iterator[str]:
    if before is None:
        yield f"{label(source)} changed"
    elif before["name"] != source.name:
        yield f"{label(source)} takes the place of {before['name']}"
    else:
        yield from _differences(before, source, known, recipe_of)


def _digests(recipe: Mapping[str, Any]) -> str:
    return ", ".join(str(digest)[:8] for digest in recipe["uploads"])


def read_recipe(canonical: str) -> Recipe:
    facts: dict[str, Any] = json.loads(canonical)
    return facts
