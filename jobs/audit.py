"""`audit_stores`: the audit as a job, to be run every night or from the launchpad."""

import dagster as dg

from tryon.core.auditing.audit import audit
from tryon.core.auditing.findings import Audit
from tryon.core.auditing.superseded import GRACE
from tryon.core.events import utc_now
from tryon.core.pipeline import Pipeline


class AuditConfig(dg.Config):
    """repair: as `fashion audit --repair`."""

    repair: bool = False


@dg.op(description="Hashes every stored file again and compares the stores with the records.")
def compare_stores(
    context: dg.OpExecutionContext, config: AuditConfig, pipeline: dg.ResourceParam[Pipeline]
) -> None:
    """Fails, and so alerts, when something is wrong that it did not mend. Counts only: events cannot be erased."""
    found = audit(pipeline, utc_now(), GRACE, config.repair, context.run.run_id)
    context.add_output_metadata({**found.counts(), "wrong": found.wrong})
    context.log.info(", ".join(f"{name} {count}" for name, count in found.counts().items()))
    if found.wrong:
        raise dg.Failure(_advice(found), metadata=found.counts(), allow_retries=False)


def _advice(found: Audit) -> str:
    if found.repaired and found.withdrawn:
        return (
            f"{found.withdrawn} damaged products were withdrawn; make them again with `fashion pregenerate`"
        )
    return f"{found.wrong} things are wrong in the stores; `fashion audit` names them"


@dg.job(
    description="Compares every stored file with its record; with repair: true it mends what it can.",
    executor_def=dg.in_process_executor,
)
def audit_stores() -> None:
    compare_stores()
