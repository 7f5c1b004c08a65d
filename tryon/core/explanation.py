"""The answer to `why`: one outfit's verdict, what it is made from, and what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tryon.core.events import LogEvent
from tryon.core.records import BlobFacts, Record
from tryon.core.wanted import Product
from tryon.core.words import Refused


class Cause(StrEnum):
    PUBLISHED = "published"
    DAMAGED = "damaged"
    """It was published, but its stored file is gone or changed; nobody can be shown it."""
    REFUSED = "refused"
    INPUT_REFUSED = "input_refused"
    """What it is made from was refused, so it will be refused as well."""
    FAILED = "failed"
    """Infrastructure gave up the last time; there is no verdict."""
    STALE = "stale"
    """An older image exists, but it was made from something that changed since."""
    INPUT_MISSING = "input_missing"
    NOT_MADE = "not_made"


@dataclass(frozen=True)
class Made:
    """A product and its verdict, None while there is none. failure: then, what went wrong the last time, if it did."""

    product: Product
    record: Record | None
    failure: LogEvent | None = None

    @property
    def verdict(self) -> str:
        return self.record.verdict.value if self.record else "missing"

    @property
    def reason(self) -> str:
        result = self.record.result if self.record else None
        return result.message if isinstance(result, Refused) else ""

    def facts(self) -> dict[str, object]:
        return {
            "stage": self.product.stage.value,
            "name": self.product.name,
            "key": self.product.key,
            "generation": self.product.generation,
            "verdict": self.verdict,
            "reason": self.reason,
            "failure": _failure_facts(self.failure),
        }


@dataclass(frozen=True)
class Stale:
    """record: the older result. differences: what changed since, root causes first."""

    record: Record
    differences: list[str]


@dataclass(frozen=True)
class Explanation:
    """inputs: everything the image is made from, first things first. splat: None when the outfit gets none.
    events: (position, event) of the wanted key, oldest first."""

    cause: Cause
    reason: str
    look: Made
    inputs: list[Made]
    stale: Stale | None
    splat: Made | None
    events: list[tuple[int, LogEvent]]

    def facts(self) -> dict[str, object]:
        product = self.look.product
        assert product.user, "a try-on belongs to a user"
        assert product.item, "a try-on belongs to an item"
        return {
            "user": product.user.id,
            "outfit": product.name,
            **self.look.facts(),
            "cause": self.cause.value,
            "reason": self.reason,
            "owner": {"user": product.user.id, "item": product.item.id},
            "recipe": product.recipe.facts(),
            "inputs": [made.facts() for made in self.inputs],
            "record": _record_facts(self.look.record),
            "stale": _stale_facts(self.stale),
            "splat": {**self.splat.facts(), "record": _record_facts(self.splat.record)}
            if self.splat
            else None,
            "events": [{"position": position, **event.facts()} for position, event in self.events],
        }


def _record_facts(record: Record | None) -> Mapping[str, object] | None:
    if record is None:
        return None
    facts: dict[str, object] = {
        "run_id": record.run_id,
        "published_at": record.published_at,
        "seconds": record.seconds,
        "cost_usd": record.cost_usd,
        "facts": dict(record.facts),
    }
    if isinstance(record.result, BlobFacts):
        facts |= {"blob": record.path, "sha256": record.result.sha256, "bytes": record.result.size}
    return facts


def _failure_facts(failure: LogEvent | None) -> dict[str, object] | None:
    if failure is None:
        return None
    return {"at": failure.timestamp, "run_id": failure.run_id, "message": failure.message}


def _stale_facts(stale: Stale | None) -> dict[str, object] | None:
    if stale is None:
        return None
    return {
        "key": stale.record.key,
        "published_at": stale.record.published_at,
        "differences": stale.differences,
    }
