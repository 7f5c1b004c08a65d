"""Tells a chat or a pager (FASHION_ALERT_WEBHOOK) of every failed run: where it is, what failed, and why.

Each failed run is told once, in order. While the webhook does not take the message, the tick fails and the
same run is tried again at the next one.
"""

import dagster as dg
from pydantic import ValidationError

from sensors.failed_run import alert_of
from tryon.core.errors import FashionError
from tryon.settings import Settings
from tryon.wiring import alert_webhook

UNSET = "FASHION_ALERT_WEBHOOK is not set, so nobody was told that run {} failed"


class AlertNotDelivered(dg.DagsterError):
    """Keeps the run in the queue: Dagster moves past a run whose sensor raised, except for its own errors."""


@dg.run_failure_sensor(
    description=__doc__,
    minimum_interval_seconds=10,  # one run a tick, so that a failing webhook repeats no other run's message
    default_status=dg.DefaultSensorStatus.RUNNING,  # setting the webhook is the wish to be told
)
def failed_runs(context: dg.RunFailureSensorContext) -> dg.SkipReason:
    run_id = context.dagster_run.run_id
    try:
        settings = Settings()
        webhook = alert_webhook(settings)
        if webhook is None:
            return dg.SkipReason(UNSET.format(run_id))
        webhook.post(alert_of(context, settings.ui_address).facts())
    except (FashionError, ValidationError) as error:
        context.log.error(f"run {run_id} failed and nobody could be told yet: {error}")
        raise AlertNotDelivered(f"run {run_id}: {error}") from None
    return dg.SkipReason(f"the webhook was told that run {run_id} failed")
