"""What the audit leaves behind, counted on the disk and not by the audit itself."""

from __future__ import annotations

from datetime import timedelta

from bench.filling import Site
from bench.truth import unnamed_files
from tryon.core.auditing.audit import audit
from tryon.core.events import utc_now
from tryon.core.pipeline import Pipeline


def orphans_after_audit(site: Site, pipeline: Pipeline) -> int:
    """The audit of the next day: what a worker might still be writing is left alone for an hour."""
    audit(pipeline, utc_now() + timedelta(days=1), timedelta(0), repair=True)
    return len(unnamed_files(site, pipeline))
