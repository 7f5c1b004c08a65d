"""A throw-away data folder with made-up uploads, null engines and a real Dagster instance on SQLite."""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.null_engines import null_stages
from bench.uploads import write_catalogue
from fashion_assets.operate import Operator, open_instance
from tryon.core.events import EventKind, LogEvent
from tryon.core.pipeline import Pipeline
from tryon.settings import Settings
from tryon.wiring import build


class Meter:
    """A console that counts engine passes instead of printing."""

    def __init__(self) -> None:
        self.engine_calls = 0

    def __call__(self, event: LogEvent) -> None:
        ended = event.event in (EventKind.FINISHED, EventKind.REFUSED)
        self.engine_calls += bool(ended and event.duration_ms and event.recipe)


class Arena:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.meter = Meter()
        self.pipeline: Pipeline = build(Settings(data=folder), self.meter, null_stages)
        self.operator = Operator(self.pipeline, open_instance(folder))

    @property
    def uploads(self) -> Path:
        return self.folder / "uploads"


@contextmanager
def arena(users: int, tops: int, bottoms: int) -> Iterator[Arena]:
    with tempfile.TemporaryDirectory(prefix="fashion-bench-") as folder:
        write_catalogue(Path(folder) / "uploads", users, tops, bottoms)
        yield Arena(Path(folder))


def peak_rss_mb() -> float:
    """Of this process, in MiB (Linux reports KiB)."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
