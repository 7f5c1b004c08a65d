"""`fashion doctor`: everything the pipeline stands on, one line each, with what to do where it fails."""

from __future__ import annotations

import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version

from rich.markup import escape

from fashion_assets.commands import opening, screens
from fashion_assets.commands.terminal import INCOMPLETE, OK, Terminal
from tryon.core.errors import FashionError, StoreError
from tryon.core.pipeline import Pipeline
from tryon.core.ply import read_ply
from tryon.core.recipes import Stage
from tryon.core.records import BlobFacts, Record
from tryon.core.stored import REPAIR, read_verified
from tryon.settings import Settings
from tryon.stores.disk import nearest

MOST_READ = 2000
"""Stored files that are read and hashed: some seconds."""

NOT_YET = "not there yet; it is made at first use"
ENOUGH_BYTES = 2 * 1024**3
"""A user's outfits of a 300-item catalogue take about 1 GB; SQLite and Dagster need room beside them."""


class Unwell(Exception):
    """A check failed. advice: what to do."""

    def __init__(self, detail: str, advice: str) -> None:
        super().__init__(detail)
        self.advice = advice


@dataclass(frozen=True)
class Finding:
    check: str
    ok: bool
    detail: str
    advice: str = ""


Check = Callable[[Settings], str]
"""Says what it found, or raises: Unwell, or whatever broke."""


def doctor(terminal: Terminal) -> int:
    settings = terminal.settings
    findings = [_examine(name, check, settings) for name, check in CHECKS.items()]
    well = all(finding.ok for finding in findings)
    terminal.answer({"ok": well, "checks": [asdict(finding) for finding in findings]}, _screen(findings))
    return OK if well else INCOMPLETE


def _examine(name: str, check: Check, settings: Settings) -> Finding:
    try:
        return Finding(name, True, check(settings))
    except Unwell as error:
        return Finding(name, False, str(error), error.advice)
    except Exception as error:  # noqa: BLE001 - whatever breaks a check is its finding
        advice = "" if isinstance(error, FashionError) else "see docs/troubleshooting.md"
        return Finding(name, False, f"{type(error).__name__}: {error}", advice)


def _screen(findings: list[Finding]) -> screens.Screen:
    found = screens.table("Doctor", "", "check", "found", "what to do")
    for finding in findings:
        state = "[green]ok[/]" if finding.ok else "[bold red]fail[/]"
        found.add_row(state, finding.check, escape(finding.detail), escape(finding.advice))
    return found


def _python(settings: Settings) -> str:
    """pip refuses a Python that is too old, so this only tells which one runs."""
    found = ".".join(map(str, sys.version_info[:3]))

    return f"Python {found}"


def _dagster(settings: Settings) -> str:
    found = version("dagster")
    if not found.startswith("1.13."):
        raise Unwell(f"dagster {found}", "install dagster 1.13 (pip install -e .)")
    return f"dagster {found}"


def _writable(settings: Settings) -> str:
    place = nearest(settings.data)
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"x")
    except OSError as error:
        raise Unwell(
            f"{place}: {error.strerror}", "give this user write permission, or name --data"
        ) from None
    return f"{settings.data} is writable" if place == settings.data else f"{settings.data} will be made"


def _space(settings: Settings) -> str:
    free = shutil.disk_usage(nearest(settings.data)).free
    if free < ENOUGH_BYTES:
        raise Unwell(f"{free / 1e9:.1f} GB free", "free some disk space, or name another --data")
    return f"{free / 1e9:.1f} GB free"


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
    if not settings.data.exists():
        return NOT_YET
    accepted, rejected = opening.open_pipeline(settings).uploads.list()
    if rejected:
        reasons = "; ".join(f"{upload.kind} {upload.id}: {upload.reason}" for upload in rejected)
        raise Unwell(f"{len(rejected)} not accepted: {reasons}", "correct or remove these files in uploads/")
    return f"{len(accepted)} accepted, none rejected"


def _weights(settings: Settings) -> str:
    from tryon.engines.studio_parser import WEIGHTS, read_weights

    if not WEIGHTS.with_suffix(".json").exists():
        raise Unwell(
            f"{WEIGHTS.name} has no .json with its sha256",
            "restore tryon/engines/weights from the repository",
        )
    return f"{WEIGHTS.name}, {len(read_weights(WEIGHTS)) / 1e6:.2f} MB, sha256 as committed"


def _dagster_home(settings: Settings) -> str:
    if not settings.data.exists():
        return NOT_YET
    from fashion_assets.operate import open_instance

    with open_instance(settings.data) as instance:
        return f"{settings.data / 'dagster'}, {instance.get_runs_count()} runs"


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
    "python": _python,
    "dagster": _dagster,
    "data folder": _writable,
    "disk space": _space,
    "database": _database,
    "uploads": _uploads,
    "engine weights": _weights,
    "dagster home": _dagster_home,
    "stored files": _stored,
    "splat": _splat,
}
