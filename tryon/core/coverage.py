"""How much of the matrix has its verdict: the wanted key of every product against the published ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field

from tryon.core.failures import Failures, last_failures
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import Stage
from tryon.core.records import Attempt, BlobFacts, Record
from tryon.core.wanted import Product, Shelf
from tryon.core.words import Refused


@dataclass
class Counts:
    """wanted = published + refused + stale + missing. stale: no verdict yet, but an older result."""

    wanted: int = 0
    published: int = 0
    refused: int = 0
    stale: int = 0
    missing: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(a + b for a, b in zip(self.values(), other.values(), strict=True)))

    def values(self) -> tuple[int, ...]:
        return self.wanted, self.published, self.refused, self.stale, self.missing

    @property
    def open(self) -> int:
        """Without a verdict."""
        return self.stale + self.missing


@dataclass(frozen=True)
class Refusal:
    """user: None for a crop. code: `input_refused` is the consequence of another refusal."""

    user: str | None
    stage: Stage
    name: str
    code: str
    message: str


@dataclass
class UserCoverage:
    """What shoppers are shown. rollout: try-ons and splats of the release that will be shown once it is complete."""

    user: str
    tryons: Counts = field(default_factory=Counts)
    splats: Counts = field(default_factory=Counts)
    rollout: Counts | None = None

    @property
    def open(self) -> int:
        """What is still to be made: of the release that is rolled out, if there is one."""
        return self.rollout.open if self.rollout else self.tryons.open + self.splats.open


@dataclass
class RunFacts:
    """What one run published. seconds: engine time."""

    run_id: str
    finished_at: str = ""
    published: int = 0
    refused: int = 0
    seconds: float = 0.0


@dataclass
class Coverage:
    """crops and masks count products (a person has several masks). runs: newest first."""

    users: list[UserCoverage] = field(default_factory=list)
    crops: Counts = field(default_factory=Counts)
    masks: Counts = field(default_factory=Counts)
    refusals: list[Refusal] = field(default_factory=list)
    quarantined: list[Attempt] = field(default_factory=list)
    runs: list[RunFacts] = field(default_factory=list)
    failures: Failures = field(default_factory=Failures)

    @property
    def tryons(self) -> Counts:
        return sum((user.tryons for user in self.users), Counts())

    @property
    def splats(self) -> Counts:
        return sum((user.splats for user in self.users), Counts())

    @property
    def open(self) -> int:
        """Products of any stage that still have no verdict."""
        return self.crops.open + self.masks.open + sum(user.open for user in self.users)

    @property
    def roots(self) -> list[Refusal]:
        """Refusals that are nobody else's consequence: where to look."""
        return [refusal for refusal in self.refusals if refusal.code != "input_refused"]

    def facts(self) -> dict[str, object]:
        return {
            "users": [asdict(user) for user in self.users],
            "totals": {name: asdict(getattr(self, name)) for name in ("crops", "masks", "tryons", "splats")},
            "refusals": [asdict(refusal) for refusal in self.refusals],
            "quarantined": [asdict(attempt) for attempt in self.quarantined],
            "failures": [asdict(failure) for failure in self.failures.grouped()],
            "runs": [asdict(run) for run in self.runs],
        }


def coverage(pipeline: Pipeline) -> Coverage:
    """One user's records at a time, so memory stays bounded by a user's share."""
    catalogue, runs = pipeline.catalogue(), dict[str, RunFacts]()
    found = Coverage(failures=last_failures(pipeline.log))
    users = pipeline.records.users()
    targets = {catalogue.target(user).id: catalogue.target(user) for user in users} or {"": catalogue.current}
    wanted = [catalogue.under(release) for release in targets.values()]
    crops = {crop.input: crop for each in wanted for item in each.items for crop in each.crops(item)}
    _count(found, found.crops, list(crops.values()), pipeline.records.find(list(crops)).values())
    for user in users:
        records = list(pipeline.records.of_user(user.id))
        shown, target = catalogue.shown_shelf(user, {}), catalogue.target_shelf(user, {})
        _count(found, found.masks, target.parse(), records)
        found.users.append(_user(found, shown, target, records))
        _note_runs(runs, records)
    found.quarantined = pipeline.quarantine()
    found.runs = sorted(runs.values(), key=lambda run: run.finished_at, reverse=True)
    return found


def _user(found: Coverage, shown: Shelf, target: Shelf, records: list[Record]) -> UserCoverage:
    mine = UserCoverage(shown.user.id)
    _count(found, mine.tryons, list(shown.every_tryon()), records)
    _count(found, mine.splats, list(shown.every_splat()), records)
    if target.wanted.release.id != shown.wanted.release.id:
        mine.rollout = Counts()
        _count(found, mine.rollout, [*target.every_tryon(), *target.every_splat()], records)
    return mine


def _count(found: Coverage, counts: Counts, products: Sequence[Product], records: Iterable[Record]) -> None:
    known = {record.input: record for record in records}
    shown = {(r.stage, r.name) for r in known.values() if isinstance(r.result, BlobFacts)}
    for product in products:
        record = known.get(product.input)
        counts.wanted += 1
        if record is None:
            older = (product.stage, product.name) in shown
            counts.stale += older
            counts.missing += not older
            found.failures.note(product.key)
        elif isinstance(record.result, Refused):
            counts.refused += 1
            found.refusals.append(_refusal(record, record.result))
        else:
            counts.published += 1


def _refusal(record: Record, result: Refused) -> Refusal:
    return Refusal(record.user, record.stage, record.name, result.code, result.message)


def _note_runs(runs: dict[str, RunFacts], records: list[Record]) -> None:
    for record in records:
        run = runs.setdefault(record.run_id, RunFacts(record.run_id))
        run.finished_at = max(run.finished_at, record.published_at)
        run.published += isinstance(record.result, BlobFacts)
        run.refused += isinstance(record.result, Refused)
        run.seconds += record.seconds
