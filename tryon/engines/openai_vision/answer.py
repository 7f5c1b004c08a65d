"""What the model has to answer, as a strict JSON schema, and reading it.

Strict mode of structured outputs wants every field required and no others; what may be absent is nullable. Ranges are
left out of the schema, since not every model takes them there, and are checked when the answer is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from tryon.engines.openai_vision.failures import Malformed


class Kind(StrEnum):
    """The categories of tryon.core.words by the same names, and whatever is none of them."""

    TOPS = "tops"
    BOTTOMS = "bottoms"
    DRESS = "dress"
    SHOES = "shoes"
    BAGS = "bags"
    ACCESSORIES = "accessories"
    OTHER = "other"


class Layer(StrEnum):
    """How far from the skin it is worn; none: it is not worn over or under anything."""

    INNER = "inner"
    MID = "mid"
    OUTER = "outer"
    NONE = "none"


class Visibility(StrEnum):
    FULL = "full"
    PARTIAL = "partial"
    SLIVER = "sliver"


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SeenItem(Strict):
    """prominence: share of the photo's area that its visible part covers, 0..1. The prompt explains the rest."""

    id: int
    label: str
    category: Kind
    subtype: str
    colour: str
    pattern: str | None
    layer: Layer
    worn: bool
    visibility: Visibility
    prominence: float
    detection_phrase: str

    @field_validator("prominence")
    @classmethod
    def _share(cls, value: float) -> float:
        if not 0 <= value <= 1:
            raise ValueError("is a share, 0 to 1")
        return value

    @field_validator("label")
    @classmethod
    def _named(cls, value: str) -> str:
        if not any(letter.isalpha() for letter in value):
            raise ValueError("names nothing")
        return value


class PhotoAnswer(Strict):
    is_fashion: bool
    people: int
    items: tuple[SeenItem, ...]


def _bare(schema: Any) -> Any:
    """Without the names and docstrings that pydantic adds: those are for readers of this file."""
    if isinstance(schema, list):
        return [_bare(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    texts = {word for word in ("title", "description") if isinstance(schema.get(word), str)}
    return {word: _bare(part) for word, part in schema.items() if word not in texts}


SCHEMA: Mapping[str, Any] = _bare(PhotoAnswer.model_json_schema())


def read_answer(text: str) -> PhotoAnswer:
    """Raises Malformed naming the first field that is wrong, never what stood there."""
    try:
        return PhotoAnswer.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise Malformed(f"the model's answer does not fit its schema: {where}: {first['msg']}") from None
