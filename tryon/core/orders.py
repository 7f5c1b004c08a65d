"""An order is one engine batch to make, and a delivery what became of it: the two texts between an orchestrator and a
worker, which may be another process on another machine. Both are JSON and name images by key: bytes never travel in
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError

from tryon.core.depot import Deposit
from tryon.core.errors import UNUSABLE, StoreUnusable, Unusable
from tryon.core.events import LogEvent
from tryon.core.recipes import Input, Stage
from tryon.core.uploads import UploadRef
from tryon.core.wanted import Product

T = TypeVar("T")


class Asked(NamedTuple):
    """uploads: every upload that the product is made from."""

    product: Product
    uploads: tuple[UploadRef, ...]


@dataclass(frozen=True)
class Order:
    """tasks: the products of each engine pass."""

    stage: Stage
    run_id: str
    tasks: tuple[tuple[Asked, ...], ...]

    @cached_property
    def id(self) -> str:
        """The same products are the same order, whoever asks for them."""
        names = [f"{made.key}:{made.generation}" for made in self.inputs]
        return sha256("\n".join([self.stage, *names]).encode()).hexdigest()[:40]

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        return tuple(asked.product.input for task in self.tasks for asked in task)

    @property
    def uploads(self) -> tuple[UploadRef, ...]:
        return tuple(dict.fromkeys(ref for task in self.tasks for asked in task for ref in asked.uploads))

    def text(self) -> str:
        """What a product is made from is named by its recipe, so its base need not go along."""
        slim = tuple(tuple(a._replace(product=a.product._replace(base=None)) for a in t) for t in self.tasks)
        return _ORDERS.dump_json(Order(self.stage, self.run_id, slim)).decode()

    @staticmethod
    def read(text: str) -> Order:
        """Raises ValueError for what another version wrote."""
        return _read(_ORDERS, text)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What became of one task: a deposit for each of its products, in order, or `failure`.

    events: how it failed; of what did not, the deposits tell. paid: an engine worked for it. seconds: how long.
    """

    deposits: tuple[Deposit, ...] = ()
    failure: str = ""
    events: tuple[LogEvent, ...] = ()
    paid: bool = False
    seconds: float = 0.0

    def told(self) -> tuple[LogEvent, ...]:
        return self.events or tuple(deposit.event for deposit in self.deposits)


@dataclass(frozen=True, slots=True)
class Delivery:
    """parcels: of each task of the order, in order; None for one that was not worked on, because work was stopped.
    seconds: all engine time, also what came to nothing. stopped: name of the error that stopped it, and its message.
    """

    parcels: tuple[Parcel | None, ...]
    seconds: float
    stopped: tuple[str, str] | None = None

    @property
    def error(self) -> Unusable | None:
        """What stopped the worker stops whoever asked too."""
        if self.stopped is None:
            return None
        name, message = self.stopped
        return UNUSABLE.get(name, StoreUnusable)(message)

    def text(self) -> str:
        return _DELIVERIES.dump_json(self).decode()

    @staticmethod
    def read(text: str) -> Delivery:
        """Raises ValueError for what another version wrote."""
        return _read(_DELIVERIES, text)


def _read(kind: TypeAdapter[T], text: str) -> T:
    """Pydantic's own words would quote the text, and reach logs with it."""
    try:
        return kind.validate_json(text)
    except ValidationError as error:
        wrong = error.error_count()
    raise ValueError(
        f"an order or its delivery is of another version ({wrong} fields differ); deploy the workers anew from the "
        "version that orders (docs/modal.md)"
    )


_ORDERS = TypeAdapter(Order)
_DELIVERIES = TypeAdapter(Delivery)
