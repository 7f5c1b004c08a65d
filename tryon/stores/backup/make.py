"""Making a backup while runs go on.

The database is copied first, at one moment; then everything it names. Blobs are written before their records and
never change, so each is there, unless an audit or an erasure deleted it meanwhile: then the database is copied
anew. Uploads come after the database, so that nobody's photo is kept whose tombstone is not; receipts come last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tryon.core.errors import BadInput, StoreError
from tryon.stores.backup.folder import BackupFolder, opened
from tryon.stores.backup.manifest import Entry, Manifest
from tryon.stores.backup.snapshot import NamedBlob, take

DATABASE = "fashion.sqlite"
FOLDERS = ("uploads", "export", "receipts")
FILES = ("receipt.key",)
"""Without it the receipts in the backup could not be verified."""
"""Copied as they are, in this order."""
ATTEMPTS, COPIERS = 5, 8


class Changing(Exception):
    """Something was replaced or deleted while it was being copied."""


@dataclass(frozen=True)
class Made:
    """copied, kept, removed: files of the folder that are new, were there already, or were named no longer."""

    manifest: Manifest
    copied: int
    kept: int
    removed: int


def make_backup(data: Path, target: Path, timestamp: Callable[[], str]) -> Made:
    """Raises StoreError, with the earlier backup of the folder untouched, when a blob is missing or damaged."""
    _check_apart(data, target)
    with opened(target) as folder:
        reason = ""
        for _ in range(ATTEMPTS):
            try:
                return _attempt(data, folder, timestamp())
            except Changing as error:
                reason = str(error)
    raise StoreError(f"no backup was made: {reason}; the earlier backup in {target}, if any, is as it was")


def _attempt(data: Path, folder: BackupFolder, taken_at: str) -> Made:
    with take(data / DATABASE, folder.root) as snapshot:
        blobs = snapshot.blobs()
        files = {DATABASE: folder.store(snapshot.path), **_copy_blobs(data, folder, blobs)}
        for name in FOLDERS:
            files |= _copy_folder(data, name, folder)
        files |= {name: folder.store(data / name) for name in FILES if (data / name).is_file()}
        if snapshot.erased_since():
            raise Changing("erasures went on all the time; wait for them and run it again")
        counts = {**snapshot.counts(), "blobs": len(blobs), "files": len(files)}
        manifest = Manifest(taken_at, snapshot.schema, counts, files)
    removed = folder.finish(manifest)
    return Made(manifest, folder.copied, folder.kept, removed)


def _copy_blobs(data: Path, folder: BackupFolder, blobs: list[NamedBlob]) -> Mapping[str, Entry]:
    with ThreadPoolExecutor(COPIERS) as pool:
        there = list(pool.map(lambda blob: _copy_blob(data, folder, blob), blobs))
    lost = [blob.product for blob, copied in zip(blobs, there, strict=True) if not copied]
    if lost:
        raise Changing(
            f"{len(lost)} stored files are gone or changed ({', '.join(lost[:5])}); run `fashion doctor`, make them "
            "again with `fashion audit --repair` and `fashion pregenerate`, and run it again"
        )
    return {blob.path: blob.entry for blob in blobs}


def _copy_blob(data: Path, folder: BackupFolder, blob: NamedBlob) -> bool:
    """Whether the backup holds it now."""
    if folder.holds(blob.entry):
        return True
    try:
        return folder.store(data / blob.path) == blob.entry
    except FileNotFoundError:
        return False


def _copy_folder(data: Path, name: str, folder: BackupFolder) -> Mapping[str, Entry]:
    """All of its files as they were at one moment."""
    before = dict(_stamps(data / name))
    try:
        found = {path.relative_to(data).as_posix(): folder.store(path) for path in before}
    except FileNotFoundError:
        raise Changing(f"the files in {data / name} changed all the time; run it again") from None
    if dict(_stamps(data / name)) != before:
        raise Changing(f"the files in {data / name} changed all the time; run it again")
    return found


def _stamps(root: Path) -> Iterator[tuple[Path, tuple[int, int, int]]]:
    """Finished files, with what tells whether they were replaced. Hidden and `.part` files are unfinished."""
    for path in sorted(root.rglob("*")):
        if path.name.startswith(".") or path.suffix == ".part":
            continue
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue
        if path.is_file():
            yield path, (stat.st_mtime_ns, stat.st_size, stat.st_ino)


def _check_apart(data: Path, target: Path) -> None:
    here, there = data.resolve(), target.resolve()
    if here.is_relative_to(there) or there.is_relative_to(here):
        raise BadInput(
            f"a backup in {target} would be lost together with {data}; name a folder on another disk"
        )
