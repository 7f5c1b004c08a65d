"""Profile -> engines, stores, compute: the one place that decides what stands behind each port."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from tryon.core.events import Journal, LogEvent, utc_now
from tryon.core.materials import Materials
from tryon.core.pipeline import Pipeline, Stages
from tryon.core.publish import Gate
from tryon.core.stages.crops import CropStage
from tryon.core.stages.masks import MaskStage
from tryon.core.stages.produce import Desk, Patience
from tryon.core.stages.splats import SplatStage
from tryon.core.stages.tryons import TryonStage
from tryon.engines.declared import DeclaredAnalyzer
from tryon.engines.packshot import PackshotDetector
from tryon.engines.relief import Relief
from tryon.engines.studio_parser import StudioParser
from tryon.engines.warp.dresser import WarpDresser
from tryon.settings import Settings
from tryon.stores.files import FileBlobs, FileDocuments
from tryon.stores.folder_uploads import FolderUploads
from tryon.stores.sqlite.database import Database
from tryon.stores.sqlite.events import SqliteEventLog
from tryon.stores.sqlite.leases import lease_holder
from tryon.stores.sqlite.records import SqliteRecords

Console = Callable[[LogEvent], None]
StageMaker = Callable[[Materials, Settings], Stages]
StoreT = TypeVar("StoreT")


class Wrap(Protocol):
    """Puts something around a store before anything is built on it; `port` as in tryon.core.boundaries.PORTS."""

    def __call__(self, port: str, store: StoreT, /) -> StoreT: ...


def as_it_is(port: str, store: StoreT, /) -> StoreT:
    return store


def sample_stages(materials: Materials, settings: Settings) -> Stages:
    """CPU engines that ship with the project; models are loaded at their first use."""
    parser = StudioParser(threads=settings.threads)
    return Stages(
        crop=CropStage(materials, DeclaredAnalyzer(), PackshotDetector()),
        mask=MaskStage(materials, parser),
        tryon=TryonStage(
            materials,
            WarpDresser(threads=settings.threads),
            order=settings.order,
            quality=settings.quality,
            threads=settings.threads,
        ),
        splat=SplatStage(materials, Relief(parser.silhouettes)),
    )


def build(
    settings: Settings,
    console: Console,
    stages: StageMaker = sample_stages,
    patience: Patience | None = None,
    wrap: Wrap = as_it_is,
) -> Pipeline:
    """Everything of the local profiles: uploads folder, blob files and one SQLite file under `settings.data`.

    wrap: for the checks that kill or fail at a store's calls (bench/watched.py).
    """
    database = Database(settings.data / "fashion.sqlite")
    uploads = wrap("uploads", FolderUploads(settings.data / "uploads"))
    blobs = wrap("blobs", FileBlobs(settings.data / "blobs"))
    records, log = wrap("records", SqliteRecords(database)), wrap("log", SqliteEventLog(database))
    journal = Journal(log, console, utc_now)
    gate = Gate(blobs, records, journal, settings.usd_per_second)
    desk = Desk(records, journal, gate, lease_holder(), patience or Patience())
    made = stages(Materials(uploads, blobs, records), settings)
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
        usd_per_second=settings.usd_per_second,
    )
