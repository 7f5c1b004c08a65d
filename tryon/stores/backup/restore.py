"""Restoring a backup into an empty data folder: all of it, compared with the manifest, or nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tryon.core.errors import BadInput, StoreDamaged
from tryon.core.uploads import UploadRef
from tryon.stores.backup.folder import copy_checked, locate, private_folder
from tryon.stores.backup.make import COPIERS, DATABASE
from tryon.stores.backup.manifest import Entry, Manifest, inside, read_manifest
from tryon.stores.backup.receipts import Erased, files_of, read_receipts
from tryon.stores.backup.snapshot import buried, living
from tryon.stores.disk import named_errors, sync_folder
from tryon.stores.sqlite.database import Database, migrations
from tryon.stores.sqlite.records import SqliteRecords

STAGING = ".restoring"


@dataclass(frozen=True)
class Restored:
    """withheld: uploads that were erased after the backup was made; no file of theirs was restored.
    unfinished: those of them whose records the database still holds, behind a tombstone."""

    manifest: Manifest
    withheld: Sequence[UploadRef]
    unfinished: Sequence[UploadRef]


def restore(source: Path, data: Path, receipts: Path | None = None) -> Restored:
    """receipts: the receipts of erasures that may be newer than the backup; its own are always read.

    Raises BadInput where something is in the way, StoreDamaged where a file is not as it was backed up; the data
    folder is then as it was.
    """
    manifest, data = read_manifest(source), data.resolve()
    _check_schema(manifest)
    _check_empty(data)
    given = read_receipts(receipts) if receipts else []
    with named_errors(data), _staged(data) as staged:
        _fill(staged, source, manifest)
        Database(staged / DATABASE).close()
        withheld, unfinished = _withhold(staged, [*given, *read_receipts(staged / "receipts")])
        _place(staged, data)
    return Restored(manifest, withheld, unfinished)


def _check_schema(manifest: Manifest) -> None:
    known = len(migrations())
    if manifest.schema > known:
        raise BadInput(
            f"the backup's database has schema {manifest.schema}, this version knows {known}; install the version "
            "that made the backup, or a newer one"
        )


def _check_empty(data: Path) -> None:
    found = sorted(path.name for path in data.iterdir() if path.name != STAGING) if data.is_dir() else []
    if found or (data.exists() and not data.is_dir()):
        names = ", ".join(found[:5]) or "it is a file"
        raise BadInput(
            f"{data} is not empty ({names}); a restore never overwrites: move that folder away, or name another "
            "with --data"
        )


@contextmanager
def _staged(data: Path) -> Iterator[Path]:
    """A folder on the same disk, gone at the end of the block; what a killed restore left there is removed first.

    A mounted data folder cannot be renamed to: then it is inside.
    """
    place = data / STAGING if os.path.ismount(data) else data.with_name(f".{data.name}{STAGING}")
    _remove(place)
    private_folder(place)
    try:
        yield place
    finally:
        _remove(place)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _fill(staged: Path, source: Path, manifest: Manifest) -> None:
    def copy(file: tuple[str, Entry]) -> None:
        name, entry = file
        try:
            sound = copy_checked(locate(source, entry), staged / inside(name), entry)
        except FileNotFoundError:
            raise _damaged(source, name, "missing") from None
        if not sound:
            raise _damaged(source, name, "changed")

    with ThreadPoolExecutor(COPIERS) as pool:
        for _ in pool.map(copy, manifest.files.items()):
            """Raises what went wrong with the first."""


def _damaged(source: Path, name: str, what: str) -> StoreDamaged:
    return StoreDamaged(
        f"the backup {source} is damaged: {name} is {what}; nothing was restored, use another backup"
    )


def _withhold(staged: Path, receipts: Sequence[Erased]) -> tuple[list[UploadRef], list[UploadRef]]:
    """Set the tombstones that the backup does not know yet, and take these uploads' files out: from the first
    moment nobody can see, list or make anything of them."""
    database = staged / DATABASE
    finished, alive = buried(database), living(database)
    news = {one.ref: one.at for one in receipts if _row(one.ref) not in finished}
    files = list(files_of(staged, news))
    withheld = [ref for ref in news if _row(ref) in alive or list(files_of(staged, [ref]))]
    for path in files:
        path.unlink()
    unfinished = [ref for ref in withheld if _row(ref) in alive]
    with closing(Database(database)) as opened:
        for ref in unfinished:
            SqliteRecords(opened).bury(ref, news[ref])
    return withheld, unfinished


def _row(ref: UploadRef) -> tuple[str, str, int]:
    return ref.kind.value, ref.id, ref.ordinal


def _place(staged: Path, data: Path) -> None:
    """In one step; into a mounted folder entry by entry, the database last."""
    for folder in (*(path for path in staged.rglob("*") if path.is_dir()), staged):
        sync_folder(folder)
    if staged.parent == data:
        for path in sorted(staged.iterdir(), key=lambda path: path.name == DATABASE):
            os.rename(path, data / path.name)
    else:
        os.rename(staged, data)
    sync_folder(data)
    sync_folder(data.parent)
