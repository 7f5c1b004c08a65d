"""Every night: erase what may not be kept any longer, then compare the stores with the records and mend them."""

import dagster as dg

from jobs.audit import compare_stores
from jobs.erasure import erase_what_is_due


@dg.job(
    description="Erase what may not be kept any longer; audit and mend the stores, and collect what is superseded.",
    config={"ops": {"compare_stores": {"config": {"repair": True}}}},
    executor_def=dg.in_process_executor,
)
def upkeep() -> None:
    """Neither waits for the other, so a failing one does not keep the other from its work."""
    erase_what_is_due()
    compare_stores()


daily_upkeep = dg.ScheduleDefinition(
    name="daily_upkeep",
    job=upkeep,
    cron_schedule="0 2 * * *",
    description="At 02:00 UTC: erase what may not be kept any longer; audit and mend the stores.",
)
