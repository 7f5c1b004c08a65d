"""What the lookbook says, as values: people, their outfits, one outfit with its provenance, the matrix, the work.

`facts` of each gives JSON values. No address, no bytes: those belong to whoever answers a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from tryon.core.coverage import Counts
from tryon.core.events import LogEvent
from tryon.core.origins import MadeBy


class State(StrEnum):
    """What a shopper can be shown of one outfit."""

    PUBLISHED = "published"
    REFUSED = "refused"
    STALE = "stale"
    """An older image exists, but what it was made from changed since: it is not shown."""
    MISSING = "missing"


class Facts:
    """JSON values of a dataclass with slots, by its fields' names; `asdict` would copy each of hundreds of values."""

    __slots__: tuple[str, ...] = ()

    def facts(self) -> dict[str, Any]:
        return {name: _plain(getattr(self, name)) for name in self.__slots__}


def _plain(value: object) -> Any:
    if isinstance(value, Facts):
        return value.facts()
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Counts):
        return asdict(value)
    return value.value if isinstance(value, StrEnum) else value


@dataclass(frozen=True, slots=True)
class Person(Facts):
    """shown: id of the release that shoppers see; empty before the first one. rollout: another one is being made."""

    id: str
    consent_version: str
    consent_at: str
    shown: str
    rollout: bool


@dataclass(frozen=True, slots=True)
class People(Facts):
    """outfits: how many the matrix holds for each of them. next: where the next page begins; empty at the end."""

    people: tuple[Person, ...]
    outfits: int
    next: str


@dataclass(frozen=True, slots=True)
class ImageFacts(Facts):
    """sha256: hex digest of the file, which is its ETag too. published_at: RFC 3339 UTC."""

    sha256: str
    bytes: int
    media_type: str
    published_at: str


@dataclass(frozen=True, slots=True)
class Card(Facts):
    """One outfit in a list. code, reason: of a refusal, else empty. image: None unless published.
    engines: of the try-on. garments: ids, top first."""

    outfit: str
    garments: tuple[str, ...]
    state: State
    code: str
    reason: str
    image: ImageFacts | None
    engines: tuple[str, ...]
    has_splat: bool


@dataclass(frozen=True, slots=True)
class Filter(Facts):
    """Empty: all. garment: a garment id (`tee.tops`) or an item id. engine: an engine's id. since, until: days
    (YYYY-MM-DD, UTC, both included) between which the image was published."""

    garment: str = ""
    engine: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class OutfitPage(Facts):
    """In the order of the matrix. total: outfits of the matrix, whatever the filter. next: where the next page begins;
    empty at the end. A page may hold less than asked for, even nothing, and still have a next one: one request looks
    at a bounded number of outfits."""

    user: str
    outfits: tuple[Card, ...]
    total: int
    next: str


@dataclass(frozen=True, slots=True)
class UploadFacts(Facts):
    """kind: user or item. sha256: hex digest of the photo that was used."""

    kind: str
    id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Step(Facts):
    """One thing that an image is made from. state: published, refused or missing. sha256, published_at, run_id: empty
    unless published. media_type: of its file, empty where it has none to look at."""

    stage: str
    name: str
    key: str
    generation: int
    state: State
    reason: str
    sha256: str
    media_type: str
    published_at: str
    run_id: str
    engines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SplatFacts(Facts):
    """gaussians: 0 unless published. facts_of_record: what its record says for people (focal length ...)."""

    state: State
    code: str
    reason: str
    sha256: str
    bytes: int
    gaussians: int
    facts_of_record: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Provenance(Facts):
    """How an image came to be. digital_source: IPTC's address for the AI mark in the file. engines: of all stages that
    had a hand in it; licence None: not recorded. commercial_use None: not known, so not allowed. uploads: the photos it
    was made from. lineage: everything it was made from, first things first. seconds: engine time."""

    digital_source: str
    creator_tool: str
    engines: tuple[MadeBy, ...]
    commercial_use: bool | None
    parameters: Mapping[str, Any]
    seed: int
    uploads: tuple[UploadFacts, ...]
    lineage: tuple[Step, ...]
    run_id: str
    seconds: float
    cost_usd: float

    def facts(self) -> dict[str, Any]:
        return {**Facts.facts(self), "engines": [engine._asdict() for engine in self.engines]}


