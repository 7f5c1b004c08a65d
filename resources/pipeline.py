"""The pipeline as a Dagster resource, chosen by FASHION_PROFILE."""

import dagster as dg

from tryon.console import json_console
from tryon.core.pipeline import Pipeline
from tryon.settings import Settings
from tryon.wiring import build


class PipelineResource(dg.ConfigurableResource[Pipeline]):
    """Built once a run from the environment; assets receive the Pipeline itself."""

    def create_resource(self, context: dg.InitResourceContext) -> Pipeline:
        return build(Settings(), json_console)
