"""Profile -> engines: which model stands behind each port, unless a setting names another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from tryon.core.errors import InvalidSetting
from tryon.core.materials import Materials
from tryon.core.pipeline import Stages
from tryon.core.ports import Analyzer, BodyParser, Detector, Dresser, Splatter
from tryon.core.stages.crops import CropStage
from tryon.core.stages.masks import MaskStage
from tryon.core.stages.splats import SplatStage
from tryon.core.stages.tryons import TryonStage
from tryon.core.words import EngineCard
from tryon.engines.declared import DeclaredAnalyzer
from tryon.engines.packshot import PackshotDetector
from tryon.engines.relief import Relief
from tryon.engines.studio_parser import StudioParser
from tryon.engines.warp.dresser import WarpDresser
from tryon.settings import Profile, Settings

EngineT = TypeVar("EngineT")

CHOICES: Mapping[Profile, Mapping[str, str]] = {
    Profile.SAMPLE: {
        "analyzer": "declared",
        "detector": "packshot",
        "body_parser": "studio-parser",
        "dresser": "warp",
        "splatter": "relief",
    },
    Profile.WORKSTATION: {
        "analyzer": "gpt-4o",
        "detector": "grounding-dino-tiny",
        "body_parser": "dwpose-schp",
        "dresser": "catvton",
        "splatter": "sharp",
    },
}
"""Of each profile, by port; the setting of the same name goes before it."""

BATCH_SECONDS = 120.0
"""About the engine time that one kill may cost."""


def chosen(settings: Settings) -> dict[str, str]:
    """The engine's name for each port."""
    return {port: getattr(settings, port) or name for port, name in CHOICES[settings.profile].items()}


def stages_of(materials: Materials, settings: Settings) -> Stages:
    """Models are loaded at their first use. Raises InvalidSetting for an engine that this version does not have:
    another one is never taken instead."""
    engines = Engines(settings)
    dresser = engines.dresser
    return Stages(
        crop=CropStage(materials, engines.analyzer, engines.detector),
        mask=MaskStage(materials, engines.body_parser),
        tryon=TryonStage(
            materials,
            dresser,
            order=settings.order,
            width=settings.width,
            height=settings.height,
            quality=settings.quality,
            batch_size=batch_size(dresser.card, TryonStage.batch_size),
            threads=settings.threads,
        ),
        splat=SplatStage(materials, engines.splatter),
    )


def batch_size(card: EngineCard, most: int) -> int:
    """Fewer of a slow engine's passes go into one batch, since a kill loses a whole batch."""
    return max(1, min(most, int(BATCH_SECONDS / card.typical_seconds)))


@dataclass(frozen=True)
class Engines:
    """Made once each: the splat engine asks the body parser for silhouettes."""

    settings: Settings

    @cached_property
    def analyzer(self) -> Analyzer:
        return self._pick("analyzer", {"declared": DeclaredAnalyzer})

    @cached_property
    def detector(self) -> Detector:
        return self._pick("detector", {"packshot": PackshotDetector})

    @cached_property
    def body_parser(self) -> BodyParser:
        return self._pick("body_parser", {"studio-parser": lambda: self._studio_parser})

    @cached_property
    def dresser(self) -> Dresser:
        return self._pick("dresser", {"warp": lambda: WarpDresser(threads=self.settings.threads)})

    @cached_property
    def splatter(self) -> Splatter:
        return self._pick("splatter", {"relief": lambda: Relief(self._studio_parser.silhouettes)})

    @cached_property
    def _studio_parser(self) -> StudioParser:
        return StudioParser(threads=self.settings.threads)

    def _pick(self, port: str, makers: Mapping[str, Callable[[], EngineT]]) -> EngineT:
        name = chosen(self.settings)[port]
        if name not in makers:
            raise InvalidSetting(
                f"this version has no {port.replace('_', ' ')} {name!r} yet (profile {self.settings.profile}); set "
                f"FASHION_{port.upper()} to one of {', '.join(makers)}"
            )
        return makers[name]()
