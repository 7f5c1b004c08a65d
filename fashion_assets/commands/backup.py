"""`fashion backup` and `restore`: a consistent copy of the data folder, and putting it back."""

from __future__ import annotations

from pathlib import Path

from fashion_assets.commands import opening, screens
from fashion_assets.commands.terminal import INCOMPLETE, OK, Terminal
from tryon.core.errors import BadInput
from tryon.stores.backup.make import make_backup
from tryon.stores.backup.manifest import Manifest, read_manifest
from tryon.stores.backup.restore import Restored, restore

_CLOUD = "schedule backups of Firestore and copies of the Supabase buckets, and restore those"


def backup(terminal: Terminal, folder: Path) -> int:
    opening.for_folders_only(terminal.settings, "backup", _CLOUD)
    data = terminal.settings.data
    journal = opening.open_known(terminal.settings).desk.journal
    made = make_backup(data, folder, journal.timestamp)
    facts = {
        "folder": str(folder),
        **_facts(made.manifest),
        "copied": made.copied,
        "kept": made.kept,
        "removed": made.removed,
    }
    terminal.answer(facts, screens.facts_table("Backup", facts))
    return OK


def restore_backup(terminal: Terminal, folder: Path, receipts: Path | None, no_receipts: bool) -> int:
    """Whoever was erased after the backup must not come back: the caller has to say where that is written."""
    opening.for_folders_only(terminal.settings, "restore", _CLOUD)
    if bool(receipts) == no_receipts:
        taken_at = read_manifest(folder).taken_at
        raise BadInput(
            f"who was erased since the backup ({taken_at})? Name the newest receipts that you have with --receipts "
            "FOLDER, or say --no-receipts if nobody was"
        )
    data = terminal.settings.data
    found = restore(folder, data, receipts)
    facts: dict[str, object] = {"folder": str(folder), "data": str(data), **_facts(found.manifest)}
    withheld = [{"kind": ref.kind.value, "id": ref.id} for ref in found.withheld]
    commands = [f"fashion erase-{ref.kind} {ref.id}" for ref in found.unfinished]
    shown = {**facts, "left out": ", ".join(f"{ref.kind} {ref.id}" for ref in found.withheld) or "nobody"}
    terminal.answer(
        {**facts, "withheld": withheld, "commands": commands},
        screens.facts_table("Restored", shown),
        _advice(found, commands),
    )
    return INCOMPLETE if commands else OK


def _facts(manifest: Manifest) -> dict[str, object]:
    return {
        "taken_at": manifest.taken_at,
        "schema": manifest.schema,
        "bytes": manifest.size,
        **manifest.counts,
    }


def _advice(found: Restored, commands: list[str]) -> str:
    if not commands:
        return "Next: [bold]fashion doctor[/], then [bold]fashion pregenerate[/]"
    return (
        "These were erased after the backup. Their files were left out and a tombstone hides them; finish with "
        + ", ".join(f"[bold]{command}[/]" for command in commands)
    )
