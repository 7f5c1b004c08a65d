"""A recipe is everything that decides a result; its key is the sha256 of its canonical JSON.

Two recipes with one key are one product, made once. Keys are computed without any result at hand, so the
whole matrix can be planned before anything was generated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

from tryon.core.words import EngineCard


class Stage(StrEnum):
    CROP = "crop"
    MASK = "mask"
    TRYON = "tryon"
    SPLAT = "splat"


def canonical_json(value: object) -> str:
    """Sorted keys, no spaces, ASCII: one text for one value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True)
class Method:
    """How a stage works under one release: its code's version, its engines, their parameters, the seed.

    version: raised by us when the stage's own code changes its results.
    engines: id -> revision of every engine that takes part.
    """

    stage: Stage
    version: int
    engines: Mapping[str, str]
    parameters: Mapping[str, object] = field(default_factory=dict)
    seed: int = 42

    @cached_property
    def frame(self) -> tuple[str, str, str, str, str]:
        """The constant pieces of the canonical JSON of this method's recipes, between the varying ones."""
        return (
            f'{{"engines":{canonical_json(dict(self.engines))},"inputs":[',
            '],"name":"',
            f'","parameters":{canonical_json(dict(self.parameters))},"seed":{self.seed},"stage":"{self.stage}","subject":"',
            '","uploads":[',
            f'],"version":{self.version}}}',
        )


def method_of(
    stage: Stage,
    version: int,
    *cards: EngineCard,
    parameters: Mapping[str, object] | None = None,
    seed: int = 42,
) -> Method:
    """An engine's parameters stand under `<engine id>.<name>`."""
    own = {f"{card.id}.{name}": value for card in cards for name, value in card.parameters.items()}
    return Method(
        stage, version, {card.id: card.revision for card in cards}, {**(parameters or {}), **own}, seed
    )


class Input(NamedTuple):
    """A derived input: exactly one generation of one product."""

    key: str
    generation: int


class Recipe(NamedTuple):
    """subject: `users/<id>` or `items/<id>`, whose results never share a blob with another's.
    name: what of the subject (garment id, mask kind, outfit id). uploads: sha256 hex of the photos used."""

    method: Method
    subject: str
    name: str
    uploads: tuple[str, ...]
    inputs: tuple[Input, ...]

    def canonical(self) -> str:
        """Equal to canonical_json(self.facts()), but ten times as fast: a plan hashes a million of these.
        No escaping is needed, since ids, names and digests are plain ASCII by rule."""
        head, name, middle, uploads, tail = self.method.frame
        made = ",".join([f'["{i.key}",{i.generation}]' for i in self.inputs])
        photos = ",".join([f'"{digest}"' for digest in self.uploads])
        return f"{head}{made}{name}{self.name}{middle}{self.subject}{uploads}{photos}{tail}"

    def facts(self) -> dict[str, object]:
        return {
            "engines": dict(self.method.engines),
            "inputs": [[i.key, i.generation] for i in self.inputs],
            "name": self.name,
            "parameters": dict(self.method.parameters),
            "seed": self.method.seed,
            "stage": self.method.stage.value,
            "subject": self.subject,
            "uploads": list(self.uploads),
            "version": self.method.version,
        }

    @property
    def key(self) -> str:
        return sha256(self.canonical().encode("ascii")).hexdigest()
