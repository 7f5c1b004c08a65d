"""By which engines a published picture was made, with all that it was made from, and whether their licences allow
commercial use.

Each record says so of the engines of its own stage (`licence_facts`), as it was when it was published. What else had a
hand in it stands in the records that its recipe names: a try-on is also made by whoever made its masks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tryon.core.differences import read_recipe
from tryon.core.errors import NotForCommercialUse
from tryon.core.recipes import Input
from tryon.core.records import Record

Find = Callable[[Sequence[Input]], Mapping[Input, Record]]
"""The records of exactly these products, as Records.find gives them."""


class MadeBy(NamedTuple):
    """licence: None where the record says nothing: an earlier version of this project published it."""

    id: str
    revision: str
    licence: str | None

    def __str__(self) -> str:
        return f"{self.id} ({self.licence or 'licence not recorded'})"


@dataclass(frozen=True)
class Origin:
    """engines: each once, first things first. barred: those of stages whose licences forbid commercial use.
    recorded: False where a record along the way says nothing, or is gone."""

    engines: tuple[MadeBy, ...] = ()
    barred: tuple[MadeBy, ...] = ()
    recorded: bool = True

    @property
    def commercial_use(self) -> bool | None:
        """None: it is not known, so it is not allowed."""
        return False if self.barred else True if self.recorded else None

    def facts(self) -> dict[str, object]:
        """As JSON values, for a manifest."""
        return {
            "engines": [engine._asdict() for engine in self.engines],
            "commercial_use": self.commercial_use,
        }


def combined(origins: Iterable[Origin]) -> Origin:
    """Of something that was made from, or consists of, all of these."""
    found = list(origins)
    return Origin(
        tuple(dict.fromkeys(engine for origin in found for engine in origin.engines)),
        tuple(dict.fromkeys(engine for origin in found for engine in origin.barred)),
        all(origin.recorded for origin in found),
    )


class Origins:
    """Follows recipes from record to record; each is read once. For one user: it forgets nothing."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._known: dict[Input, Origin] = {}

    def of(self, record: Record) -> Origin:
        if record.input not in self._known:
            recipe = read_recipe(record.recipe)
            sources = self._sources([Input(*made) for made in recipe["inputs"]])
            self._known[record.input] = combined([*sources, _own(recipe["engines"], record.facts)])
        return self._known[record.input]

    def _sources(self, inputs: Sequence[Input]) -> list[Origin]:
        found = self._find([made for made in inputs if made not in self._known])
        gone = Origin(recorded=False)
        return [self._known.get(made) or (self.of(found[made]) if made in found else gone) for made in inputs]


def _own(engines: Mapping[str, str], facts: Mapping[str, Any]) -> Origin:
    licences: Mapping[str, str] = facts.get("licences", {})
    made_by = tuple(MadeBy(name, revision, licences.get(name)) for name, revision in engines.items())
    allowed = facts.get("commercial_use")
    return Origin(made_by, made_by if allowed is False else (), isinstance(allowed, bool))


def check_origins(origins: Iterable[Origin]) -> None:
    """Raises NotForCommercialUse with how many pictures, by which engines, and what to do."""
    found = Counter(origins)  # Few differ, however many pictures there are.
    barred, unknown = Counter[MadeBy](), 0
    for origin, count in found.items():
        barred.update(dict.fromkeys(origin.barred, count))
        unknown += count if origin.commercial_use is None else 0
    if not barred and not unknown:
        return
    wrong = sum(count for origin, count in found.items() if not origin.commercial_use)
    reasons = [f"{count} made with {engine}" for engine, count in barred.items()]
    reasons += [f"{unknown} of an earlier version, which did not record it"] if unknown else []
    # What the same engines make again has the same keys: only a next generation replaces it.
    rollout = "fashion rollout --again" if unknown else "fashion rollout"
    raise NotForCommercialUse(
        f"FASHION_COMMERCIAL=true, but {wrong} of {found.total()} pictures and splats may not be used commercially: "
        f"{'; '.join(reasons)}. Nothing was exported. Run `{rollout}`, then `fashion pregenerate`, to make them with "
        "engines that may be used; docs/licences.md says which those are"
    )
