"""The null engines with a price: every pass takes a while and is counted in a file that survives a killed process."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.null_engines import NullAnalyzer, NullDetector, NullDresser, NullParser, NullSplatter
from tryon.core.materials import Materials
from tryon.core.pipeline import Stages
from tryon.core.ports import Analysis, Body, Dressed, DressJob, Pixels, ProductPhoto, SplatJob
from tryon.core.splats import Gaussians
from tryon.core.stages.crops import CropStage
from tryon.core.stages.masks import MaskStage
from tryon.core.stages.splats import SplatStage
from tryon.core.stages.tryons import TryonStage
from tryon.core.words import Category, Refused
from tryon.settings import Settings

PASS_SECONDS = 0.002


@dataclass(frozen=True)
class Calls:
    """One byte for each engine pass, of any number of processes: appending so little is atomic."""

    path: Path

    def pay(self, batch: Sequence[object]) -> None:
        """Counted first: a pass that a kill interrupts was paid for as well."""
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, b"." * len(batch))
        finally:
            os.close(handle)
        time.sleep(PASS_SECONDS * len(batch))

    @property
    def count(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0


@dataclass(frozen=True)
class CountedStages:
    """For `stages` of tryon.wiring.build. A crop's pass is its analysis together with its detection."""

    calls: Calls
    batch: int

    @property
    def broken(self) -> Path:
        """While this file is there, the dresser fails for every bottom, before a pass is paid."""
        return self.calls.path.with_name("dresser_is_broken")

    def __call__(self, materials: Materials, settings: Settings) -> Stages:
        return Stages(
            crop=CropStage(materials, _Analyzer(self.calls), NullDetector(), self.batch),
            mask=MaskStage(materials, _Parser(self.calls), self.batch),
            tryon=TryonStage(
                materials, _Dresser(self.calls, self.broken), settings.order, batch_size=self.batch
            ),
            splat=SplatStage(materials, _Splatter(self.calls), self.batch),
        )


@dataclass
class _Analyzer(NullAnalyzer):
    calls: Calls

    def analyze(self, batch: Sequence[ProductPhoto]) -> list[Analysis | Refused]:
        self.calls.pay(batch)
        return super().analyze(batch)


@dataclass
class _Parser(NullParser):
    calls: Calls

    def parse(self, batch: Sequence[Pixels]) -> list[Body | Refused]:
        self.calls.pay(batch)
        return super().parse(batch)


@dataclass
class _Dresser(NullDresser):
    calls: Calls
    broken: Path

    def dress(self, batch: Sequence[DressJob]) -> list[Dressed | Refused]:
        if self.broken.exists() and any(job.category is Category.BOTTOMS for job in batch):
            raise RuntimeError("the dresser is broken")
        self.calls.pay(batch)
        return super().dress(batch)


@dataclass
class _Splatter(NullSplatter):
    calls: Calls

    def splat(self, batch: Sequence[SplatJob]) -> list[Gaussians | Refused]:
        self.calls.pay(batch)
        return super().splat(batch)
