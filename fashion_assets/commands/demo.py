"""`fashion demo`: the sample catalogue, every outfit of it, a contact sheet, and the result in numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

from fashion_assets.commands import opening, pregenerate, screens
from fashion_assets.commands.sheet import draw
from fashion_assets.commands.terminal import Terminal
from fashion_assets.commands.uploads import store
from tryon.core.uploads import UploadKind
from tryon.stores.folder_uploads import FOLDERS


def demo(terminal: Terminal, report: Path | None, users: int | None) -> int:
    opening.for_folders_only(terminal.settings, "demo", "leave FASHION_PROFILE out to try it")
    data = terminal.settings.data
    added = add_samples(data / "uploads", users)
    if added:
        terminal.notes.print(f"{added} sample photos are copied into {data / 'uploads'}")
    result = pregenerate.run(terminal)
    sheet = draw(result.pipeline, data / "contact_sheet.jpg")
    facts = _facts(result, sheet)
    for path in filter(None, (data / "demo.json", report)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(facts, indent=2) + "\n")
    terminal.answer(
        facts,
        screens.work_done(result.facts()),
        screens.facts_table("Demo", {name.replace("_", " "): value for name, value in facts.items()}),
        screens.refusals(result.coverage),
        *pregenerate.problems(result, terminal.settings),
        _next(result),
    )
    return result.code


def add_samples(uploads: Path, users: int | None) -> int:
    """Copy what is not there yet, leaving a changed photo alone. Returns how many were added."""
    added = 0
    with as_file(files("studio") / "catalogue" / "uploads") as samples:
        for kind, photo in _samples(samples, users):
            if not any((uploads / FOLDERS[kind]).glob(f"{photo.stem}.*")):
                sidecar = json.loads(photo.with_suffix(".json").read_text())
                store(uploads, kind, photo.stem, photo.read_bytes(), sidecar, replace=False)
                added += 1
    return added


def _samples(samples: Path, users: int | None) -> Iterator[tuple[UploadKind, Path]]:
    limits = {UploadKind.USER: users, UploadKind.ITEM: None}
    for kind, folder in FOLDERS.items():
        photos = sorted(path for path in (samples / folder).iterdir() if path.suffix != ".json")
        yield from ((kind, photo) for photo in photos[: limits[kind]])


def _facts(result: pregenerate.Result, sheet: Path) -> dict[str, object]:
    coverage, pipeline = result.coverage, result.pipeline
    return {
        "users": len(coverage.users),
        "items": len(pipeline.records.items()),
        "garments": coverage.crops.published,
        "outfits": coverage.tryons.wanted,
        "published": coverage.tryons.published,
        "refused": coverage.tryons.refused,
        "splats": coverage.splats.published,
        "engine_calls": result.engine_calls,
        "seconds": round(result.seconds, 3),
        "contact_sheet": str(sheet),
    }


def _next(result: pregenerate.Result) -> screens.Screen:
    user = result.coverage.users[0].user
    outfits = [outfit.id for outfit in result.pipeline.wanted().matrix.outfits() if outfit.is_look]
    steps = {
        "make ui": "the same work as Dagster assets, partitions and runs",
        f"fashion why {user} {outfits[-1]}": "everything about one image",
        "fashion status": "coverage of each user, and what was refused",
        "fashion logs --follow": "every step as it happens",
    }
    return screens.facts_table("Next", steps)
