"""What is missing, what it will cost, and how it is cut into runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tryon.core.catalogue import Catalogue
from tryon.core.matrix import Rectangle, cover
from tryon.core.recipes import Input, Stage
from tryon.core.records import History, Verdict
from tryon.core.tariff import FREE, Tariff
from tryon.core.uploads import Item, User
from tryon.core.wanted import Product, Shelf, missing

MAX_PAIRS = 500
"""Pairs a run: Dagster writes one event a partition, and its UI reads a run's events as a whole."""


@dataclass(frozen=True)
class Prices:
    """Predicted cost of one engine pass of each stage: measured, else what the engine declares (seconds)."""

    declared: Mapping[Stage, float]
    measured: Mapping[Stage, History] = field(default_factory=dict)
    tariff: Tariff = FREE

    def seconds(self, stage: Stage) -> float:
        history = self.measured.get(stage)
        return history.seconds / history.passes if history and history.passes else self.declared[stage]

    def usd(self, stage: Stage) -> float:
        """At today's price: what past work cost may have been another."""
        return self.tariff.expected(stage, self.seconds(stage))


@dataclass
class Plan:
    """outfits: all try-ons of the matrix; published and refused: those with a verdict for their wanted key.
    passes: engine passes still to run. pairs: user id -> {item id: predicted engine seconds} of what is missing.
    unconfirmed: users whose release the running code does not make. quarantined: products that failed too often;
    neither they nor what needs them is planned."""

    users: int = 0
    items: int = 0
    outfits: int = 0
    published: int = 0
    refused: int = 0
    passes: dict[Stage, int] = field(default_factory=lambda: dict.fromkeys(Stage, 0))
    crops: list[str] = field(default_factory=list)
    masks: list[str] = field(default_factory=list)
    pairs: dict[str, dict[str, float]] = field(default_factory=dict)
    unconfirmed: list[str] = field(default_factory=list)
    quarantined: frozenset[Input] = frozenset()

    @property
    def to_make(self) -> int:
        return self.passes[Stage.TRYON]

    @property
    def held(self) -> int:
        """Try-ons without a verdict that are not planned: unconfirmed, or behind a quarantine."""
        return self.outfits - self.published - self.refused - self.to_make

    @property
    def nothing(self) -> bool:
        return not (self.crops or self.masks or self.pairs)

    def seconds(self, prices: Prices) -> float:
        return sum(count * prices.seconds(stage) for stage, count in self.passes.items())

    def usd(self, prices: Prices) -> float:
        return sum(count * prices.usd(stage) for stage, count in self.passes.items())


def plan(
    catalogue: Catalogue,
    users: Sequence[User],
    standings: Callable[[str | None], Mapping[Input, Verdict]],
    prices: Prices,
    quarantined: frozenset[Input] = frozenset(),
) -> Plan:
    """Compare wanted with published keys. `standings` is asked for one user at a time, so memory stays bounded."""
    found = Plan(users=len(users), items=len(catalogue.items), quarantined=quarantined)
    _plan_crops(found, catalogue, users, standings(None))
    for user in users:
        shelf = catalogue.target_shelf(user, standings(user.id))
        if catalogue.confirmed(user):
            _plan_user(found, shelf, prices)
        else:
            found.unconfirmed.append(user.id)
            _count_verdicts(found, shelf)
    return found


def _plan_crops(
    found: Plan, catalogue: Catalogue, users: Sequence[User], standings: Mapping[Input, Verdict]
) -> None:
    for wanted in catalogue.targets(users):
        if not wanted.release.works_like(catalogue.current):
            continue
        for item in wanted.items:
            if _to_make(found, wanted.crops(item), standings):
                found.crops += [item.id] if item.id not in found.crops else []
                found.passes[Stage.CROP] += 1


def _to_make(found: Plan, task: Sequence[Product], standings: Mapping[Input, Verdict]) -> bool:
    """Whether a pass is planned for the products of one engine pass."""
    return bool(missing(task, standings)) and found.quarantined.isdisjoint(product.input for product in task)


def _count_verdicts(found: Plan, shelf: Shelf) -> None:
    for look in shelf.every_tryon():
        verdict = shelf.standings.get(look.input)
        found.outfits += 1
        found.refused += verdict is Verdict.REFUSED
        found.published += verdict is Verdict.PUBLISHED


