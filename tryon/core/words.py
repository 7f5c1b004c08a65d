"""The words of the domain: ids, categories, garments, outfits, verdicts.

An item is one product photo; a garment is one crop of it (`item.category`); an outfit is what is worn
together; a look is a complete outfit. Everything here is an immutable value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from tryon.core.errors import InvalidId, UnknownOutfit

ID_RULE = "[a-z0-9][a-z0-9_-]{0,62}"
_ID = re.compile(ID_RULE)


def check_id(value: str, what: str = "id") -> str:
    """Return `value` if it is a legal user or item id.

    The rule is narrow because the id travels: Dagster silently drops partition keys with `|`, object
    stores break on other characters, and `.` and `+` separate garments inside an outfit's id.
    """
    if not _ID.fullmatch(value):
        raise InvalidId(f"{what} {value!r} does not match {ID_RULE}; rename the upload")
    return value


class Category(StrEnum):
    TOPS = "tops"
    BOTTOMS = "bottoms"
    DRESS = "dress"
    SHOES = "shoes"
    BAGS = "bags"
    ACCESSORIES = "accessories"

    @property
    def region(self) -> MaskKind | None:
        """The part of the body this garment covers; None for what is cropped but not tried on."""
        return _REGIONS.get(self)


class MaskKind(StrEnum):
    UPPER = "upper"
    LOWER = "lower"
    OVERALL = "overall"
    FULL_BODY = "full_body"
    FACE = "face"


_REGIONS = {Category.TOPS: MaskKind.UPPER, Category.BOTTOMS: MaskKind.LOWER, Category.DRESS: MaskKind.OVERALL}


class Order(StrEnum):
    """Painter's order of a two-piece outfit: which garment is drawn last, in front."""

    UNTUCKED = "untucked"
    TUCKED = "tucked"

    def layers(self, outfit: Outfit) -> tuple[Garment, ...]:
        """The outfit's garments as they are painted, back to front."""
        return outfit.garments[::-1] if self is Order.UNTUCKED else outfit.garments


@dataclass(frozen=True, order=True)
class Garment:
    item: str
    category: Category

    @cached_property
    def id(self) -> str:
        return f"{self.item}.{self.category.value}"

    @classmethod
    def parse(cls, text: str) -> Garment:
        item, dot, category = text.partition(".")
        if not dot or category not in set(Category):
            raise UnknownOutfit(f"{text!r} is not a garment id; write item.category, as in tee-sun.tops")
        return cls(check_id(item, "item id"), Category(category))


@dataclass(frozen=True)
class Outfit:
    """Garments worn together, top first: (top,), (bottom,), (dress,) or (top, bottom)."""

    garments: tuple[Garment, ...]

    def __post_init__(self) -> None:
        worn = tuple(garment.category for garment in self.garments)
        if worn not in _WEARABLE:
            raise UnknownOutfit(
                f"{self.id!r} is not an outfit; wear a top, a bottom, a dress, or a top and a bottom"
            )

    @cached_property
    def id(self) -> str:
        return "+".join(garment.id for garment in self.garments)

    @property
    def is_look(self) -> bool:
        """Complete: a dress, or a top and a bottom. Looks get a splat."""
        return len(self.garments) == 2 or self.garments[0].category is Category.DRESS

    @classmethod
    def parse(cls, text: str) -> Outfit:
        return cls(tuple(Garment.parse(part) for part in text.split("+")))


_WEARABLE = {
    (Category.TOPS,),
    (Category.BOTTOMS,),
    (Category.DRESS,),
    (Category.TOPS, Category.BOTTOMS),
}


@dataclass(frozen=True, slots=True)
class Refused:
    """The verdict that no image can truthfully be made.

    `code` is a stable word for counting; `message` is a sentence that a support team can pass on.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class EngineCard:
    """What an engine declares about itself; id and revision are part of every recipe it works for."""

    id: str
    revision: str
    licence: str
    commercial_use: bool
    deterministic: bool
    url: str = ""
    """Where its weights are published, or the terms of its service or licence."""
    parameters: Mapping[str, object] = field(default_factory=dict)
    """What decides its results beside its revision, as plain JSON values; part of every recipe too."""
    generative: bool = field(default=False, compare=False)
    """Pixels come from a trained generative model; decides which AI mark a try-on carries."""
    typical_seconds: float = field(default=1.0, compare=False)
    """Expected seconds for one call on the machine it is meant for, used until there is measured history."""
