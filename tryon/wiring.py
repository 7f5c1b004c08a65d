"""Settings -> stages, and everything between them and the stores. Engines are chosen in tryon.profiles, stores in
tryon.storage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from tryon.core.erasure.retention import Retention
from tryon.core.events import Journal, LogEvent, utc_now
from tryon.core.materials import Materials
from tryon.core.pipeline import Pipeline, Stages
from tryon.core.ports import Records
from tryon.core.publish import Gate
from tryon.core.spending import Budget
from tryon.core.stages.desk import Desk, Patience
from tryon.core.work import Prices
from tryon.profiles import stages_of
from tryon.settings import Settings
from tryon.storage import open_stores
from tryon.stores.archive import LocalArchive
from tryon.stores.holders import lease_holder
from tryon.stores.sqlite.database import BUSY_SECONDS
from tryon.stores.webhook import Webhook

Console = Callable[[LogEvent], None]
StageMaker = Callable[[Materials, Settings], Stages]
StoreT = TypeVar("StoreT")


class Wrap(Protocol):
    """Puts something around a store before anything is built on it; `port` as in tryon.core.boundaries.PORTS."""

    def __call__(self, port: str, store: StoreT, /) -> StoreT: ...


def as_it_is(port: str, store: StoreT, /) -> StoreT:
    return store


def build(
    settings: Settings,
    console: Console,
    stages: StageMaker | None = None,
    patience: Patience | None = None,
    busy_seconds: float = BUSY_SECONDS,
    wrap: Wrap = as_it_is,
) -> Pipeline:
    """stages: other ones than the settings choose.
    wrap: for the checks that kill or fail at a store's calls (bench/watched.py).
    """
    stores = open_stores(settings, busy_seconds)
    uploads, blobs = wrap("uploads", stores.uploads), wrap("blobs", stores.blobs)
    records, log = wrap("records", stores.records), wrap("log", stores.log)
    journal = Journal(log, console, utc_now)
    gate = Gate(blobs, records, journal, settings.usd_per_second)
    materials = Materials(uploads, blobs, records)
    made = stages(materials, settings) if stages else stages_of(materials, settings, stores.records)
    desk = Desk(
        records,
        journal,
        gate,
        lease_holder(),
        patience or Patience(max_failures=settings.max_failures, lease_seconds=_lease_seconds(made)),
        _budget(settings, records, journal, made),
    )
    documents = wrap("documents", stores.documents)
    return Pipeline(
        uploads,
        blobs,
        records,
        log,
        documents,
        made,
        desk,
        tryon_url=settings.tryon_url,
        chunk_seconds=settings.chunk_seconds,
        usd_per_second=settings.usd_per_second,
        pictures_url=settings.pictures_url,
        url_seconds=stores.url_seconds,
        retention=Retention(settings.retention_days, settings.erase_suspended_days),
    )


def _lease_seconds(stages: Stages) -> float:
    """Three times what the slowest batch should take: a living worker must not lose its work to another."""
    return max(Patience.lease_seconds, 3 * stages.slowest_batch())


def _budget(settings: Settings, records: Records, journal: Journal, stages: Stages) -> Budget | None:
    """None where engine time costs nothing."""
    if not settings.usd_per_second:
        return None

    def prices() -> Prices:
        return Prices(stages.prices(), records.history(), settings.usd_per_second)

    return Budget(records, settings.caps, prices, journal.timestamp)


def alert_webhook(settings: Settings) -> Webhook | None:
    """Who is told of failed runs; None where nobody asked (unset, or empty as compose files write it)."""
    address = settings.alert_webhook
    return Webhook(address) if address and address.get_secret_value().strip() else None


def open_archive(settings: Settings) -> LocalArchive:
    """Receipts of erasures."""
    key = settings.receipt_key
    return LocalArchive(settings.data, key.get_secret_value() if key else "")
