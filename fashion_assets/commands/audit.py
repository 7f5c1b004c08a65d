"""`fashion audit`: what is stored against what is recorded."""

from __future__ import annotations

from datetime import timedelta

from rich.markup import escape

from fashion_assets.commands import opening, screens
from fashion_assets.commands.terminal import INCOMPLETE, OK, Terminal
from tryon.core.auditing.audit import audit as run
from tryon.core.auditing.findings import Audit
from tryon.core.events import utc_now

_MEANINGS = {
    "records": "records looked at",
    "blobs": "stored files hashed again",
    "missing": "records whose stored file is gone",
    "mismatched": "records whose stored file changed",
    "unreadable": "stored files that cannot be read",
    "dangling": "records of erased uploads",
    "orphans": "stored files that no record names",
    "in_flight": "unnamed files that a running batch may still need",
    "guests": "results of service calls",
    "guests_due": "of these, kept for longer than FASHION_GUEST_DAYS",
    "foreign": "files in the store that are not ours",
    "strays": "temporary files of killed writers",
    "superseded": "records that nobody needs any more",
    "expired": "of these, past the grace",
    "lapsed": "leases of dead holders",
    "withdrawn": "products to make again",
    "deleted": "stored files deleted",
}


def audit(terminal: Terminal, repair: bool, grace_days: float) -> int:
    """Uploads are taken as they are registered: an audit must work, and delete nothing, while they are away."""
    pipeline = opening.open_known(terminal.settings)
    found = run(pipeline, utc_now(), timedelta(days=grace_days), repair)
    rows = {_MEANINGS[name]: count for name, count in found.counts().items()}
    terminal.answer(found.facts(), screens.facts_table("Audit", rows), _damaged(found), _next(found))
    return INCOMPLETE if found.wrong else OK


def _damaged(found: Audit) -> screens.Screen:
    if not found.damaged:
        return screens.NOTHING
    table = screens.table(f"Damaged ({len(found.damaged)})", "user", "reason")
    for one in found.damaged[: screens.SHOWN]:
        table.add_row(one.user or "-", escape(one.reason))
    more = len(found.damaged) - screens.SHOWN
    return screens.group(table, f"... and {more} more; --json lists all" if more > 0 else screens.NOTHING)


def _next(found: Audit) -> str:
    if found.unreadable:
        return "Some files cannot be read: check the disk and permissions, [bold]fashion doctor[/]."
    if found.withdrawn:
        return f"{found.withdrawn} products have to be made again: [bold]fashion pregenerate[/]"
    if found.wrong:
        return "Restore a backup, or [bold]fashion audit --repair[/]"
    return "Nothing is wrong."
