"""Profile -> engines: which model stands behind each port, unless a setting names another."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tryon.core.errors import InvalidSetting
from tryon.core.licences import check_commercial
from tryon.core.materials import Materials
from tryon.core.metering import Meter
from tryon.core.models import Model, Pinned
from tryon.core.pipeline import Stages
from tryon.core.ports import Analyzer, Answers, Detector, Dresser, Splatter
from tryon.core.stages.crops import CropStage
from tryon.core.stages.masks import MaskStage
from tryon.core.stages.splats import SplatStage
from tryon.core.stages.tryons import TryonStage
from tryon.core.words import EngineCard
from tryon.engines.catvton.own import OwnWeights
from tryon.engines.cores import usable_cores
from tryon.engines.declared import DeclaredAnalyzer
from tryon.engines.models import needed
from tryon.engines.packshot import PackshotDetector
from tryon.engines.relief import Relief
from tryon.engines.sharp.models import published_at
from tryon.engines.studio_parser import StudioParser
from tryon.engines.torch_runtime import Precision, resolve_device, resolve_precision
from tryon.engines.warp.dresser import WarpDresser
from tryon.settings import Profile, Settings
from tryon.stores.holders import lease_holder
from tryon.stores.model_cache import ModelCache

if TYPE_CHECKING:
    from tryon.engines.human_parser import HumanParser

NEURAL: Mapping[str, str] = {
    "analyzer": "gpt-4o",
    "detector": "grounding-dino-tiny",
    "body_parser": "dwpose-schp",
    "dresser": "catvton",
    "splatter": "sharp",
}

CHOICES: Mapping[Profile, Mapping[str, str]] = {
    Profile.SAMPLE: {
        "analyzer": "declared",
        "detector": "packshot",
        "body_parser": "studio-parser",
        "dresser": "warp",
        "splatter": "relief",
    },
    Profile.WORKSTATION: NEURAL,
    Profile.PRODUCTION: NEURAL,
}
"""Of each profile, by port; the setting of the same name goes before it."""

BATCH_SECONDS = 120.0
"""About the engine time that one kill may cost."""


def chosen(settings: Settings) -> dict[str, str]:
    """The engine's name for each port."""
    return {port: getattr(settings, port) or name for port, name in CHOICES[settings.profile].items()}


def stages_of(
    materials: Materials, settings: Settings, answers: Answers, meter: Meter | None = None
) -> Stages:
    """Models are loaded at their first use. answers: where paid answers are kept. meter: counts what they cost.

    Raises NotForCommercialUse when the settings forbid an engine's licence.
    """
    engines = Engines(settings, answers, meter)
    dresser = engines.dresser
    stages = Stages(
        crop=CropStage(
            materials,
            engines.analyzer,
            engines.detector,
            batch_size((engines.analyzer.card, engines.detector.card), CropStage.batch_size),
        ),
        mask=MaskStage(
            materials, engines.body_parser, batch_size([engines.body_parser.card], MaskStage.batch_size)
        ),
        tryon=TryonStage(
            materials,
            dresser,
            order=settings.order,
            width=settings.width,
            height=settings.height,
            quality=settings.quality,
            batch_size=batch_size([dresser.card], TryonStage.batch_size),
            threads=settings.threads or TryonStage.threads,
        ),
        splat=SplatStage(
            materials, engines.splatter, batch_size([engines.splatter.card], SplatStage.batch_size)
        ),
    )
    check_commercial(stages.cards().values(), needed_models(settings), settings.commercial)
    _check_pinned(settings)
    return stages


def _check_pinned(settings: Settings) -> None:
    """In production recipes are written where no weights are: only a model's own commit can stand in them."""
    moving = [model.id for model in needed_models(settings) if not model.pinned]
    if settings.profile is Profile.PRODUCTION and moving:
        raise InvalidSetting(
            f"model {', '.join(moving)} has no fixed commit, so two machines of the production profile could make "
            "different pictures under one recipe; choose another engine"
        )


