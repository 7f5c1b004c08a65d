"""Reads from Dagster's events why a run failed, whether our own code said so or its process died."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import dagster as dg

from fashion_assets.reporting import failed_partitions
from tryon.core.alerts import Alert

WILL_RETRY = "dagster/will_retry"
GENERAL = "marked as failed from outside"
"""Dagster's message of a run whose process died; how it died is the engine event before."""


def alert_of(context: dg.RunFailureSensorContext, ui_url: str) -> Alert:
    run, steps = context.dagster_run, context.get_step_failure_events()
    failed = {key: why for step in steps for key, why in failed_partitions(step).items()}
    reason = next(_step_reasons(steps), None) or _run_reason(context)
    return Alert(run.run_id, run.job_name, ui_url, reason, failed, run.tags.get(WILL_RETRY) == "true")


def _step_reasons(steps: Sequence[dg.DagsterEvent]) -> Iterator[str]:
    """What each failed step raised: our Failure's own words, else the error that began it."""
    for step in steps:
        failure = step.step_failure_data
        if failure.user_failure_data and failure.user_failure_data.description:
            yield failure.user_failure_data.description
        elif failure.error:
            yield f"step {step.step_key}: {_root(failure.error)}"


def _run_reason(context: dg.RunFailureSensorContext) -> str:
    """No step failed: the code did not load, or the process died."""
    event = context.failure_event
    if event.event_specific_data and event.job_failure_data.error:
        return _root(event.job_failure_data.error)
    message = event.message or "Dagster gives no reason"
    said = list(_engine_said(context)) if GENERAL in message else []
    return said[-1] if said else message


def _engine_said(context: dg.RunFailureSensorContext) -> Iterator[str]:
    """What Dagster wrote about the run's process up to the failure, oldest first."""
    types = {dg.DagsterEventType.ENGINE_EVENT, dg.DagsterEventType.RUN_FAILURE}
    records = context.instance.get_records_for_run(context.dagster_run.run_id, of_type=types).records
    for record in records:
        event = record.event_log_entry.get_dagster_event()
        if event.event_type == dg.DagsterEventType.RUN_FAILURE:
            return
        error = event.engine_event_data.error
        yield _root(error) if error else event.message or ""


class _Error(Protocol):
    """An exception as Dagster stores it."""

    @property
    def message(self) -> str: ...
    @property
    def cls_name(self) -> str | None: ...
    @property
    def cause(self) -> "_Error | None": ...


def _root(error: _Error) -> str:
    """`ConnectionError: the GPU went away`: what was raised, without the errors that Dagster wraps around it."""
    while error.cause and (error.cls_name or "").startswith("Dagster"):
        error = error.cause
    return error.message
