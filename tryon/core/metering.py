"""Who pays for what a service was asked about a photo: the first product that is made of it afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

from tryon.core.recipes import Input, Stage
from tryon.core.tariff import FREE, Calls, Tariff
from tryon.core.uploads import UploadRef
from tryon.core.wanted import Product

NONE = Calls()


class Meter:
    """Paid calls of this process, until they are on a bill. Threads may share it."""

    def __init__(self) -> None:
        self._open: dict[UploadRef, Calls] = {}
        self._billed: dict[Input, Calls] = {}
        self._lock = Lock()

    def count(self, upload: UploadRef, calls: Calls) -> None:
        with self._lock:
            self._open[upload] = self._open.get(upload, NONE) + calls

    def bill(self, product: Input, uploads: Sequence[UploadRef]) -> Calls:
        """What the product pays for. Asked again it answers the same: a record may be put together twice."""
        with self._lock:
            calls = sum((self._open.pop(upload, NONE) for upload in uploads), self._billed.get(product, NONE))
            if calls != NONE:
                self._billed[product] = calls
            return calls


@dataclass(frozen=True)
class Costs:
    """meter: what the analyzer of this process asked; without it a product costs its engine time."""

    tariff: Tariff = FREE
    meter: Meter = field(default_factory=Meter)

    def usd(self, product: Product, uploads: Sequence[UploadRef], seconds: float) -> float:
        """For the product's record: its engine seconds, and what was asked about its photo. What is known already
        costs nothing."""
        calls = self.meter.bill(product.input, uploads) if product.stage is Stage.CROP else NONE
        return self.tariff.usd(product.stage, seconds) + self.tariff.usd_of(calls)
