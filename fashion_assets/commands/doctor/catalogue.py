"""What is in the data folder: records, uploads, stored files."""

from __future__ import annotations

import sqlite3

from fashion_assets.commands import opening
from fashion_assets.commands.doctor.finding import NOT_YET, Check, Unwell
from tryon.core.errors import StoreError
from tryon.core.pipeline import Pipeline
from tryon.core.ply import read_ply
from tryon.core.recipes import Stage
from tryon.core.records import BlobFacts, Record
from tryon.core.stored import REPAIR, read_verified
from tryon.settings import Profile, Settings

MOST_READ = 2000
"""Stored files that are read and hashed: some seconds."""


def _database(settings: Settings) -> str:
    path = settings.data / "fashion.sqlite"
    if not path.exists():
        return NOT_YET
    connection = sqlite3.connect(path, timeout=5)
    try:
        mode, sound = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "quick_check")
        )
    except sqlite3.Error as error:
        raise Unwell(f"{path}: {error}", "restore fashion.sqlite from a backup") from None
    finally:
        connection.close()
    if (mode, sound) != ("wal", "ok"):
        raise Unwell(f"journal mode {mode}, check {sound}", "restore fashion.sqlite from a backup")
    return f"opens, WAL, sound, {path.stat().st_size / 1e6:.1f} MB"


def _uploads(settings: Settings) -> str:
    if settings.profile is not Profile.PRODUCTION and not settings.data.exists():
        return NOT_YET
    accepted, rejected = opening.open_pipeline(settings).uploads.list()
    if rejected:
        reasons = "; ".join(f"{upload.kind} {upload.id}: {upload.reason}" for upload in rejected)
        advice = "correct or remove these files, or what the user's document says"
        raise Unwell(f"{len(rejected)} not accepted: {reasons}", advice)
    return f"{len(accepted)} accepted, none rejected"


def _stored(settings: Settings) -> str:
    """Every published file of every user is there; the first ones are also read and compared."""
    if not settings.data.exists():
        return NOT_YET
    pipeline = opening.open_pipeline(settings)
    records = [
        record
        for user in pipeline.records.users()
        for record in pipeline.records.of_user(user.id)
        if isinstance(record.result, BlobFacts)
    ]
    broken = [record for record in records if not pipeline.blobs.exists(record.path)]
    broken += [
        record for record in records[:MOST_READ] if record not in broken and _changed(pipeline, record)
    ]
    if broken:
        names = ", ".join(f"{record.user} {record.name}" for record in broken[:5])
        raise Unwell(f"{len(broken)} of {len(records)} are gone or changed: {names}", REPAIR)
    return f"{len(records)} are there, {min(len(records), MOST_READ)} of them read and unchanged"


def _changed(pipeline: Pipeline, record: Record) -> bool:
    try:
        read_verified(pipeline.blobs, record)
    except StoreError:
        return True
    return False


def _splat(settings: Settings) -> str:
    if not settings.data.exists():
        return NOT_YET
    pipeline = opening.open_pipeline(settings)
    record = next((r for user in pipeline.records.users() for r in _splats(pipeline, user.id)), None)
    if record is None:
        return "none is published yet"
    return f"{record.name}: {len(read_ply(read_verified(pipeline.blobs, record)))} Gaussians"


def _splats(pipeline: Pipeline, user: str) -> list[Record]:
    return [
        record
        for record in pipeline.records.of_user(user)
        if record.stage is Stage.SPLAT and isinstance(record.result, BlobFacts)
    ]


CHECKS: dict[str, Check] = {
    "database": _database,
    "uploads": _uploads,
    "stored files": _stored,
    "splat": _splat,
}

IN_THE_CLOUD: dict[str, Check] = {"uploads": _uploads}
"""Reading every stored file over the network is for `fashion audit`."""
