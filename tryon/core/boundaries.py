"""The durable boundaries: every call that changes something which outlives the process.

A process may die just before or just after any of them, so `python -m bench crash` kills it there. They are not
listed but derived: a method of a storage port is a boundary unless it is named in READS. A new method is therefore
a boundary until somebody says that it only reads.
"""

from __future__ import annotations

from collections.abc import Mapping

from tryon.core.events import EventLog
from tryon.core.ports import Archive, Blobs, Documents, Records, Uploads

PORTS: Mapping[str, type] = {
    "uploads": Uploads,
    "blobs": Blobs,
    "records": Records,
    "log": EventLog,
    "documents": Documents,
    "archive": Archive,
}
"""The storage ports, by the names under which a Pipeline holds them, or an Eraser (BESIDE)."""

BESIDE = frozenset({"archive"})
"""Ports that only an Eraser holds."""

READS: Mapping[str, frozenset[str]] = {
    "uploads": frozenset({"list", "open", "url", "files"}),
    "blobs": frozenset({"get", "exists", "list", "url", "digest", "ages", "unfinished"}),
    "records": frozenset(
        {
            *("suspended", "users", "items", "find", "standings", "of_user", "history", "owners", "leases"),
            *("attempts", "releases", "spent"),
            *("of_upload", "names", "kept", "gone", "tombstones", "erasing", "kept_keys"),
            *("answers", "answers_of"),
            *("order", "orders"),
            *("user", "some_items", "items_mark", "confirmed"),
        }
    ),
    "log": frozenset({"read", "latest", "failures", "last_ends", "ends", "keys", "count"}),
    "documents": frozenset({"read", "list"}),
    "archive": frozenset({"copies"}),
}
"""Methods that change nothing."""


def methods(port: type) -> frozenset[str]:
    """Every method a protocol asks for, those of its parents too."""
    return frozenset(name for name in dir(port) if not name.startswith("_") and callable(getattr(port, name)))


def boundaries() -> tuple[str, ...]:
    """`port.method`, sorted: "blobs.put", "records.publish" ..."""
    return tuple(
        sorted(f"{name}.{method}" for name, port in PORTS.items() for method in methods(port) - READS[name])
    )
