"""Settings -> stores, stages and everything between them; the engines are chosen in tryon.profiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from tryon.core.budget import Caps
from tryon.core.erasure.retention import Retention
from tryon.core.events import Journal, LogEvent, utc_now
from tryon.core.materials import Materials
from tryon.core.metering import Costs
from tryon.core.pipeline import Pipeline, Stages
from tryon.core.publish import Gate
from tryon.core.spending import Budget
from tryon.core.stages.desk import Desk, Patience
from tryon.core.tariff import Tariff
from tryon.core.work import Prices
from tryon.prices import tariff_of
from tryon.profiles import stages_of
from tryon.settings import Settings
from tryon.stores.archive import LocalArchive
from tryon.stores.files import FileBlobs, FileDocuments
from tryon.stores.folder_uploads import FolderUploads
from tryon.stores.sqlite.answers import SqliteAnswers
from tryon.stores.sqlite.database import BUSY_SECONDS, Database
from tryon.stores.sqlite.digests import SqliteDigests
from tryon.stores.sqlite.events import SqliteEventLog
from tryon.stores.sqlite.leases import lease_holder
from tryon.stores.sqlite.records import SqliteRecords
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
    """Everything of the local profiles: uploads folder, blob files and one SQLite file under `settings.data`.

    stages: other ones than the settings choose.
    wrap: for the checks that kill or fail at a store's calls (bench/watched.py).
    """
    database = Database(settings.data / "fashion.sqlite", busy_seconds)
    uploads = wrap("uploads", FolderUploads(settings.data / "uploads", SqliteDigests(database)))
    blobs = wrap("blobs", FileBlobs(settings.data / "blobs"))
    records, log = wrap("records", SqliteRecords(database)), wrap("log", SqliteEventLog(database))
    journal = Journal(log, console, utc_now)
    costs = Costs(tariff_of(settings))
    gate = Gate(blobs, records, journal, costs)
    materials = Materials(uploads, blobs, records)
    made = (
        stages(materials, settings)
        if stages
        else stages_of(materials, settings, SqliteAnswers(database), costs.meter)
    )
    desk = Desk(
        records,
        journal,
        gate,
        lease_holder(),
        patience or Patience(max_failures=settings.max_failures, lease_seconds=_lease_seconds(made)),
        _budget(settings.caps, costs.tariff, records, journal, made),
    )
    documents = wrap("documents", FileDocuments(settings.data / "export"))
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
        tariff=costs.tariff,
        pictures_url=settings.pictures_url,
        retention=Retention(settings.retention_days, settings.erase_suspended_days),
    )


def _lease_seconds(stages: Stages) -> float:
    """Three times what the slowest batch should take: a living worker must not lose its work to another."""
    return max(Patience.lease_seconds, 3 * stages.slowest_batch())


def _budget(
    caps: Caps, tariff: Tariff, records: SqliteRecords, journal: Journal, stages: Stages
) -> Budget | None:
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
