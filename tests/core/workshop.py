"""A whole small pipeline over the memory fakes and engines that cost nothing; every engine pass is noted."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tenacity import wait_none

from bench.null_engines import NullAnalyzer, NullDetector, NullDresser, NullParser, NullSplatter
from bench.uploads import write_catalogue, write_item
from tests.fakes import MemoryBlobs, MemoryDocuments, MemoryEventLog, MemoryRecords, MemoryUploads
from tryon.core.depot import Depot
from tryon.core.events import Journal, utc_now
from tryon.core.materials import Materials
from tryon.core.metering import Costs
from tryon.core.pipeline import Pipeline, Stages
from tryon.core.ports import (
    Analysis,
    Blobs,
    Body,
    Dressed,
    DressJob,
    Pixels,
    ProductPhoto,
    Records,
    SplatJob,
)
from tryon.core.publish import Gate
from tryon.core.splats import Gaussians
from tryon.core.stages.compute import LocalCompute
from tryon.core.stages.crops import CropStage
from tryon.core.stages.desk import Desk, Patience
from tryon.core.stages.masks import MaskStage
from tryon.core.stages.splats import SplatStage
from tryon.core.stages.tally import Tally
from tryon.core.stages.tryons import TryonStage
from tryon.core.stages.workbench import Workbench
from tryon.core.uploads import Item, UploadKind, UploadRef, User
from tryon.core.words import Order, Refused

Answer = Callable[[DressJob], Refused | None]
QUICK = Patience(attempts=2, wait=wait_none(), lease_seconds=10.0, poll_seconds=0.005)
USERS = ("u0000", "u0001")
TOPS, BOTTOMS, GOWN = ("t0000", "t0001"), ("b0000", "b0001"), "d0000"
CLOSET = (*TOPS, *BOTTOMS, GOWN)
PASSES = {"analyze": 5, "parse": 2, "dress": 2 * (5 + 4), "splat": 2 * 5}
"""The whole catalogue: each photo and person once, T + B + D + T*B try-ons a user, a splat a look."""


class Killed(BaseException):
    """The process dies here."""


def willing(_: DressJob) -> Refused | None:
    return None


@dataclass
class Passes:
    """calls: (engine, entries of its batch), in order, failed ones too."""

    calls: list[tuple[str, int]] = field(default_factory=list)

    def note(self, engine: str, batch: Sequence[object]) -> None:
        self.calls.append((engine, len(batch)))

    def counts(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for engine, entries in self.calls:
            found[engine] = found.get(engine, 0) + entries
        return found

    def total(self) -> int:
        return sum(self.counts().values())


class Analyzer(NullAnalyzer):
    def __init__(self, passes: Passes) -> None:
        self._passes = passes

    def analyze(self, batch: Sequence[ProductPhoto]) -> list[Analysis | Refused]:
        self._passes.note("analyze", batch)
        return super().analyze(batch)


class Parser(NullParser):
    def __init__(self, passes: Passes) -> None:
        self._passes = passes

    def parse(self, batch: Sequence[Pixels]) -> list[Body | Refused]:
        self._passes.note("parse", batch)
        return super().parse(batch)


class Dresser(NullDresser):
    def __init__(self, passes: Passes, answer: Answer) -> None:
        self._passes, self._answer = passes, answer

    def dress(self, batch: Sequence[DressJob]) -> list[Dressed | Refused]:
        self._passes.note("dress", batch)
        answers = [self._answer(job) for job in batch]
        return [refused or made for refused, made in zip(answers, super().dress(batch), strict=True)]


class Splatter(NullSplatter):
    def __init__(self, passes: Passes) -> None:
        self._passes = passes

    def splat(self, batch: Sequence[SplatJob]) -> list[Gaussians | Refused]:
        self._passes.note("splat", batch)
        return super().splat(batch)


@cache
def _photos() -> dict[str, tuple[bytes, bytes]]:
    """Photo and sidecar of every upload, by id."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_catalogue(root, len(USERS), len(TOPS), len(BOTTOMS))
        write_item(root, GOWN, ["dress"], 5)
        found = {path.stem: path for path in root.rglob("*.png")}
        return {i: (path.read_bytes(), path.with_suffix(".json").read_bytes()) for i, path in found.items()}


