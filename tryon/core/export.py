"""data.json of one user: what existing apps read (their photo, garments, masks, and the try-on request to send)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tryon.core.ports import Blobs, Records
from tryon.core.records import Record
from tryon.core.wanted import Product, Shelf
from tryon.core.words import Category, MaskKind, Refused

REQUEST_FIELDS: Mapping[str, object] = {"num_inference_steps": 50, "guidance_scale": 2.5, "seed": 42}
"""The try-on service's own defaults, spelled out so that an app can change them."""


@dataclass(frozen=True, slots=True)
class DataJson:
    """The document, by parts. `facts` gives it in the names that apps read."""

    photo_url: str
    tops: list[dict[str, str]]
    bottoms: list[dict[str, str]]
    request: dict[str, object]
    mask: dict[str, str]

    def facts(self) -> dict[str, object]:
        return {
            "userImageUrl": self.photo_url,
            "tops": self.tops,
            "bottoms": self.bottoms,
            "apiRequest": self.request,
            "Mask": self.mask,
        }


@dataclass(frozen=True)
class Exporter:
    """tryon_url: the try-on service an app should call."""

    blobs: Blobs
    records: Records
    tryon_url: str

    def document(self, shelf: Shelf, photo_url: str) -> DataJson:
        """A refused mask is part of the document; a refused garment is left out."""
        return DataJson(
            photo_url,
            self._garments(shelf, Category.TOPS),
            self._garments(shelf, Category.BOTTOMS),
            {
                "url": self.tryon_url,
                "method": "POST",
                "fields": {"person_image": photo_url, **REQUEST_FIELDS},
            },
            self._masks(shelf),
        )

    def _garments(self, shelf: Shelf, category: Category) -> list[dict[str, str]]:
        crops = [crop for item in shelf.wanted.items for crop in shelf.wanted.crops(item)]
        return [
            {
                "id": record.name,
                "name": record.item or "",
                "imageUrl": self.blobs.url(record.path),
                "category": category,
            }
            for record in self._verdicts(crops)
            if record.name.endswith(f".{category}") and not isinstance(record.result, Refused)
        ]

    def _masks(self, shelf: Shelf) -> dict[str, str]:
        records = self._verdicts([shelf.masks[MaskKind.UPPER], shelf.masks[MaskKind.LOWER]])
        if len(records) < 2:
            return {"Status": "missing"}
        for record in records:
            if isinstance(record.result, Refused):
                return {"Status": "refused", "Reason": record.result.message}
        upper, lower = (self.blobs.url(record.path) for record in records)
        return {"Status": "success", "Upper mask URL": upper, "Lower mask URL": lower}

    def _verdicts(self, products: Sequence[Product]) -> list[Record]:
        found = self.records.find([product.input for product in products])
        return [found[product.input] for product in products if product.input in found]
