"""Requests of the crop service's clients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from fashion_assets.commands.check import Plan
from fashion_assets.commands.check.asking import Door
from fashion_assets.commands.check.forms import Answered, Form, expect

ITEMS = (("tops",), ("tops", "bottoms"), ("dress", "bags", "shoes"))
"""What photos show that were named without categories: the first, the second, the third."""
SAMPLES = (
    ("tee-sun", ("tops",)),
    ("set-mint", ("tops", "bottoms")),
    ("set-mint", ("tops", "bottoms", "shoes")),
)


@dataclass(frozen=True)
class Photo:
    url: str
    categories: tuple[str, ...]


def plan(photos: Sequence[Photo], many: int, at_once: int, quick: bool) -> Plan:
    """photos: with one, two and three items, as far as there are."""
    rest = [
        Form(f"{number} item{'s' if number > 1 else ''}", [Ask(photo)])
        for number, photo in enumerate(islice(cycle(photos), 3 if photos else 0), 1)
    ]
    if many:
        rest.append(Form(f"{many} images", [Ask(photo) for photo in islice(cycle(photos), many)]))
    return Plan("crops", Form("health", [health]), rest, quick, at_once)


def photos_of(given: Sequence[tuple[str, tuple[str, ...]]]) -> list[Photo]:
    return [Photo(url, named or ITEMS[n % 3]) for n, (url, named) in enumerate(given)]


def health(door: Door) -> Answered:
    reply = door.get("/")
    facts = reply.json()
    expect(facts.get("status") == "online", f"status is {facts.get('status')!r}, not 'online'")
    expect(facts.get("cropper_available") is True, "cropper_available is false; GET /debug says why")
    return Answered(reply.took, "online", pictures=0)


@dataclass(frozen=True)
class Ask:
    """One photo. An answer without a crop is a failure here: it gives the photo's own address back."""

    photo: Photo

    def __call__(self, door: Door) -> Answered:
        asked = self.photo.categories
        reply = door.post("/crop", {"imageUrl": self.photo.url, "categories": list(asked)})
        crops = _crops(reply.json())
        found = [url for url in crops if url != self.photo.url]
        expect(bool(found), f"no crop of {', '.join(asked)} in the photo")
        return Answered(reply.took, f"{len(found)} of {len(asked)} found")


def _crops(facts: object) -> list[str]:
    """One as croppedImageUrl, several as croppedImageUrls: never both."""
    named = facts if isinstance(facts, dict) else {}
    many, one = named.get("croppedImageUrls"), named.get("croppedImageUrl")
    found = many if isinstance(many, list) and one is None else [one]
    expect(all(isinstance(url, str) and url for url in found), f"the answer names no crops: {facts}")
    return [str(url) for url in found]
