"""Made-up uploads and records, and a rival process that publishes them too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from multiprocessing.synchronize import Barrier
from pathlib import Path

from tryon.core.recipes import Stage
from tryon.core.records import BlobFacts, Record
from tryon.core.uploads import Consent, ItemSidecar, Sidecar, UploadFile, UploadKind, UploadRef, UserSidecar
from tryon.core.words import Category, Refused
from tryon.stores.sqlite.database import Database
from tryon.stores.sqlite.records import SqliteRecords

ANN, TEE = UploadRef(UploadKind.USER, "ann", 1), UploadRef(UploadKind.ITEM, "tee", 2)
consent = Consent(version="2026-01", at=datetime(2026, 11, 1, 9, tzinfo=UTC))


def upload(kind: UploadKind, id: str, photo: str = "photo", worn: tuple[str, ...] = ("tops",)) -> UploadFile:
    item: Sidecar = ItemSidecar(categories=tuple(Category(category) for category in worn))
    sidecar = UserSidecar(consent=consent) if kind is UploadKind.USER else item
    return UploadFile(kind, id, sha256(f"{kind} {id} {photo}".encode()).hexdigest(), sidecar)


def record(
    key: str,
    generation: int = 1,
    *,
    stage: Stage = Stage.TRYON,
    user: str | None = "ann",
    result: BlobFacts | Refused | None = None,
    uploads: tuple[UploadRef, ...] = (ANN, TEE),
    token: str = "token",
    seconds: float = 0.5,
    cost_usd: float = 0.0,
    facts: Mapping[str, object] | None = None,
) -> Record:
    return Record(
        key=key,
        generation=generation,
        stage=stage,
        name="tee.tops",
        user=user,
        item="tee",
        result=result or BlobFacts("0a1b", "webp", 7),
        recipe="{}",
        uploads=uploads,
        run_id="run",
        published_at="2026-11-20T12:00:00.000001Z",
        token=token,
        seconds=seconds,
        cost_usd=cost_usd,
        facts=facts or {},
    )


def publish_all(database: Path, token: str, keys: list[str], start: Barrier) -> list[str]:
    """In a process of its own: publish every key, one call each; what became of them."""
    records = SqliteRecords(Database(database))
    start.wait(timeout=30)
    return [records.publish([record(key, token=token, uploads=())])[0].value for key in keys]
