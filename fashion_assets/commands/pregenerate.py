"""`fashion pregenerate`: run what is missing, then look at what is there."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fashion_assets.commands import opening, retry, rollout, screens
from fashion_assets.commands.progress import Watch
from fashion_assets.commands.terminal import INCOMPLETE, OK, Terminal
from tryon.core.coverage import Coverage, coverage
from tryon.core.pipeline import Pipeline
from tryon.core.rollout import confirm, prepare
from tryon.settings import Settings

if TYPE_CHECKING:
    from fashion_assets.operate import Summary


@dataclass(frozen=True)
class Result:
    """engine_calls: passes of this call. seconds: on the clock."""

    pipeline: Pipeline
    summary: Summary
    coverage: Coverage
    engine_calls: int
    seconds: float

    @property
    def code(self) -> int:
        """A refusal is a verdict; what failed or has none is not."""
        return INCOMPLETE if self.summary.failed or self.coverage.open else OK

    def facts(self) -> dict[str, object]:
        return {
            "runs": self.summary.runs,
            "engine_calls": self.engine_calls,
            "seconds": round(self.seconds, 3),
            "failed": self.summary.failed,
            "rejected_uploads": screens.rejected_facts(self.summary.rejected),
            "coverage": self.coverage.facts(),
        }


def pregenerate(terminal: Terminal, force: bool) -> int:
    opening.open_known(terminal.settings)
    result = run(terminal, force)
    parts = [
        screens.totals(result.coverage),
        screens.refusals(result.coverage),
        *problems(result, terminal.settings),
    ]
    terminal.answer(result.facts(), screens.work_done(result.facts()), *parts)
    return result.code


def run(terminal: Terminal, force: bool = False) -> Result:
    """Bring every outfit to its verdict, with progress on stderr. force: of the next generation."""
    settings, started = terminal.settings, time.monotonic()
    with Watch(terminal.notes) as watch:
        pipeline = opening.open_pipeline(settings, watch)
        first = True

        def tell(what: str) -> None:
            """Uploads are known only when the first run starts."""
            nonlocal first
            if first:
                watch.expect(sum(pipeline.plan().passes.values()))
                first = False
            watch.run(what)

        with opening.open_operator(settings, pipeline, tell) as operator:
            if force:
                operator.reconcile()
                confirm(pipeline, prepare(pipeline, again=True))
            summary = operator.pregenerate()
    took = time.monotonic() - started
    return Result(pipeline, summary, coverage(pipeline), watch.engine_calls, took)


def problems(result: Result, settings: Settings) -> list[screens.Screen]:
    """What a person has to do something about."""
    failed = screens.failed(
        result.summary.failed,
        "Failed: run `fashion pregenerate` again",
        f"What Dagster wrote: {opening.dagster_log(settings)}",
    )
    waiting = rollout.notice(rollout.unconfirmed(result.pipeline), result.pipeline.prices())
    quarantined = retry.quarantine(result.coverage)
    return [failed, quarantined, waiting, screens.rejected(result.summary.rejected)]
