"""Profile -> engines, stores, compute: the one place that decides what stands behind each port."""

from __future__ import annotations

from collections.abc import Callable

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
) -> Pipeline:
    """Everything of the local profiles: uploads folder, blob files and one SQLite file under `settings.data`."""
    database = Database(settings.data / "fashion.sqlite")
    uploads = FolderUploads(settings.data / "uploads")
    blobs = FileBlobs(settings.data / "blobs")
    records, log = SqliteRecords(database), SqliteEventLog(database)
    journal = Journal(log, console, utc_now)
    gate = Gate(blobs, records, journal, settings.usd_per_second)
    desk = Desk(records, journal, gate, lease_holder(), patience or Patience())
    made = stages(Materials(uploads, blobs, records), settings)
    documents = FileDocuments(settings.data / "export")
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
    )
