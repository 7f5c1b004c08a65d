"""`fashion export`: published images and splats as files, each verified, with a manifest for every user."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fashion_assets.commands import opening, screens
from fashion_assets.commands.sog import SogCopies
from fashion_assets.commands.terminal import INCOMPLETE, OK, Terminal
from tryon.core.errors import SplatNotConverted, StoreError
from tryon.core.origins import Origin, Origins, check_origins, combined
from tryon.core.pipeline import Pipeline
from tryon.core.provenance import read_mark
from tryon.core.recipes import Stage
from tryon.core.records import BlobFacts, Record
from tryon.core.stored import read_verified
from tryon.core.uploads import UploadKind
from tryon.core.wanted import Product, Shelf
from tryon.stores.disk import named_errors, write_whole
from tryon.stores.splat_transform import SplatTransform, find_splat_transform

MANIFEST = "manifest.json"


@dataclass
class Tally:
    """files: verified copies. broken: blob path -> what is wrong with it.
    not_converted: SOG file -> why it is not there."""

    files: int = 0
    pregeneration_required: int = 0
    refused: int = 0
    broken: dict[str, str] = field(default_factory=dict)
    not_converted: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> int:
        return INCOMPLETE if self.broken or self.not_converted or self.pregeneration_required else OK


def export(terminal: Terminal, folder: Path, user: str | None, sog: bool = False) -> int:
    """sog: also as SOG files. Before anything is written it raises PackageMissing where that tool is missing, and
    NotForCommercialUse where the settings ask for commercial use and pictures may not be used so."""
    converter = find_splat_transform() if sog else None
    pipeline = opening.open_known(terminal.settings)
    pipeline.reconcile()
    users = [user] if user else [known.id for known in pipeline.records.users()]
    shelves = [pipeline.shown_shelf(one) for one in users]
    if terminal.settings.commercial:
        check_origins(origin for shelf in shelves for origin in _origins(pipeline, shelf))
    tally = Tally()
    with named_errors(folder):
        for gone in _gone(pipeline):
            _withdraw(folder / gone)
        for shelf in shelves:
            _Copier(pipeline, folder / shelf.user.id, tally, converter).run(shelf)
    facts = {"folder": str(folder), "users": users, **vars(tally)}
    shown = {**facts, "users": ", ".join(users), "broken": len(tally.broken)}
    shown["not_converted"] = len(tally.not_converted)
    terminal.answer(
        facts,
        screens.facts_table("Export", shown),
        screens.failed(tally.broken, "Broken: `fashion audit --repair`, then `fashion pregenerate`"),
        screens.failed(tally.not_converted, "No SOG file: run it again; the PLY files are complete"),
        _advice(tally),
    )
    return tally.code


def _origins(pipeline: Pipeline, shelf: Shelf) -> Iterator[Origin]:
    """Of every picture and splat that would be exported."""
    products = [product.input for product in (*shelf.every_tryon(), *shelf.every_splat())]
    records, origins = pipeline.records.find(products), Origins(pipeline.records.find)
    yield from (origins.of(record) for record in records.values() if isinstance(record.result, BlobFacts))


def _gone(pipeline: Pipeline) -> set[str]:
    """Users that were erased or suspended: nothing of an older export may stay."""
    records = pipeline.records
    known = [stone.ref for stone in records.tombstones()] + [one.ref for one in records.kept()]
    users = {ref.id for ref in known if ref.kind is UploadKind.USER}
    return users - {user.id for user in records.users()}


def _withdraw(folder: Path) -> None:
    """What our manifest lists, the manifest last; a folder with other files stays."""
    for name in (*_files_of(folder), MANIFEST):
        (folder / name).unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _advice(tally: Tally) -> str:
    missing = tally.pregeneration_required
    return (
        f"{missing} images and splats are not generated yet: [bold]fashion pregenerate[/]" if missing else ""
    )


@dataclass
class _Copier:
    """Copies what belongs to one user."""

    pipeline: Pipeline
    folder: Path
    tally: Tally
    converter: SplatTransform | None = None
    sogs: SogCopies | None = field(init=False, default=None)
    made_by: list[Origin] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.origins = Origins(self.pipeline.records.find)
        if self.converter:
            self.sogs = SogCopies(self.converter, self.folder, _sogs_of(self.folder))

    def run(self, shelf: Shelf) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        before = _files_of(self.folder)
        entries = [self._look(shelf, look) for look in shelf.every_tryon()]
        # Of all that was copied, whatever engines are chosen now.
        manifest = {"user": shelf.user.id, **combined(self.made_by).facts(), "outfits": entries}
        write_whole(self.folder / MANIFEST, json.dumps(manifest, indent=2).encode())
        for name in before - _files_of(self.folder):
            # A picture of an older export that may not be shown any more; other files are not ours.
            (self.folder / name).unlink(missing_ok=True)

    def _look(self, shelf: Shelf, look: Product) -> dict[str, object]:
        assert look.outfit, "a look is an outfit"
        splat = self._entry(shelf.splat(look)) if shelf.wanted.release.wants_splat(look.outfit) else None
        return {"outfit": look.name, **self._entry(look), "splat": splat}

    def _entry(self, product: Product) -> dict[str, object]:
        record = self.pipeline.records.find([product.input]).get(product.input)
        facts: dict[str, object] = {"recipe": product.key}
        if record is None:
            self.tally.pregeneration_required += 1
            return {**facts, "state": "pregeneration_required"}
        if not isinstance(record.result, BlobFacts):
            self.tally.refused += 1
            return {**facts, "state": "refused", "code": record.result.code, "reason": record.result.message}
        try:
            data = read_verified(self.pipeline.blobs, record)
        except StoreError as error:
            self.tally.broken[record.path] = str(error)
            return {**facts, "state": "broken", "reason": str(error)}
        return {**facts, **self._copy(product, record, record.result, data)}

    def _copy(self, product: Product, record: Record, blob: BlobFacts, data: bytes) -> Mapping[str, object]:
        name = f"{product.name}.{blob.suffix}"
        write_whole(self.folder / name, data)
        self.tally.files += 1
        origin = self.origins.of(record)
        self.made_by.append(origin)
        sog = {"sog": self._sog(record, blob, data)} if self.sogs and product.stage is Stage.SPLAT else {}
        return {
            "state": "published",
            "file": name,
            "sha256": blob.sha256,
            "bytes": blob.size,
            "generation": record.generation,
            "run_id": record.run_id,
            "published_at": record.published_at,
            **origin.facts(),
            "provenance": _provenance(product.stage, data),
            "facts": dict(record.facts),
            **sog,
        }

    def _sog(self, record: Record, blob: BlobFacts, data: bytes) -> dict[str, object]:
        assert self.sogs is not None, "asked only with a converter"
        name = f"{record.name}.sog"
        try:
            entry = self.sogs.copy(name, data, blob.sha256, int(str(record.facts["gaussians"])))
        except SplatNotConverted as error:
            self.tally.not_converted[f"{self.folder.name}/{name}"] = str(error)
            return {"state": "not_converted", "reason": str(error)}
        self.tally.files += 1
        return entry


def _provenance(stage: Stage, data: bytes) -> dict[str, str] | None:
    """The AI mark inside the image; a PLY has no place for one."""
    found = read_mark(data) if stage is Stage.TRYON else None
    return {"digital_source_type": found.source.uri, "creator_tool": found.creator_tool} if found else None


def _files_of(folder: Path) -> set[str]:
    """Names of the files that the folder's manifest lists."""
    outfits = _outfits(folder)
    entries = [entry for outfit in outfits for entry in (outfit, outfit["splat"] or {})]
    entries += _sogs_of(folder).values()
    return {entry["file"] for entry in entries if "file" in entry and "/" not in entry["file"]}


def _sogs_of(folder: Path) -> dict[str, Any]:
    """The manifest's entries of SOG files, by file name."""
    sogs = [(outfit["splat"] or {}).get("sog", {}) for outfit in _outfits(folder)]
    return {sog["file"]: sog for sog in sogs if "file" in sog}


def _outfits(folder: Path) -> list[dict[str, Any]]:
    path = folder / MANIFEST
    found: list[dict[str, Any]] = json.loads(path.read_text())["outfits"] if path.is_file() else []
    return found
