"""Requests of the mask service's clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from fashion_assets.commands.check import Plan
from fashion_assets.commands.check.asking import Door
from fashion_assets.commands.check.forms import Answered, Form, expect

KINDS = ("upper", "lower", "overall", "full_body", "face")
MOST = 64
"""Photos of one batch."""


def plan(urls: Sequence[str], many: int, quick: bool) -> Plan:
    """many: photos in all, in batches of 64."""
    rest = []
    if urls:
        every = {"kinds": list(KINDS), "size": "768x1024", "format": "webp"}
        rest = [
            Form("1 image", [One(urls[0])]),
            Form("every kind, 768x1024, webp", [One(urls[-1], every, KINDS)]),
        ]
        wanted = list(islice(cycle(urls), many))
        batches = [wanted[at : at + MOST] for at in range(0, many, MOST)]
        rest += [Form(f"{many} images", [Batch(batch) for batch in batches])] if many else []
    return Plan("masks", Form("health", [health]), rest, quick)


def health(door: Door) -> Answered:
    reply = door.get("/health")
    facts = reply.json()
    expect(facts.get("status") == "healthy", f"status is {facts.get('status')!r}, not 'healthy'")
    return Answered(reply.took, "healthy", pictures=0)


@dataclass(frozen=True)
class One:
    """options: kinds, size and format. kinds: which masks must come."""

    url: str
    options: Mapping[str, object] | None = None
    kinds: Sequence[str] = ("upper", "lower")

    def __call__(self, door: Door) -> Answered:
        reply = door.post("/", {"user_image_url": self.url, **(self.options or {})})
        facts = reply.json()
        wrong = _fault(facts, self.kinds)
        expect(wrong is None, wrong or "")
        return Answered(reply.took, f"masks: {', '.join(facts['masks'])}")


@dataclass(frozen=True)
class Batch:
    """One failure in it never fails the others."""

    urls: Sequence[str]

    def __call__(self, door: Door) -> Answered:
        reply = door.post("/batch", {"user_image_urls": list(self.urls)})
        results = reply.json().get("results")
        whole = isinstance(results, list) and len(results) == len(self.urls)
        expect(whole, f"the answer has not one result for each of {len(self.urls)} photos")
        faults = [_fault(result, ("upper", "lower")) for result in results]
        failures = tuple(fault for fault in faults if fault)
        return Answered(reply.took, f"{len(results) - len(failures)} photos", len(results), failures)


def _fault(facts: object, kinds: Sequence[str]) -> str | None:
    """What is wrong with one result."""
    if not isinstance(facts, dict):
        return f"a result is no object: {facts}"
    if facts.get("status") != "success":
        error = facts.get("error")
        return str(error.get("message") if isinstance(error, dict) else facts)
    masks = facts.get("masks")
    missing = [kind for kind in kinds if not isinstance(masks, dict) or not masks.get(kind)]
    return f"there is no mask {', '.join(missing)}" if missing else None
