"""What people give us: one photo a user, one product photo an item, each with its sidecar.

`UploadFile` is what a source lists; `User` and `Item` are the same after Records gave them an ordinal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import (
    BaseModel,
    ConfigDict,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from tryon.core.errors import InvalidSidecar
from tryon.core.words import Category

CLOCKS_DIFFER = timedelta(hours=1)
"""How far a consent's time may lie ahead: the clock that wrote it may not be ours."""


class UploadKind(StrEnum):
    USER = "user"
    ITEM = "item"


class Consent(BaseModel):
    """What the person agreed to, and when. Without it a photo is not processed."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    at: datetime

    @field_validator("at")
    @classmethod
    def _given_before_now(cls, value: datetime, info: ValidationInfo) -> datetime:
        if value.tzinfo is None:
            raise ValueError("needs a time zone, as in 2026-11-01T09:00:00Z")
        now = (info.context or {}).get("now")
        if now is not None and value > now + CLOCKS_DIFFER:
            raise ValueError("lies in the future")
        return value


class UserSidecar(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    consent: Consent


class ItemSidecar(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    categories: tuple[Category, ...]

    @field_validator("categories")
    @classmethod
    def _some_and_distinct(cls, value: tuple[Category, ...]) -> tuple[Category, ...]:
        if not value or len(set(value)) != len(value):
            raise ValueError("needs one or more different categories")
        return value


Sidecar = UserSidecar | ItemSidecar


def read_sidecar(kind: UploadKind, upload_id: str, text: str | bytes, now: datetime | None = None) -> Sidecar:
    """Parse the JSON next to an upload. Raises InvalidSidecar naming the field that is wrong.

    now: with it, a consent that lies in the future is refused.
    """
    model: type[UserSidecar] | type[ItemSidecar] = UserSidecar if kind is UploadKind.USER else ItemSidecar
    try:
        return model.model_validate_json(text, context={"now": now})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InvalidSidecar(f"sidecar of {kind} {upload_id!r}: {where}: {first['msg']}") from None


@dataclass(frozen=True, slots=True)
class UploadFile:
    """One upload as a source lists it. sha256: hex digest of the photo's bytes."""

    kind: UploadKind
    id: str
    sha256: str
    sidecar: Sidecar


@dataclass(frozen=True, slots=True)
class Rejected:
    """An upload that cannot be registered: nothing of it is stored, and this says why."""

    kind: UploadKind
    id: str
    reason: str


@dataclass(frozen=True, slots=True, order=True)
class User:
    """ordinal: given once by Records; an upload after a deletion is a new user with a new one.
    shown, target: ids of the releases that shoppers see and that is made; empty before the first was confirmed.
    switched_at: when shoppers were first shown another one; empty before that."""

    ordinal: int
    id: str
    sha256: str
    consent_version: str = ""
    consent_at: str = ""
    shown: str = ""
    target: str = ""
    switched_at: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Item:
    ordinal: int
    id: str
    sha256: str
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class UploadRef:
    """Exactly one upload, told apart from a later one under the same id by its ordinal."""

    kind: UploadKind
    id: str
    ordinal: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A registered upload that has no tombstone, suspended or not.

    suspended_at: since when its source does not offer it; empty while it does. consent_at: empty for an item.
    """

    ref: UploadRef
    suspended_at: str = ""
    consent_at: str = ""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """erased_at: empty until the erasure is complete. receipt: JSON; a draft until then."""

    ref: UploadRef
    buried_at: str
    erased_at: str = ""
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """What a reconciliation changed. Ids only; `ordinals` tells where a deleted item stood."""

    new_users: tuple[str, ...] = ()
    changed_users: tuple[str, ...] = ()
    new_items: tuple[str, ...] = ()
    changed_items: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        return not (self.new_users or self.changed_users or self.new_items or self.changed_items)


def sidecar_facts(sidecar: Sidecar) -> Mapping[str, object]:
    """Plain JSON values of a sidecar, for storing."""
    return sidecar.model_dump(mode="json")
