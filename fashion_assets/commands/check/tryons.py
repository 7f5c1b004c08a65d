"""Requests of the try-on service's clients."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from fashion_assets.commands.check import Plan
from fashion_assets.commands.check.asking import Door, Wrong
from fashion_assets.commands.check.forms import Answered, Form, expect
from tryon.core.errors import ImageRejected
from tryon.core.images import decode

LARGEST = (768, 1024)
"""Pixels that an answer may be wide and high."""


def plan(person: bytes, garments: Mapping[str, bytes], steps: int, many: int, quick: bool) -> Plan:
    """garments: cloth_type -> photo; the first one is worn by many. The service takes one at a time, so many are asked
    one after the other."""
    asks = [Ask(person, garment, kind, steps) for kind, garment in garments.items()]
    rest = [Form(f"1 image, {ask.kind}", [ask]) for ask in asks]
    if many:
        rest.append(Form(f"{many} images", asks[:1] * many))
    return Plan("tryon", Form("health", [health]), rest, quick)


def health(door: Door) -> Answered:
    """503 while models load; that is waited for."""
    reply = door.get("/health")
    facts = reply.json()
    expect(facts.get("status") == "healthy", f"status is {facts.get('status')!r}, not 'healthy'")
    return Answered(reply.took, "healthy", pictures=0)


@dataclass(frozen=True)
class Ask:
    person: bytes
    garment: bytes
    kind: str
    steps: int

    def __call__(self, door: Door) -> Answered:
        files = [
            ("person_image", ("person.jpg", self.person, "image/jpeg")),
            ("cloth_image", ("cloth.jpg", self.garment, "image/jpeg")),
        ]
        fields = {"cloth_type": self.kind, "num_inference_steps": str(self.steps), "seed": "42"}
        reply = door.upload("/api/try-on", files, fields)
        facts = reply.json()
        expect(facts.get("success") is True, f"success is {facts.get('success')!r}")
        width, height = _size(facts.get("imageBase64"))
        fits = width <= LARGEST[0] and height <= LARGEST[1]
        expect(fits, f"the picture has {width}x{height} pixels, more than {LARGEST[0]}x{LARGEST[1]}")
        return Answered(reply.took, f"{width}x{height}")


def _size(text: object) -> tuple[int, int]:
    """Width and height of a PNG in bare base64."""
    try:
        photo = decode(base64.b64decode(str(text), validate=True))
    except (binascii.Error, ImageRejected) as error:
        raise Wrong(f"imageBase64 is no picture: {error}") from None
    expect(photo.format == "PNG", f"the picture is {photo.format}, not PNG")
    height, width = photo.pixels.shape[:2]
    return width, height
