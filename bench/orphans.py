"""What the audit leaves behind, counted on the disk and not by the audit itself."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec

from bench.filling import Site
from bench.truth import unnamed_files
from tryon.core.events import utc_now
from tryon.core.pipeline import Pipeline

AUDIT = "tryon.core.audit"


def orphans_after_audit(site: Site, pipeline: Pipeline) -> int | None:
    """None while this version of the project has no audit."""
    if find_spec(AUDIT) is None:
        return None
    import_module(AUDIT).audit(pipeline, utc_now(), timedelta(0), repair=True)
    return len(unnamed_files(site, pipeline))
