"""data.json of one user: what existing apps read (their photo, garments, masks, and the try-on request to send)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tryon.core.ports import Blobs, Records, Uploads
from tryon.core.records import Record
from tryon.core.uploads import UploadKind
from tryon.core.wanted import Product, Shelf
from tryon.core.words import Category, MaskKind, Refused

REQUEST_FIELDS: Mapping[str, object] = {"num_inference_steps": 50, "guidance_scale": 2.5, "seed": 42}
"""The try-on service's own defaults, spelled out so that an app can change them."""


UNTIL = "urlsUntil"

Url = Callable[[str], str]
"""The address of a blob, by its path."""


class Shown(str):
    """In place of an address: what it has to show. Addresses end with the path of their blob, behind # if need be."""


@dataclass(frozen=True, slots=True)
class DataJson:
    """The document, by parts. `facts` gives it in the names that apps read.

    urls_until: RFC 3339, when its addresses stop to work; empty where they do not.
    """

    photo_url: str
    tops: list[dict[str, str]]
    bottoms: list[dict[str, str]]
    request: dict[str, object]
    mask: dict[str, str]
    urls_until: str = ""

    def facts(self) -> dict[str, object]:
        return {
            "userImageUrl": self.photo_url,
            "tops": self.tops,
            "bottoms": self.bottoms,
            "apiRequest": self.request,
            "Mask": self.mask,
            **({UNTIL: self.urls_until} if self.urls_until else {}),
        }


@dataclass(frozen=True)
class Exporter:
    """tryon_url: the try-on service an app should call. url_seconds: how long the stores' addresses work; None: as long
    as what they show is there. now: RFC 3339 UTC, as the journal writes it."""

    uploads: Uploads
    blobs: Blobs
    records: Records
    tryon_url: str
    url_seconds: int | None
    now: Callable[[], str]

    def document(self, shelf: Shelf) -> DataJson:
        """A refused mask is part of the document; a refused garment is left out."""
        until = "" if self.url_seconds is None else (self._now() + self._lasting).isoformat()
        return self._filled(shelf, self.uploads.url(UploadKind.USER, shelf.user.id), self.blobs.url, until)

    def wanted(self, shelf: Shelf) -> DataJson:
        """The same, with `Shown` for addresses that work for a while only: each of those costs a call."""
        return self.document(shelf) if self.url_seconds is None else self._filled(shelf, Shown(), Shown, "")

    def is_current(self, found: Mapping[str, object] | None, wanted: DataJson) -> bool:
        """Whether a stored document says what is wanted, in addresses that work for half of their time yet."""
        if found is None or self.url_seconds is None:
            return found == wanted.facts()
        until = str(found.get(UNTIL, ""))
        if not until or datetime.fromisoformat(until) - self._now() < self._lasting / 2:
            return False
        return _agree({name: value for name, value in found.items() if name != UNTIL}, wanted.facts())

    def _now(self) -> datetime:
        return datetime.fromisoformat(self.now())

    @property
    def _lasting(self) -> timedelta:
        return timedelta(seconds=self.url_seconds or 0)

    def _filled(self, shelf: Shelf, photo_url: str, url: Url, urls_until: str) -> DataJson:
        return DataJson(
            photo_url,
            self._garments(shelf, Category.TOPS, url),
            self._garments(shelf, Category.BOTTOMS, url),
            {
                "url": self.tryon_url,
                "method": "POST",
                "fields": {"person_image": photo_url, **REQUEST_FIELDS},
            },
            self._masks(shelf, url),
            urls_until,
        )

    def _garments(self, shelf: Shelf, category: Category, url: Url) -> list[dict[str, str]]:
        crops = [crop for item in shelf.wanted.items for crop in shelf.wanted.crops(item)]
        return [
            {
                "id": record.name,
                "name": record.item or "",
                "imageUrl": url(record.path),
                "category": category,
            }
            for record in self._verdicts(crops)
            if record.name.endswith(f".{category}") and not isinstance(record.result, Refused)
        ]

    def _masks(self, shelf: Shelf, url: Url) -> dict[str, str]:
        records = self._verdicts([shelf.masks[MaskKind.UPPER], shelf.masks[MaskKind.LOWER]])
        if len(records) < 2:
            return {"Status": "missing"}
        for record in records:
            if isinstance(record.result, Refused):
                return {"Status": "refused", "Reason": record.result.message}
        upper, lower = (url(record.path) for record in records)
        return {"Status": "success", "Upper mask URL": upper, "Lower mask URL": lower}

    def _verdicts(self, products: Sequence[Product]) -> list[Record]:
        found = self.records.find([product.input for product in products])
        return [found[product.input] for product in products if product.input in found]


def _agree(found: object, wanted: object) -> bool:
    if isinstance(wanted, Shown):
        return isinstance(found, str) and found.endswith(wanted)
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return found.keys() == wanted.keys() and all(_agree(found[name], wanted[name]) for name in wanted)
    if isinstance(wanted, list) and isinstance(found, list):
        return len(found) == len(wanted) and all(map(_agree, found, wanted))
    return found == wanted
