"""A release: engine revisions and parameters of every stage, rolled out to users as one.

Each user has two: the one whose results are shown, and the one that is being made (the target). The shown one
stays until every outfit has its verdict under the target; then the user switches in one step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from tryon.core.recipes import Method, Stage, canonical_json
from tryon.core.words import Order, Outfit


@dataclass(frozen=True)
class Release:
    """generation: raised to make the same keys again on purpose."""

    methods: Mapping[Stage, Method]
    order: Order = Order.UNTUCKED
    splat_singles: bool = False
    generation: int = 1

    @cached_property
    def id(self) -> str:
        """16 hex digits, equal for equal releases."""
        return sha256(canonical_json(self.facts()).encode()).hexdigest()[:16]

    def wants_splat(self, outfit: Outfit) -> bool:
        return outfit.is_look or self.splat_singles

    def works_like(self, other: Release) -> bool:
        """Whether the same code makes both: they differ in their generation at most."""
        return {**self.facts(), "generation": 0} == {**other.facts(), "generation": 0}

    def facts(self) -> dict[str, object]:
        """Plain JSON values; `read_release` takes them back."""
        return {
            "methods": {stage.value: _method_facts(method) for stage, method in self.methods.items()},
            "order": self.order.value,
            "splat_singles": self.splat_singles,
            "generation": self.generation,
        }


def _method_facts(method: Method) -> dict[str, object]:
    return {
        "version": method.version,
        "engines": dict(method.engines),
        "parameters": dict(method.parameters),
        "seed": method.seed,
    }


def read_release(facts: Mapping[str, Any]) -> Release:
    methods = {Stage(stage): Method(Stage(stage), **values) for stage, values in facts["methods"].items()}
    return Release(methods, Order(facts["order"]), facts["splat_singles"], facts["generation"])


def release_changes(old: Release, new: Release) -> list[str]:
    """What differs, one line each, for the person who confirms it."""
    lines: list[str] = []
    for stage in Stage:
        before, after = _method_facts(old.methods[stage]), _method_facts(new.methods[stage])
        for name in before:
            lines += _value_changes(f"{stage} {name}", before[name], after[name])
    lines += _value_changes("painter's order", old.order.value, new.order.value)
    lines += _value_changes("splats of single garments", old.splat_singles, new.splat_singles)
    return lines + _value_changes("generation", old.generation, new.generation)


def _value_changes(what: str, before: object, after: object) -> list[str]:
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        names = dict.fromkeys([*before, *after])
        pairs = [(name, before.get(name, "none"), after.get(name, "none")) for name in names]
        return [f"{what} {name}: {a} -> {b}" for name, a, b in pairs if a != b]
    return [f"{what}: {before} -> {after}"]
