"""How long an upload may stay: which ones are kept out, and which have to be erased."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tryon.core.uploads import Kept, Rejected, UploadFile, UploadKind, UploadRef, UserSidecar

FEW = 3
"""Uploads of one kind that may go at once without a question, however few there are."""


@dataclass(frozen=True)
class Retention:
    """consent_days: how old a consent may become; None is no limit. suspended_days: how long an upload whose
    photo or consent was taken away is kept, in case it comes back. guest_days: how long results of service calls
    are kept (tryon.core.guests)."""

    consent_days: int | None = None
    suspended_days: int = 30
    guest_days: int = 30

    def expired(self, consent_at: datetime, now: datetime) -> bool:
        return self.consent_days is not None and consent_at < now - timedelta(days=self.consent_days)

    def due(self, kept: Iterable[Kept], now: datetime) -> list[tuple[UploadKind, str]]:
        """Registered uploads that have to be erased now."""
        return [(one.ref.kind, one.ref.id) for one in kept if self._due(one, now)]

    def doubtful(self, kept: Sequence[Kept], now: datetime) -> set[tuple[UploadKind, str]]:
        """Uploads that were taken away together with more than half of their kind: so does a disk that is not
        mounted, and nobody meant to erase everybody."""
        found: set[tuple[UploadKind, str]] = set()
        for kind in UploadKind:
            mine = [one for one in kept if one.ref.kind is kind]
            away = {(kind, one.ref.id) for one in mine if one.suspended_at and self._due(one, now)}
            if len(away) > max(FEW, len(mine) // 2):
                found |= away
        return found

    def _due(self, one: Kept, now: datetime) -> bool:
        if one.consent_at and self.expired(datetime.fromisoformat(one.consent_at), now):
            return True
        if not one.suspended_at:
            return False
        return datetime.fromisoformat(one.suspended_at) < now - timedelta(days=self.suspended_days)

    def admit(
        self, accepted: Sequence[UploadFile], erasing: Iterable[UploadRef], now: datetime
    ) -> tuple[list[UploadFile], list[Rejected]]:
        """Those that may be registered, and the others with the reason."""
        going = {(upload.kind, upload.id) for upload in erasing}
        reasons = {(one.kind, one.id): self._objection(one, going, now) for one in accepted}
        kept_out = [Rejected(kind, name, why) for (kind, name), why in reasons.items() if why]
        return [one for one in accepted if not reasons[one.kind, one.id]], kept_out

    def _objection(self, upload: UploadFile, going: set[tuple[UploadKind, str]], now: datetime) -> str:
        if (upload.kind, upload.id) in going:
            return f"it is being erased; `fashion erase-{upload.kind} {upload.id}` finishes that"
        if self.lapsed(upload, now):
            return (
                f"its consent is older than {self.consent_days} days (FASHION_RETENTION_DAYS); it is erased by "
                "`fashion erase-expired`, or give a new consent with `fashion add-user --replace`"
            )
        return ""

    def lapsed(self, upload: UploadFile, now: datetime) -> bool:
        return isinstance(upload.sidecar, UserSidecar) and self.expired(upload.sidecar.consent.at, now)
