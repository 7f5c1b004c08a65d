"""What the shop's app keeps about a user beside the photo: consent, and where the photo is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Profile:
    """sidecar: the consent as JSON ({"consent": {"version", "at"}}), None without one; tryon.core.uploads reads it.
    image_url: `userImageUrl`, where the photo lies when it is not in the bucket; empty without one."""

    sidecar: bytes | None = None
    image_url: str = ""


class Profiles(Protocol):
    """Profiles by user id, in the users' documents. Every method raises StoreError rather than give an empty answer
    when they cannot be read: that would look like everybody's withdrawal."""

    def all(self) -> Mapping[str, Profile]:
        """Also of ids that break our rule, so that they are named."""
        ...

    def one(self, user_id: str) -> Profile | None: ...

    def delete(self, user_id: str) -> bool:
        """Consent and address; False when there was none. Durable on return: nothing of the user is imported again."""
        ...
