"""Settings -> the pipeline, or a worker: what tryon.profiles chose, put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from tryon.core.budget import Caps
from tryon.core.depot import Depot
from tryon.core.erasure.retention import Retention
from tryon.core.events import Journal, LogEvent, timestamp, utc_now
from tryon.core.materials import Materials
from tryon.core.metering import Costs
from tryon.core.pipeline import Pipeline, Stages
from tryon.core.ports import Blobs, Records
from tryon.core.publish import Gate
from tryon.core.spending import Budget
from tryon.core.stages.desk import Desk, Patience
from tryon.core.stages.remote_worker import RemoteWorker
from tryon.core.stages.workbench import Workbench
from tryon.core.tariff import Tariff
from tryon.core.work import Prices
from tryon.profiles.compute import open_compute
from tryon.profiles.engines import Engines, stages_of
from tryon.profiles.prices import tariff_of
from tryon.profiles.stores import name_of, open_fetcher, open_stores
from tryon.settings import Settings
from tryon.stores.archive import LocalArchive
from tryon.stores.fetch.client import Fetcher
from tryon.stores.holders import lease_holder
from tryon.stores.sqlite.database import BUSY_SECONDS
from tryon.stores.unkept import Unkept
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
    journal, costs = Journal(log, console, utc_now), Costs(tariff_of(settings))
    materials = Materials(uploads, blobs, records)
    made = stages(materials, settings) if stages else stages_of(materials, settings, records, costs.meter)
    patience = patience or _patience(settings, made)
    depot = Depot(blobs, records, journal.timestamp, costs)
    workbench = Workbench(made.by_stage(), depot, journal.timestamp, patience.retry)
    desk = Desk(
        records,
        journal,
        Gate(depot, records, journal),
        open_compute(settings, workbench, records, journal.timestamp),
        lease_holder(),
        patience,
        _budget(settings.caps, costs.tariff, records, journal, made),
    )
    return Pipeline(
        uploads,
        blobs,
        records,
        log,
        wrap("documents", stores.documents),
        made,
        desk,
        tryon_url=settings.tryon_url,
        chunk_seconds=settings.chunk_seconds,
        tariff=costs.tariff,
        pictures_url=settings.pictures_url,
        url_seconds=stores.url_seconds,
        retention=Retention(settings.retention_days, settings.erase_suspended_days, settings.guest_days),
    )


def build_worker(settings: Settings, say: Console, stages: StageMaker | None = None) -> RemoteWorker:
    """The same stages on another machine, over the same stores. say: prints a line of the log there; whoever ordered
    the work keeps it."""
    stores, costs = open_stores(settings), Costs(tariff_of(settings))
    materials = Materials(stores.uploads, stores.blobs, stores.records)
    made = (
        stages(materials, settings) if stages else stages_of(materials, settings, stores.records, costs.meter)
    )
    retry = _patience(settings, made).retry
    workbench = Workbench(made.by_stage(), Depot(stores.blobs, stores.records, _now, costs), _now, retry)
    return RemoteWorker(workbench, stores.records, say, _now, stores=name_of(settings))


@dataclass(frozen=True)
class Workshop:
    """What the services for other apps work with: the stages, for photos that are nobody's upload. blobs: where what
    they make is kept as a guest. fetcher: reads the addresses that callers name."""

    stages: Stages
    blobs: Blobs
    journal: Journal
    fetcher: Fetcher


def workshop_of(pipeline: Pipeline, settings: Settings) -> Workshop:
    """Over the same engines and stores as the pipeline: nothing is loaded twice. But what is said about a caller's
    photo is not kept."""
    analyzer = Engines(settings, Unkept()).analyzer
    stages = replace(pipeline.stages, crop=replace(pipeline.stages.crop, analyzer=analyzer))
    return Workshop(stages, pipeline.blobs, pipeline.desk.journal, open_fetcher(settings))


def _now() -> str:
    return timestamp(utc_now())


def _patience(settings: Settings, stages: Stages) -> Patience:
    """A lease lasts three times what the slowest batch should take: a living worker must not lose its work to
    another."""
    lease = max(Patience.lease_seconds, 3 * stages.slowest_batch())
    return Patience(max_failures=settings.max_failures, lease_seconds=lease)


def _budget(caps: Caps, tariff: Tariff, records: Records, journal: Journal, stages: Stages) -> Budget | None:
    """None where engine time costs nothing."""
    if tariff.free:
        return None

    def prices() -> Prices:
        return Prices(stages.prices(), records.history(), tariff)

    return Budget(records, caps, prices, journal.timestamp)


def alert_webhook(settings: Settings) -> Webhook | None:
    """Who is told of failed runs; None where nobody asked (unset, or empty as compose files write it)."""
    address = settings.alert_webhook
    return Webhook(address) if address and address.get_secret_value().strip() else None


def open_archive(settings: Settings) -> LocalArchive:
    """Receipts of erasures."""
    key = settings.receipt_key
    return LocalArchive(settings.data, key.get_secret_value() if key else "")