@dataclass(frozen=True, slots=True)
class OutfitView(Facts):
    """One outfit of one person.

    code, reason: of a refusal; of a missing one, what stands in the way. image, provenance: None unless published.
    splat: None where the outfit gets none, or has no image. recipe, key: what is wanted.
    """

    user: str
    outfit: str
    garments: tuple[str, ...]
    state: State
    code: str
    reason: str
    key: str
    generation: int
    recipe: Mapping[str, Any]
    image: ImageFacts | None
    provenance: Provenance | None
    splat: SplatFacts | None

    def facts(self) -> dict[str, Any]:
        parts = (self.image, self.provenance, self.splat)
        image, provenance, splat = (part.facts() if part else None for part in parts)
        own = {name: getattr(self, name) for name in ("user", "outfit", "state", "code", "reason", "key")}
        more = {"garments": list(self.garments), "generation": self.generation, "recipe": dict(self.recipe)}
        return {**own, **more, "image": image, "provenance": provenance, "splat": splat}


@dataclass(frozen=True, slots=True)
class Cell(Facts):
    """code: of a refusal; for what is not made now: input_refused, failed, stale, input_missing or not_made.
    reason: a sentence. Both are empty for a published one."""

    outfit: str
    state: State
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class CoverageMatrix(Facts):
    """tops, bottoms: garment ids. pairs: a row of cells for each top, in the order of bottoms. singles: the tops of
    this page alone; on the first page also bottoms and dresses alone. counts: of this page. next: the first top of the
    next page; empty at the end."""

    user: str
    tops: tuple[str, ...]
    bottoms: tuple[str, ...]
    pairs: tuple[tuple[Cell, ...], ...]
    tops_alone: tuple[Cell, ...]
    bottoms_alone: tuple[Cell, ...]
    dresses: tuple[Cell, ...]
    counts: Counts
    next: str


@dataclass(frozen=True, slots=True)
class Working(Facts):
    """Who works now. products: leased. alive: False when it stopped without saying so."""

    holder: str
    products: int
    alive: bool


@dataclass(frozen=True, slots=True)
class StageProgress(Facts):
    """passes, seconds, cost_usd: engine work so far. left: engine passes still to run; seconds_left, usd_left: what
    they are expected to take. ordered: orders at workers on other machines."""

    stage: str
    passes: int
    seconds: float
    cost_usd: float
    left: int
    seconds_left: float
    usd_left: float
    ordered: int


@dataclass(frozen=True, slots=True)
class Progress(Facts):
    """outfits: of all people; published and refused are those with a verdict, held those that are not planned (their
    release is not confirmed, or they failed too often). events: (position, event), newest first. planned_at: when the
    rest was worked out, RFC 3339 UTC."""

    working: tuple[Working, ...]
    stages: tuple[StageProgress, ...]
    outfits: int
    published: int
    refused: int
    held: int
    planned_at: str
    events: tuple[tuple[int, LogEvent], ...]

    @property
    def seconds_left(self) -> float:
        return sum(stage.seconds_left for stage in self.stages)

    @property
    def cost_usd(self) -> float:
        """So far."""
        return sum(stage.cost_usd for stage in self.stages)

    @property
    def usd_left(self) -> float:
        return sum(stage.usd_left for stage in self.stages)

    @property
    def running(self) -> bool:
        return any(one.alive for one in self.working) or any(stage.ordered for stage in self.stages)

    def facts(self) -> dict[str, Any]:
        numbers = ("outfits", "published", "refused", "held", "planned_at", "running")
        sums = ("seconds_left", "cost_usd", "usd_left")
        return {
            "working": [one.facts() for one in self.working],
            "stages": [stage.facts() for stage in self.stages],
            **{name: getattr(self, name) for name in (*numbers, *sums)},
            "events": [{"position": position, **event.facts()} for position, event in self.events],
        }
