"""A code location for a real daemon: null engines, the sensor, and the weekly schedule's twin that runs every minute.

It is loaded by other processes, which know the data folder from FASHION_DATA.
"""

import dagster as dg

from bench.null_engines import null_stages
from fashion_assets.definitions import definitions
from jobs.schedules import EVERYTHING, regenerate
from tryon.console import json_console
from tryon.core.pipeline import Pipeline
from tryon.settings import Settings
from tryon.wiring import build


class NullPipeline(dg.ConfigurableResource[Pipeline]):
    def create_resource(self, context: dg.InitResourceContext) -> Pipeline:
        return build(Settings(), json_console, null_stages)


every_minute = dg.schedule(name="every_minute", cron_schedule="* * * * *", job_name=EVERYTHING)(regenerate)
defs = dg.Definitions.merge(definitions(NullPipeline()), dg.Definitions(schedules=[every_minute]))
