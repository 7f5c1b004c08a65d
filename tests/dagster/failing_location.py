"""A code location for real daemons: null engines, and infrastructure that breaks for one pair.

It is loaded by other processes, which know the data folder from FASHION_DATA.
"""

from dataclasses import dataclass

import dagster as dg
from tenacity import wait_none

from bench.null_engines import null_stages
from fashion_assets.definitions import definitions
from tryon.console import json_console
from tryon.core.materials import Materials
from tryon.core.pipeline import Pipeline, Stages
from tryon.core.ports import DressJob
from tryon.core.stages.desk import Patience
from tryon.core.stages.stage import Task
from tryon.core.stages.tryons import TryonStage
from tryon.settings import Settings
from tryon.wiring import build

BROKEN = ("u0001", "b0000")


@dataclass(frozen=True)
class BreakingTryons(TryonStage):
    def load(self, task: Task) -> DressJob:
        (product,) = task
        assert product.user is not None
        assert product.item is not None
        if (product.user.id, product.item.id) == BROKEN:
            raise ConnectionError("the GPU went away")
        return super().load(task)


def breaking_stages(materials: Materials, settings: Settings) -> Stages:
    null = null_stages(materials, settings)
    tryon = BreakingTryons(materials, null.tryon.dresser)
    return Stages(null.crop, null.mask, tryon, null.splat)


class BreakingPipeline(dg.ConfigurableResource[Pipeline]):
    def create_resource(self, context: dg.InitResourceContext) -> Pipeline:
        return build(Settings(), json_console, breaking_stages, Patience(attempts=2, wait=wait_none()))


defs = definitions(BreakingPipeline())
