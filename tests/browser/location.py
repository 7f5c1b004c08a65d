"""A code location for a real Dagster: null engines over the data folder that FASHION_DATA names."""

import dagster as dg

from bench.null_engines import null_stages
from fashion_assets.definitions import definitions
from tryon.console import json_console
from tryon.core.pipeline import Pipeline
from tryon.settings import Settings
from tryon.wiring import build


class NullPipeline(dg.ConfigurableResource[Pipeline]):
    def create_resource(self, context: dg.InitResourceContext) -> Pipeline:
        return build(Settings(), json_console, null_stages)


defs = definitions(NullPipeline())
