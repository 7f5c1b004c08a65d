"""What pregeneration does now, what it cost, and what is left."""

from __future__ import annotations

from tryon.core.lookbook import Forecast, Progress, progress
from tryon.core.pipeline import Pipeline
from tryon.services.lookbook.pages import words


def running_page(pipeline: Pipeline, forecast: Forecast) -> dict[str, object]:
    found = progress(pipeline, forecast)
    done = found.published + found.refused
    return {
        "here": "running",
        "progress": found,
        "lead": _lead(found),
        "share": f"{100 * done / max(1, found.outfits):.0f} percent",
    }


def _lead(found: Progress) -> str:
    left = sum(stage.left for stage in found.stages)
    if found.running:
        passes = "engine pass" if left == 1 else "engine passes"
        return f"Pregeneration is running: {left:,} {passes} left, about {words.seconds(found.seconds_left)}."
    if left:
        return f"Nothing is running, and {left:,} engine passes are still to run."
    return "Nothing is running, and nothing is left to do."
