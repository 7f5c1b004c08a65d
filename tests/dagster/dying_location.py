"""A code location for real daemons: the real sensors, and jobs that fail in every way a run can.

It is loaded by other processes, which know the data folder from FASHION_DATA.
"""

import os
import signal

import dagster as dg

from fashion_assets.definitions import definitions
from resources.pipeline import PipelineResource
from tryon.settings import Settings

SPOILED = Settings().data / "spoiled"
"""While this file is there the code cannot be imported, as after a bad deployment."""
if SPOILED.exists():
    raise ImportError("no module named 'forgotten'")

FAILED = {"b0000|u0001": "garment_tryons u0001 b0000.bottoms: ConnectionError: the GPU went away"}


@dg.op
def names_partitions() -> None:
    raise dg.Failure("1 partitions failed", metadata={"failed": dg.MetadataValue.json(FAILED)})


@dg.op
def raises() -> None:
    try:
        raise ConnectionError("https://store.example/u1.png?token=abc went away")
    except ConnectionError as error:
        raise RuntimeError("cannot read https://store.example/u1.png?token=abc") from error


@dg.op
def is_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dg.op
def works() -> None:
    return


def _job(op: dg.OpDefinition) -> dg.JobDefinition:
    @dg.job(name=f"{op.name}_job", executor_def=dg.in_process_executor)
    def job() -> None:
        op()

    return job


@dg.schedule(cron_schedule="0 3 * * 0", job_name="works_job")
def weekly() -> dg.RunRequest:
    return dg.RunRequest()


defs = dg.Definitions.merge(
    definitions(PipelineResource()),
    dg.Definitions(
        jobs=[_job(op) for op in (names_partitions, raises, is_killed, works)], schedules=[weekly]
    ),
)
