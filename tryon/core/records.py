"""The facts that make a product visible: one record for each generation of each key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tryon.core.recipes import Input, Stage
from tryon.core.uploads import UploadRef
from tryon.core.words import Refused


class Verdict(StrEnum):
    PUBLISHED = "published"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class BlobFacts:
    """sha256: hex digest of the bytes. size: how many."""

    sha256: str
    suffix: str
    size: int


@dataclass(frozen=True, slots=True)
class Record:
    """A verdict: a blob that can be shown, or the reason why there is none.

    user: None for an item's own products. item: the item whose partition owns the product (None for masks).
    uploads: every upload it was made from; a tombstone on any of them forbids publishing.
    token: random, stable while the product stays the same; safe to show where nothing can be erased.
    seconds: engine time. facts: measured or declared values for people (count of Gaussians, focal length ...).
    """

    key: str
    generation: int
    stage: Stage
    name: str
    user: str | None
    item: str | None
    result: BlobFacts | Refused
    recipe: str
    uploads: tuple[UploadRef, ...]
    run_id: str
    published_at: str
    token: str
    seconds: float = 0.0
    cost_usd: float = 0.0
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def input(self) -> Input:
        """What names it in the recipes of what is made from it."""
        return Input(self.key, self.generation)

    @property
    def verdict(self) -> Verdict:
        return Verdict.REFUSED if isinstance(self.result, Refused) else Verdict.PUBLISHED

    @property
    def path(self) -> str:
        """Where the blob lies: results of different users never share one, so erasing one cannot touch another."""
        assert isinstance(self.result, BlobFacts), f"{self.name} was refused and has no blob"
        owner = f"users/{self.user}" if self.user is not None else f"items/{self.item}"
        return f"{owner}/{self.result.sha256}.{self.result.suffix}"


class Publication(StrEnum):
    """What became of one record at the gate."""

    WON = "won"
    LOST = "lost"
    """This generation, or a higher one, was published before: the first publish wins."""
    BURIED = "buried"
    """One of its uploads was erased or taken away while it was being made."""


@dataclass(frozen=True, slots=True)
class Lease:
    """alive: its holder may still publish, overdue or not. A dead holder's lease has lapsed."""

    key: str
    holder: str
    alive: bool


@dataclass(frozen=True, slots=True)
class History:
    """What one stage cost so far, per engine pass. passes == 0: nothing was measured yet."""

    passes: int
    seconds: float
    cost_usd: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """Engine work for a product that was spent in vain. failures: how often; reason, run_id, at: of the last time."""

    key: str
    generation: int
    stage: Stage
    name: str
    user: str | None
    item: str | None
    reason: str
    run_id: str
    at: str
    failures: int = 1

    @property
    def input(self) -> Input:
        return Input(self.key, self.generation)


@dataclass(frozen=True, slots=True)
class Placed:
    """An order as it is kept. text: the order (tryon.core.orders), JSON. keys: of its products. uploads: what they
    are made from. placed_at: RFC 3339 UTC. call: names the call on a worker; empty until it is known. delivery: JSON;
    empty until it is there."""

    id: str
    stage: Stage
    text: str
    keys: tuple[str, ...]
    uploads: tuple[UploadRef, ...]
    placed_at: str
    call: str = ""
    delivery: str = ""
