"""Filling a small matrix on the real stores, step by step, without Dagster: what the batteries disturb."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tenacity import wait_none

from bench.counted import Calls, CountedStages
from bench.uploads import write_catalogue
from bench.watched import Around, watch
from tryon.core.errors import StoreError
from tryon.core.events import LogEvent
from tryon.core.pipeline import Pairs, Pipeline
from tryon.core.ports import Archive
from tryon.core.stages.desk import Patience
from tryon.core.stages.tally import Tally
from tryon.settings import Settings
from tryon.wiring import build, open_archive

PATIENCE = Patience(attempts=3, wait=wait_none(), lease_seconds=60.0, poll_seconds=0.02)
Step = Callable[[], Tally]


@dataclass(frozen=True)
class Site:
    """A data folder. batch: products of one engine batch, in every stage. values: settings besides `data`."""

    folder: Path
    batch: int = 4
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return Settings(data=self.folder, **self.values)

    @property
    def calls(self) -> Calls:
        return Calls(self.folder / "engine_calls")

    def upload(self, users: int, tops: int, bottoms: int) -> None:
        write_catalogue(self.folder / "uploads", users, tops, bottoms)

    def open(self, around: Around | None = None, patience: Patience = PATIENCE) -> Pipeline:
        """A process of its own would open it just so."""
        settings, stages = self.settings, CountedStages(self.calls, self.batch)
        patience = replace(patience, max_failures=settings.max_failures)
        if around is None:
            return build(settings, _silent, stages, patience)
        return build(settings, _silent, stages, patience, wrap=watch(around))

    def archive(self, around: Around | None = None) -> Archive:
        archive = open_archive(self.settings)
        return watch(around)("archive", archive) if around else archive


def _silent(event: LogEvent) -> None:
    """Nobody reads along."""


def steps(pipeline: Pipeline, run_id: str) -> tuple[Step, ...]:
    """In the order of `fashion pregenerate`. Each can be run by itself, any number of times."""
    return (
        lambda: _reconcile(pipeline),
        lambda: pipeline.make_crops([item.id for item in pipeline.records.items()], run_id),
        lambda: pipeline.make_masks([user.id for user in pipeline.records.users()], run_id),
        lambda: pipeline.make_singles(_pairs(pipeline), run_id),
        lambda: pipeline.make_two_piece(_pairs(pipeline), run_id),
        lambda: pipeline.make_splats(_pairs(pipeline), run_id),
        lambda: _export(pipeline, run_id),
    )


def fill(pipeline: Pipeline, run_id: str) -> Tally:
    tally = Tally()
    for step in steps(pipeline, run_id):
        tally.add(step())
    return tally


def complete(pipeline: Pipeline) -> bool:
    """Every upload is registered, every product has its verdict, and every document says so."""
    known = len(pipeline.records.users()) + len(pipeline.records.items())
    offered = len(pipeline.uploads.list()[0])
    return known == offered and pipeline.plan().nothing and not pipeline.outdated()


def _pairs(pipeline: Pipeline) -> Pairs:
    items = [item.id for item in pipeline.records.items()]
    return [(user.id, item) for user in pipeline.records.users() for item in items]


def _reconcile(pipeline: Pipeline) -> Tally:
    pipeline.reconcile()
    return Tally()


def _export(pipeline: Pipeline, run_id: str) -> Tally:
    """One failing document does not keep the others; the last failure is told."""
    failure: Exception | None = None
    for user in pipeline.records.users():
        try:
            pipeline.export(user.id, run_id)
        except (StoreError, OSError) as error:
            failure = error
    if failure:
        raise failure
    return Tally()


def owners(pipeline: Pipeline) -> Iterator[str | None]:
    """Whose products there are: the catalogue's (None) and each user's."""
    yield None
    yield from (user.id for user in pipeline.records.users())
