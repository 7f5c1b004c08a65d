"""The last steps of one person's log; the page's script adds new ones as they happen."""

from __future__ import annotations

from tryon.core.lookbook import person
from tryon.core.pipeline import Pipeline
from tryon.services.lookbook.pages import links

SHOWN = 100


def logs_page(pipeline: Pipeline, user: str) -> dict[str, object]:
    person(pipeline, user)
    events = pipeline.log.latest(SHOWN, user)
    last = events[0][0] if events else 0
    return {"here": "people", "user": user, "events": events, "stream": links.stream(user, last)}
