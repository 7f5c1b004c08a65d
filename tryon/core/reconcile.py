"""Looking at all uploads: by listing and content, so that a missed notification costs a look and never an upload."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tryon.core.erasure.retention import Retention
from tryon.core.events import EventKind, Journal, LogEvent
from tryon.core.ports import Records, Uploads
from tryon.core.uploads import Registered, Rejected, UploadKind


def reconcile(
    uploads: Uploads, records: Records, retention: Retention, journal: Journal
) -> tuple[Registered, tuple[Rejected, ...]]:
    """New uploads get their ordinal, changed photos are noted, bad ones are named, and those that were taken away
    (the photo, or the consent) are suspended."""
    listed_at = journal.timestamp()
    listed, rejected = uploads.list()
    accepted, kept_out = retention.admit(listed, records.erasing(), datetime.fromisoformat(listed_at))
    rejected = (*rejected, *kept_out)
    registered = records.register(accepted, listed_at)
    offered = {(upload.kind, upload.id) for upload in accepted}
    known = [(UploadKind.USER, user.id) for user in records.users()]
    known += [(UploadKind.ITEM, item.id) for item in records.items()]
    taken_away = [upload for upload in known if upload not in offered]
    records.suspend(taken_away, listed_at)
    journal.write(_registrations(registered, taken_away, journal.timestamp()))
    return registered, (*rejected, *_suspended(records, rejected))


def _suspended(records: Records, rejected: Iterable[Rejected]) -> list[Rejected]:
    """Known uploads whose photo is gone, besides those that the source rejects with a reason of its own."""
    told = {(refusal.kind, refusal.id) for refusal in rejected}
    gone = [upload for upload in records.suspended() if upload not in told]
    reason = "its photo is gone; nothing is made or shown from it until it is back"
    return [Rejected(kind, upload_id, reason) for kind, upload_id in gone]


def _registrations(
    registered: Registered, taken_away: Iterable[tuple[UploadKind, str]], now: str
) -> list[LogEvent]:
    """One line for each new, changed or suspended upload."""
    gone: dict[UploadKind, list[tuple[str, str]]] = {kind: [] for kind in UploadKind}
    for kind, upload_id in taken_away:
        gone[kind].append((upload_id, "suspended"))
    users = [(i, "new") for i in registered.new_users] + [(i, "changed") for i in registered.changed_users]
    items = [(i, "new") for i in registered.new_items] + [(i, "changed") for i in registered.changed_items]
    users, items = users + gone[UploadKind.USER], items + gone[UploadKind.ITEM]
    lines = [(user, None, what) for user, what in users] + [(None, item, what) for item, what in items]
    return [
        LogEvent(now, user, item, "uploads", "register", EventKind.FINISHED, "", None, 0.0, f"{what} upload")
        for user, item, what in lines
    ]
