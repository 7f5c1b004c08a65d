"""The job behind `fashion rollout`, for people who work in the UI: launching it is the confirmation."""

import dagster as dg
from pydantic import Field

from tryon.core import rollout
from tryon.core.pipeline import Pipeline


class RolloutConfig(dg.Config):
    """users: ids; none: everybody. again: make everything again, as the next generation."""

    users: list[str] = Field(default_factory=list)
    again: bool = False


@dg.op
def confirm_release(
    context: dg.OpExecutionContext, config: RolloutConfig, pipeline: dg.ResourceParam[Pipeline]
) -> None:
    pipeline.reconcile()
    found = rollout.prepare(pipeline, config.users, config.again)
    if found.users:
        rollout.confirm(pipeline, found)
    context.log.info(f"release {found.release.id} is to be made for {len(found.users)} users")
    context.add_output_metadata(
        {"users": len(found.users), "try_ons": found.plan.to_make, "changes": "\n".join(found.changes)}
    )


@dg.job(
    description="Confirm what the running code makes, for everybody or for some users first. It makes nothing itself: "
    "the upload sensor or `fashion pregenerate` does, and each user switches when all of theirs is there.",
    executor_def=dg.in_process_executor,
)
def roll_out() -> None:
    confirm_release()