def needed_models(settings: Settings, ports: Collection[str] | None = None) -> tuple[Model, ...]:
    """What the chosen engines load, those behind some ports or all; nothing where the settings name a file or a folder
    of one's own."""
    engines = {port: name for port, name in chosen(settings).items() if ports is None or port in ports}
    own = own_sharp(settings) if engines.get("splatter") == "sharp" else None
    if own is not None:
        del engines["splatter"]
    found = needed(engines.values(), lip=settings.lip, safety=settings.safety, variant=settings.variant)
    weights = own_catvton(settings)
    found = tuple(model for model in found if not weights.used(model))
    return (*found, own) if isinstance(own, Model) else found


def own_catvton(settings: Settings) -> OwnWeights:
    return OwnWeights(settings.base_model, settings.resume_path)


def own_sharp(settings: Settings) -> Model | Path | None:
    """Other weights than the published ones."""
    asked = settings.sharp_checkpoint
    return published_at(asked) if isinstance(asked, Pinned) else asked


def batch_size(engines: Sequence[EngineCard], most: int) -> int:
    """Fewer passes of slow engines go into one batch, since a kill loses a whole batch."""
    return max(1, min(most, int(BATCH_SECONDS / sum(card.typical_seconds for card in engines))))


@dataclass(frozen=True)
class Engines:
    """Made once each: the splat engine asks the body parser for silhouettes. Packages of models are imported for the
    engine that is chosen."""

    settings: Settings
    answers: Answers
    meter: Meter | None = None

    @cached_property
    def analyzer(self) -> Analyzer:
        if self._name("analyzer") == "declared":
            return DeclaredAnalyzer()
        from tryon.engines.openai_vision import OpenAiAnalyzer

        settings = self.settings
        key, address = settings.openai_api_key, settings.openai_base_url
        return OpenAiAnalyzer(
            key, self.answers, settings.openai_model, address, holder=lease_holder(), meter=self.meter
        )

    @cached_property
    def detector(self) -> Detector:
        name = self._name("detector")
        if name == "packshot":
            return PackshotDetector()
        from tryon.engines.grounding_dino import GroundingDino

        return GroundingDino(self._models, name, self._device, self._precision, threads=self._threads)

    @cached_property
    def body_parser(self) -> StudioParser | HumanParser:
        if self._name("body_parser") == "studio-parser":
            return StudioParser(threads=self.settings.threads)
        from tryon.engines.human_parser import HumanParser

        return HumanParser(self._models, self.settings.device, self._threads, self.settings.lip)

    @cached_property
    def dresser(self) -> Dresser:
        settings = self.settings
        if self._name("dresser") == "warp":
            return WarpDresser(threads=settings.threads)
        from tryon.engines.catvton import CatVton, Sampling

        return CatVton(
            self._models,
            variant=settings.variant,
            sampling=Sampling(settings.steps, settings.guidance, settings.scheduler),
            precision=self._precision,
            device=self._device,
            safety=settings.safety,
            compile=settings.compile,
            channels_last=settings.compile,
            width=settings.width,
            height=settings.height,
            threads=self._threads,
            own=own_catvton(settings),
        )

    @cached_property
    def splatter(self) -> Splatter:
        if self._name("splatter") == "relief":
            return Relief(self.body_parser.views)
        from tryon.engines.sharp import Sharp

        own = own_sharp(self.settings)
        return Sharp(self._models, self.body_parser.silhouettes, self._device, own, threads=self._threads)

    @cached_property
    def _device(self) -> Literal["cpu", "cuda"]:
        """Of torch. ONNX Runtime looks for a GPU of its own: it may be built without one.

        In production who writes the recipes is not who works, and both have to name the same methods: neither looks
        for a GPU before it loads something.
        """
        asked = self.settings.device
        if self.settings.profile is Profile.PRODUCTION and asked == "auto":
            return "cuda"
        return resolve_device(asked)

    @property
    def _threads(self) -> int:
        """Of a neural net on the CPU. Left to itself torch looks at the processors of the machine, not at the quota of
        a container."""
        return self.settings.threads or usable_cores()

    @property
    def _precision(self) -> Precision:
        return resolve_precision(self.settings.precision, self._device)

    @cached_property
    def _models(self) -> ModelCache:
        return ModelCache(self.settings.models)

    def _name(self, port: str) -> str:
        return chosen(self.settings)[port]
