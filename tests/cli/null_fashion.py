"""`python -m tests.cli.null_fashion ...` is `fashion` over engines that cost nothing."""

from __future__ import annotations

from collections.abc import Callable

from bench.null_engines import null_stages
from fashion_assets.cli import app
from fashion_assets.commands import opening
from tryon.core.events import LogEvent
from tryon.core.pipeline import Pipeline
from tryon.settings import Settings
from tryon.wiring import build


def open_null(settings: Settings, console: Callable[[LogEvent], None] = opening.silent) -> Pipeline:
    return build(settings, console, null_stages)


if __name__ == "__main__":
    opening.open_pipeline = open_null
    app()
