"""Profile -> engines: which model stands behind each port, unless a setting names another."""

from __future__ import annotations

from tryon.core.materials import Materials
from tryon.core.pipeline import Stages
from tryon.core.stages.crops import CropStage
from tryon.core.stages.masks import MaskStage
from tryon.core.stages.splats import SplatStage
from tryon.core.stages.tryons import TryonStage
from tryon.engines.declared import DeclaredAnalyzer
from tryon.engines.packshot import PackshotDetector
from tryon.engines.relief import Relief
from tryon.engines.studio_parser import StudioParser
from tryon.engines.warp.dresser import WarpDresser
from tryon.settings import Settings


def stages_of(materials: Materials, settings: Settings) -> Stages:
    """Models are loaded at their first use."""
    parser = StudioParser(threads=settings.threads)
    return Stages(
        crop=CropStage(materials, DeclaredAnalyzer(), PackshotDetector()),
        mask=MaskStage(materials, parser),
        tryon=TryonStage(
            materials,
            WarpDresser(threads=settings.threads),
            order=settings.order,
            width=settings.width,
            height=settings.height,
            quality=settings.quality,
            threads=settings.threads,
        ),
        splat=SplatStage(materials, Relief(parser.silhouettes)),
    )
