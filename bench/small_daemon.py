"""What Dagster's daemon does with a sensor, in its order, in one process that may be killed: evaluate, add partition
keys, create and launch runs one by one, keep the cursor. A tick then takes milliseconds and no start-up.
"""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

from fashion_assets.definitions import definitions
from fashion_assets.operate import QUIET, kept_open
from sensors.uploads import new_uploads
from tryon.core.pipeline import Pipeline

RUN_KEY = "dagster/run_key"


class SmallDaemon:
    """Its state lies in the instance and in a file beside it, so that another process goes on with it."""

    def __init__(self, pipeline: Pipeline, instance: dg.DagsterInstance, cursor: Path) -> None:
        self._pipeline, self._instance, self._cursor = pipeline, instance, cursor
        self._definitions = definitions(pipeline)

    def tick(self) -> int:
        """Evaluate the sensor once and do as it says; the number of runs that it requested."""
        cursor = self._cursor.read_text() if self._cursor.exists() else None
        resources = {"pipeline": self._pipeline}
        result = new_uploads(
            dg.build_sensor_context(instance=self._instance, cursor=cursor, resources=resources)
        )
        assert isinstance(result, dg.SensorResult)
        for keys in result.dynamic_partitions_requests or []:
            self._instance.add_dynamic_partitions(keys.partitions_def_name, list(keys.partition_keys))
        for request in result.run_requests or []:
            self._launch(request)
        self._remember(result.cursor or "")
        return len(result.run_requests or [])

    def _launch(self, request: dg.RunRequest) -> None:
        """A run key is never started twice; a run that was created and not launched is launched now."""
        run = next(iter(self._instance.get_runs(dg.RunsFilter(tags={RUN_KEY: str(request.run_key)}))), None)
        if run is None:
            job = self._definitions.resolve_job_def(str(request.job_name))
            tags = {**request.tags, RUN_KEY: str(request.run_key)}
            run = self._instance.create_run_for_job(job, tags=tags)
        if run.status is dg.DagsterRunStatus.NOT_STARTED:
            launched = dg.DagsterEvent(dg.DagsterEventType.PIPELINE_STARTING.value, run.job_name)
            self._instance.report_dagster_event(launched, run.run_id)

    def _remember(self, cursor: str) -> None:
        part = self._cursor.with_suffix(".part")
        part.write_text(cursor)
        os.replace(part, self._cursor)

    def work(self, most: int | None = None) -> int:
        """Execute the oldest launched runs here, one after the other; how many there were."""
        launched = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTING])
        runs = list(self._instance.get_runs(launched, ascending=True))[:most]
        for run in runs:
            # In this process a run can only be executed as a new one.
            self._instance.delete_run(run.run_id)
            with kept_open(self._instance, run.run_id):
                self._execute(run)
        return len(runs)

    def _execute(self, run: dg.DagsterRun) -> None:
        self._definitions.resolve_job_def(run.job_name).execute_in_process(
            instance=self._instance,
            run_id=run.run_id,
            run_config=QUIET,
            tags=run.tags,
            raise_on_error=False,
        )