def uploads(users: Sequence[str] = USERS, items: Sequence[str] = CLOSET) -> MemoryUploads:
    source = MemoryUploads()
    for name in items:
        add(source, name)
    for name in users:
        add(source, name)
    return source


def kind_of(name: str) -> UploadKind:
    return UploadKind.USER if name in USERS else UploadKind.ITEM


def add(source: MemoryUploads, name: str, photo_of: str = "") -> None:
    """`photo_of`: whose photo it is, if another's; so a photo is replaced."""
    source.photos[kind_of(name), name] = _photos()[photo_of or name][0]
    source.sidecars[kind_of(name), name] = _photos()[name][1]


@dataclass
class Workshop:
    uploads: MemoryUploads = field(default_factory=uploads)
    blobs: Blobs = field(default_factory=MemoryBlobs)
    records: Records = field(default_factory=MemoryRecords)
    log: MemoryEventLog = field(default_factory=MemoryEventLog)
    documents: MemoryDocuments = field(default_factory=MemoryDocuments)
    order: Order = Order.UNTUCKED
    answer: Answer = willing
    patience: Patience = QUICK
    passes: Passes = field(default_factory=Passes)

    @property
    def stages(self) -> Stages:
        materials = Materials(self.uploads, self.blobs, self.records)
        return Stages(
            CropStage(materials, Analyzer(self.passes), NullDetector()),
            MaskStage(materials, Parser(self.passes)),
            TryonStage(materials, Dresser(self.passes, self.answer), self.order, batch_size=4),
            SplatStage(materials, Splatter(self.passes)),
        )

    def open(self) -> Pipeline:
        """A fresh process over the same stores."""
        journal = Journal(self.log, lambda _: None, utc_now)
        desk = desk_over(self.stages, self.blobs, self.records, journal, "me:1", self.patience)
        return Pipeline(
            self.uploads,
            self.blobs,
            self.records,
            self.log,
            self.documents,
            self.stages,
            desk,
            "http://127.0.0.1:8000/api/try-on",
        )

    def run(self, run_id: str = "run") -> Tally:
        """Reconcile, then bring everything to its verdict."""
        pipeline = self.open()
        pipeline.reconcile()
        return make_all(pipeline, run_id)

    def bury(self, name: str) -> None:
        everyone: list[User | Item] = [*self.records.users(), *self.records.items()]
        (ordinal,) = [each.ordinal for each in everyone if each.id == name]
        self.records.bury(UploadRef(kind_of(name), name, ordinal), "2026-11-20T12:00:00Z")


def desk_over(
    stages: Stages,
    blobs: Blobs,
    records: Records,
    journal: Journal,
    holder: str,
    patience: Patience = QUICK,
    costs: Costs | None = None,
) -> Desk:
    depot = Depot(blobs, records, journal.timestamp, costs)
    compute = LocalCompute(Workbench(stages.by_stage(), depot, journal.timestamp, patience.retry))
    return Desk(records, journal, Gate(depot, records, journal), compute, holder, patience)


def everywhere(pipeline: Pipeline) -> list[tuple[str, str]]:
    items = [item.id for item in pipeline.records.items()]
    return [(user.id, item) for user in pipeline.records.users() for item in items]


def make_all(pipeline: Pipeline, run_id: str = "run") -> Tally:
    pairs, tally = everywhere(pipeline), Tally()
    tally.add(pipeline.make_crops([item.id for item in pipeline.records.items()], run_id))
    tally.add(pipeline.make_masks([user.id for user in pipeline.records.users()], run_id))
    tally.add(pipeline.make_singles(pairs, run_id))
    tally.add(pipeline.make_two_piece(pairs, run_id))
    tally.add(pipeline.make_splats(pairs, run_id))
    return tally


def index(workshop: Workshop) -> dict[str, str]:
    """What is visible: name of the result, and the digest of its bytes or the code of its refusal."""
    found: dict[str, str] = {}
    pipeline = workshop.open()
    subjects = [None, *(user.id for user in pipeline.records.users())]
    for user in subjects:
        for record in pipeline.records.find(list(pipeline.records.standings(user))).values():
            result = record.result
            what = result.code if isinstance(result, Refused) else result.sha256
            found[f"{user} {record.stage} {record.name} {record.key} {record.generation}"] = what
    return found
