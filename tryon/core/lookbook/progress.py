"""The work that is under way: who does it, what it cost so far, and what is left."""

from __future__ import annotations

from tryon.core.lookbook.views import Progress
from tryon.core.pipeline import Pipeline


def progress(pipeline: Pipeline) -> Progress:
    raise NotImplementedError
