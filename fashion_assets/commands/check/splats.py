"""Requests of the splat service's clients."""

from __future__ import annotations

from dataclasses import dataclass

from fashion_assets.commands.check import Plan
from fashion_assets.commands.check.asking import Door, Upload
from fashion_assets.commands.check.forms import Answered, Form, expect

WIDTHS = {"positions": 3, "scales": 3, "rotations": 4, "opacities": 1, "colors": 3}
"""Numbers of each Gaussian."""
MOST = 8
"""Photos of one batch."""
LISTED = "1000"
"""Gaussians of each photo of a batch: a JSON answer grows with them."""


def plan(photo: bytes, many: int, quick: bool) -> Plan:
    """many: photos in all, in batches of 8."""
    rest = [Form("1 image, JSON", [Predict(photo)]), Form("1 image, PLY", [Ply(photo)])]
    if many:
        sizes = [min(MOST, many - at) for at in range(0, many, MOST)]
        rest.append(Form(f"{many} images", [Batch(photo, size) for size in sizes]))
    return Plan("splats", Form("health", [health]), rest, quick)


def health(door: Door) -> Answered:
    reply = door.get("/health")
    facts = reply.json()
    expect(facts.get("status") == "healthy", f"status is {facts.get('status')!r}, not 'healthy'")
    return Answered(reply.took, f"healthy, on {facts.get('device')}", pictures=0)


def _file(photo: bytes) -> Upload:
    return "file", ("look.jpg", photo, "image/jpeg")


@dataclass(frozen=True)
class Predict:
    photo: bytes

    def __call__(self, door: Door) -> Answered:
        reply = door.upload("/predict", [_file(self.photo)])
        return Answered(reply.took, _told(reply.json()))


@dataclass(frozen=True)
class Ply:
    photo: bytes

    def __call__(self, door: Door) -> Answered:
        reply = door.upload("/predict/ply", [_file(self.photo)])
        expect(reply.body.startswith(b"ply\n"), f"the answer is no PLY: {reply.body[:40]!r}")
        return Answered(reply.took, f"{len(reply.body) / 1e6:.1f} MB")


@dataclass(frozen=True)
class Batch:
    """One failure in it never fails the others."""

    photo: bytes
    size: int

    def __call__(self, door: Door) -> Answered:
        reply = door.upload("/predict/batch", [_file(self.photo)] * self.size, {"max_gaussians": LISTED})
        results = reply.json().get("results")
        whole = isinstance(results, list) and len(results) == self.size
        expect(whole, f"the answer has not one result for each of {self.size} photos")
        failures = tuple(str(result["detail"]) for result in results if "detail" in result)
        told = {_told(result) for result in results if "detail" not in result}
        return Answered(reply.took, f"{self.size} photos: {', '.join(sorted(told))}", self.size, failures)


def _told(facts: object) -> str:
    """What a result holds; raises Wrong where its lists do not fit each other."""
    named = facts if isinstance(facts, dict) else {}
    lists = {name: named.get(name) for name in WIDTHS}
    for name, values in lists.items():
        right = isinstance(values, list) and bool(values) and len(values[0]) == WIDTHS[name]
        expect(right, f"{name} are no lists of {WIDTHS[name]} numbers")
    counts = {len(values) for values in lists.values() if isinstance(values, list)}
    expect(len(counts) == 1, f"the lists have different lengths: {sorted(counts)}")
    return f"{counts.pop()} Gaussians"
