"""The crop and the mask service as apps meet them: real servers on the loopback, a web server with photos, and stages
over engines that cost nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
from pydantic import SecretStr
from starlette.types import ASGIApp

from bench.null_engines import NullAnalyzer, NullDetector, NullParser
from tests import fakes
from tests.core import workshop as fake
from tests.peers.serving import serving
from tests.peers.site import Site, picture
from tests.services.serving import served
from tryon.core.events import Journal, LogEvent, utc_now
from tryon.core.pipeline import Stages
from tryon.core.ports import Analysis, Blobs, Body, Pixels, ProductPhoto
from tryon.core.stages.crops import CropStage
from tryon.core.stages.masks import MaskStage
from tryon.core.words import Category, Refused
from tryon.services import crops, masks
from tryon.services.engine_room import EngineRoom
from tryon.services.front import Front, Limits, Shape, behind, detail, status_error
from tryon.services.front.keys import Keys
from tryon.stores.fetch.client import Fetcher
from tryon.wiring import Workshop

PHOTO = picture((120, 160))
KEY = "a-key-of-some-length"
Act = Callable[[], None]


def nothing() -> None:
    """The engine is not disturbed."""


@dataclass
class Analyzer(NullAnalyzer):
    """lacks: categories that no photo shows. act: what happens whenever it is asked. refused: its answer to all."""

    lacks: frozenset[Category] = frozenset()
    act: Act = nothing
    refused: Refused | None = None
    asked: int = 0

    def analyze(self, batch: Sequence[ProductPhoto]) -> list[Analysis | Refused]:
        self.asked += len(batch)
        self.act()
        found = super().analyze(batch)
        return [self.refused or self._without(one) for one in found]

    def _without(self, found: Analysis | Refused) -> Analysis | Refused:
        assert isinstance(found, Analysis)
        return Analysis(tuple(one for one in found.garments if one.category not in self.lacks))


@dataclass
class Parser(NullParser):
    """act, refused: as of Analyzer. sizes: (height, width) of what it was asked about."""

    act: Act = nothing
    refused: Refused | None = None
    sizes: list[tuple[int, ...]] = field(default_factory=list)

    def parse(self, batch: Sequence[Pixels]) -> list[Body | Refused]:
        self.sizes += [image.shape[:2] for image in batch]
        self.act()
        return [self.refused or body for body in super().parse(batch)]


class WebBlobs(fakes.MemoryBlobs):
    """Addresses as the cloud's stores give them."""

    def url(self, path: str) -> str:
        return f"https://store.example/signed/{path}?until=1#{path}"


@dataclass
class Shop:
    """What both services work with. load: brings the models into memory. lines: the access log."""

    site: Site
    analyzer: Analyzer = field(default_factory=Analyzer)
    parser: Parser = field(default_factory=Parser)
    blobs: Blobs = field(default_factory=fakes.MemoryBlobs)
    log: fakes.MemoryEventLog = field(default_factory=fakes.MemoryEventLog)
    load: Act = nothing
    keys: tuple[str, ...] = ()
    waiting: int = 16
    seconds: float = 30.0
    lines: list[Mapping[str, object]] = field(default_factory=list)
    fetched_within: float = 5.0

    @property
    def workshop(self) -> Workshop:
        made = fake.Workshop(blobs=self.blobs).stages
        stages = Stages(
            CropStage(made.crop.materials, self.analyzer, NullDetector()),
            MaskStage(made.mask.materials, self.parser),
            made.tryon,
            made.splat,
        )
        journal = Journal(self.log, lambda event: None, utc_now)
        fetcher = Fetcher(seconds=self.fetched_within, allowed=[self.site.place])
        return Workshop(stages, self.blobs, journal, fetcher)

    @contextmanager
    def open_crops(self) -> Iterator[httpx.Client]:
        app = crops.create_app(self.workshop, self.room(), crops.Diagnosis(True, False))
        with self._served("crop", detail, app) as client:
            yield client

    @contextmanager
    def open_masks(self) -> Iterator[httpx.Client]:
        app = masks.create_app(self.workshop, self.room())
        with self._served("masks", status_error, app) as client:
            yield client

    def room(self) -> EngineRoom:
        return EngineRoom(self.load, self.waiting, patient=True)

    @contextmanager
    def _served(self, name: str, shape: Shape, app: ASGIApp) -> Iterator[httpx.Client]:
        keys = Keys(tuple(SecretStr(key) for key in self.keys))
        limits = Limits(seconds=self.seconds)
        front = Front(name, shape, keys, limits=limits, tell=self.lines.append)
        with served(behind(front, app)) as address, httpx.Client(base_url=address, timeout=30.0) as client:
            yield client

    @property
    def photo(self) -> str:
        return f"{self.site.address}/photo.png"

    @property
    def files(self) -> dict[str, bytes]:
        assert isinstance(self.blobs, fakes.MemoryBlobs)
        return self.blobs.files

    def told(self) -> list[tuple[str, str]]:
        return [(event.step, event.event.value) for event in self.log.events]

    def events(self, kind: str) -> list[LogEvent]:
        return [event for event in self.log.events if event.event == kind]


@contextmanager
def shop(**facts: object) -> Iterator[Shop]:
    with serving(Site()) as site:
        site.pages["/photo.png"] = type(site.pages["/photo.png"])(200, PHOTO, {"Content-Type": "image/png"})
        yield Shop(site, **facts)  # type: ignore[arg-type]


class Gate:
    """An engine that works for as long as a test wants. entered: somebody is inside."""

    def __init__(self) -> None:
        self.entered, self._open = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.entered.set()
        assert self._open.wait(30), "nobody opened the gate"

    def open(self) -> None:
        self._open.set()


class Raising:
    """An engine that fails. The error may be taken away."""

    def __init__(self, error: Exception) -> None:
        self.error: Exception | None = error

    def __call__(self) -> None:
        if self.error is not None:
            raise self.error
