"""The last steps of one person's log; the page's script adds new ones as they happen."""

from __future__ import annotations

from tryon.core.lookbook import log_page
from tryon.core.pipeline import Pipeline
from tryon.services.lookbook.pages import links

SHOWN = 100


def logs_page(pipeline: Pipeline, user: str) -> dict[str, object]:
    found = log_page(pipeline, user, limit=SHOWN)
    stream = links.stream(user, found.next)
    return {"here": "people", "user": user, "events": found.events[::-1], "stream": stream}