def _plan_user(found: Plan, shelf: Shelf, prices: Prices) -> None:
    if _to_make(found, shelf.parse(), shelf.standings):
        found.masks.append(shelf.user.id)
        found.passes[Stage.MASK] += 1
    pairs: dict[str, float] = {}
    for item in shelf.wanted.items:
        tryons, splats = _missing_of_pair(found, shelf, item)
        if tryons or splats:
            pairs[item.id] = tryons * prices.seconds(Stage.TRYON) + splats * prices.seconds(Stage.SPLAT)
            found.passes[Stage.TRYON] += tryons
            found.passes[Stage.SPLAT] += splats
    if pairs:
        found.pairs[shelf.user.id] = pairs


def _missing_of_pair(found: Plan, shelf: Shelf, item: Item) -> tuple[int, int]:
    """(try-ons, splats) to make. A missing try-on's splat is missing too and need not be looked up."""
    tryons = splats = 0
    wants_splat = shelf.wanted.release.wants_splat
    for outfit in shelf.wanted.matrix.owned(item):
        look = shelf.tryon(outfit)
        verdict = shelf.standings.get(look.input)
        found.outfits += 1
        if verdict is None:
            free = not (found.quarantined and _behind(look, found.quarantined))
            tryons += free
            splats += free and wants_splat(outfit)
        else:
            found.refused += verdict is Verdict.REFUSED
            found.published += verdict is Verdict.PUBLISHED
            splats += wants_splat(outfit) and _to_make(found, [shelf.splat(look)], shelf.standings)
    return tryons, splats


def _behind(look: Product, quarantined: frozenset[Input]) -> bool:
    """Whether the try-on, its base, or something that either is made from failed too often."""
    chain = [look, *([look.base] if look.base else [])]
    return any(not quarantined.isdisjoint([made.input, *made.recipe.inputs]) for made in chain)


def chunks(
    found: Plan, users: Sequence[User], items: Sequence[Item], max_seconds: float, max_pairs: int = MAX_PAIRS
) -> Iterator[Rectangle]:
    """The missing pairs as disjoint rectangles, each within both bounds (or one pair, if that alone is over).

    Pairs that own nothing (shoes) go along with their user for free: they are reported with count 0, and a run of
    items is not cut in two by them.
    """
    idle = [item.id for item in items if not any(category.region for category in item.categories)]
    pairs = {user: {**costs, **dict.fromkeys(idle, 0.0)} for user, costs in found.pairs.items()}
    return pieces(pairs, [u.id for u in users], [i.id for i in items], max_seconds, max_pairs)


def pieces(
    pairs: Mapping[str, Mapping[str, float]],
    users: Sequence[str],
    items: Sequence[str],
    max_seconds: float,
    max_pairs: int = MAX_PAIRS,
) -> Iterator[Rectangle]:
    """Exactly these pairs (user id -> {item id: seconds}), cut like `chunks`. users, items: ids in the order of
    partitions."""
    for rectangle in cover(pairs, users, items):
        yield from _cut(rectangle, pairs, max_seconds, max_pairs)


def _cut(
    rectangle: Rectangle, costs: Mapping[str, Mapping[str, float]], max_seconds: float, max_pairs: int
) -> Iterator[Rectangle]:
    """Whole users together while they fit, since a user's outfits share bases; else one user's items in pieces."""
    rows = [(user, sum(costs[user][item] for item in rectangle.items)) for user in rectangle.users]
    for band in _fill(rows, max_seconds, max(1, max_pairs // len(rectangle.items))):
        if len(band) > 1:
            yield Rectangle(band, rectangle.items)
            continue
        cells = [(item, costs[band[0]][item]) for item in rectangle.items]
        for piece in _fill(cells, max_seconds, max_pairs):
            yield Rectangle(band, piece)


def _fill(rows: Sequence[tuple[str, float]], max_seconds: float, max_rows: int) -> Iterator[tuple[str, ...]]:
    """Consecutive names, each group within both bounds or a single name."""
    group: list[str] = []
    total = 0.0
    for name, seconds in rows:
        if group and (total + seconds > max_seconds or len(group) >= max_rows):
            yield tuple(group)
            group, total = [], 0.0
        group.append(name)
        total += seconds
    if group:
        yield tuple(group)
