"""Every outfit is on exactly one page, whatever comes and goes between two pages; filters; the matrix; the work."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.lookbooks import copied
from tests.core.samples import categories, item, law
from tests.core.workshop import BOTTOMS, GOWN, TOPS, USERS, Workshop, add, uploads
from tests.fakes import MemoryRecords
from tryon.core import lookbook
from tryon.core.errors import InvalidFilter, UnknownUpload
from tryon.core.events import Journal
from tryon.core.lookbook import Filter, Forecast, State
from tryon.core.lookbook.order import START, places, places_with, read_token
from tryon.core.matrix import Matrix
from tryon.core.pipeline import Pipeline
from tryon.core.ports import DressJob
from tryon.core.words import Category, Refused
from tryon.core.work import Plan

ANN, BEN = USERS
CATALOGUES = st.lists(categories, max_size=6)


@pytest.fixture(scope="module")
def made() -> Workshop:
    """To be read only."""
    shop = Workshop()
    shop.run()
    return shop


@pytest.fixture
def shop(made: Workshop) -> Workshop:
    return copied(made)


def every_page(pipeline: Pipeline, only: Filter | None = None, limit: int = 2) -> list[list[str]]:
    found, after = [], ""
    while True:
        page = lookbook.outfits(pipeline, ANN, only, after, limit)
        found.append([card.outfit for card in page.outfits])
        if not (after := page.next):
            return found


def listed(pipeline: Pipeline, only: Filter | None = None) -> list[str]:
    return [card.outfit for card in lookbook.outfits(pipeline, ANN, only, limit=200).outfits]


# The order


@law
@given(CATALOGUES)
def test_the_order_holds_the_matrix_once(kinds: list[tuple[Category, ...]]) -> None:
    matrix = Matrix([item(n, *worn) for n, worn in enumerate(kinds, start=1)])
    found = list(places(matrix))
    assert [place.order for place in found] == sorted({place.order for place in found})
    assert {place.outfit.id for place in found} == {outfit.id for outfit in matrix.outfits()}


@law
@given(CATALOGUES, st.data())
def test_a_page_goes_on_where_the_last_one_ended(
    kinds: list[tuple[Category, ...]], data: st.DataObject
) -> None:
    """Though an item was taken away and another one came."""
    items = [item(n, *worn) for n, worn in enumerate(kinds, start=1)]
    before = list(places(Matrix(items)))
    if not before:
        return
    place = data.draw(st.sampled_from(before))
    gone = data.draw(st.sampled_from(items))
    left = [one for one in items if one != gone]
    rest = list(places(Matrix(left), read_token(place.token)))
    whole = [one for one in before if gone.id not in {garment.item for garment in one.outfit.garments}]
    assert rest == [one for one in whole if one.order > place.order]


@law
@given(CATALOGUES, st.data())
def test_one_garment_has_its_part_of_the_order(
    kinds: list[tuple[Category, ...]], data: st.DataObject
) -> None:
    matrix = Matrix([item(n, *worn) for n, worn in enumerate(kinds, start=1)])
    garments = sorted({garment for place in places(matrix) for garment in place.outfit.garments})
    if garments:
        garment = data.draw(st.sampled_from(garments))
        for name in (garment.id, garment.item):
            expected = [p for p in places(matrix) if any(name in (g.id, g.item) for g in p.outfit.garments)]
            assert list(places_with(matrix, name, START)) == expected


# Pages


@pytest.mark.parametrize("limit", [1, 2, 4, 9, 10])
def test_pages_hold_every_outfit_once(made: Workshop, limit: int) -> None:
    pages = every_page(made.open(), limit=limit)
    assert [name for page in pages for name in page] == listed(made.open())
    assert len(listed(made.open())) == 9
    assert all(len(page) == limit for page in pages[:-1])


def test_what_comes_or_goes_meanwhile_hides_nothing() -> None:
    shop = Workshop(uploads(items=(*TOPS, BOTTOMS[0], GOWN)))
    shop.run()
    first = lookbook.outfits(shop.open(), ANN, limit=4)
    add(shop.uploads, BOTTOMS[1])
    shop.open().reconcile()
    shop.bury(TOPS[0])
    second = lookbook.outfits(shop.open(), ANN, after=first.next, limit=50)
    seen = [card.outfit for page in (first, second) for card in page.outfits]
    assert len(seen) == len(set(seen))
    assert set(listed(shop.open())) <= set(seen)
    assert second.outfits[-1].state is State.MISSING


def test_a_card_says_what_is_there(made: Workshop) -> None:
    page = lookbook.outfits(made.open(), ANN, limit=200)
    cards = {card.outfit: card for card in page.outfits}
    look = cards["t0000.tops+b0000.bottoms"]
    assert (page.total, look.state, look.engines) == (9, State.PUBLISHED, ("null-dresser",))
    assert look.image is not None
    assert look.image.sha256 == lookbook.image(made.open(), ANN, look.outfit).tag
    assert (look.has_splat, cards["t0000.tops"].has_splat) == (True, False)


@pytest.mark.parametrize("after", ["x", "1-2-3", "1-2-3-4-5", "-1-2-3-4", "9" * 30 + "-1-1-1", "٣-1-1-1"])
def test_a_page_that_cannot_be_read_is_refused(made: Workshop, after: str) -> None:
    with pytest.raises(InvalidFilter, match="is no page"):
        lookbook.outfits(made.open(), ANN, after=after)


# Filters


@pytest.mark.parametrize(
    ("garment", "expected"),
    [
        ("t0000", ["t0000.tops", "t0000.tops+b0000.bottoms", "t0000.tops+b0001.bottoms"]),
        ("b0000.bottoms", ["b0000.bottoms", "t0000.tops+b0000.bottoms", "t0001.tops+b0000.bottoms"]),
        (GOWN, [f"{GOWN}.dress"]),
        ("t0000.dress", []),
        ("nothing", []),
    ],
)
def test_by_garment_or_item(made: Workshop, garment: str, expected: list[str]) -> None:
    only = Filter(garment=garment)
    assert listed(made.open(), only) == expected
    assert [name for page in every_page(made.open(), only, 1) for name in page] == expected


def test_by_engine(made: Workshop) -> None:
    assert len(listed(made.open(), Filter(engine="null-dresser"))) == 9
    assert listed(made.open(), Filter(engine="catvton")) == []


def test_by_day(shop: Workshop) -> None:
    """Both ends are included. What was never published has no day."""
    assert isinstance(shop.records, MemoryRecords)
    days = {"t0000.tops": "2026-11-01", "t0001.tops": "2026-11-02", "b0000.bottoms": "2026-11-03"}
    for place, record in list(shop.records.published.items()):
        if record.name not in days:
            del shop.records.published[place]
        else:
            shop.records.published[place] = replace(record, published_at=f"{days[record.name]}T23:59:59Z")
    pipeline = shop.open()
    for since, until, expected in [
        ("2026-11-01", "2026-11-02", ["t0000.tops", "t0001.tops"]),
        ("2026-11-02", "", ["t0001.tops", "b0000.bottoms"]),
        ("", "2026-11-01", ["t0000.tops"]),
        ("2026-11-04", "", []),
    ]:
        assert listed(pipeline, Filter(since=since, until=until)) == expected
        assert [
            n for page in every_page(pipeline, Filter(since=since, until=until), 1) for n in page
        ] == expected


def test_a_rare_day_does_not_read_everything(made: Workshop) -> None:
    """A page with nothing on it leads on."""
    pages, after = 0, ""
    while pages == 0 or after:
        page = lookbook.outfits(made.open(), ANN, Filter(since="2999-01-01"), after, 2, most_looked=4)
        assert page.outfits == ()
        pages, after = pages + 1, page.next
    assert pages == 3


@pytest.mark.parametrize("day", ["2026-13-01", "today", "20261101", "2026-11-1", "2026-W45-1"])
def test_a_day_that_is_none_is_refused(made: Workshop, day: str) -> None:
    with pytest.raises(InvalidFilter, match="is not a day"):
        lookbook.outfits(made.open(), ANN, Filter(since=day))


# The matrix


def cells(pipeline: Pipeline, user: str = ANN) -> dict[str, tuple[str, str]]:
    found = lookbook.coverage_matrix(pipeline, user)
    rows = [*found.pairs, found.tops_alone, found.bottoms_alone, found.dresses]
    return {cell.outfit: (cell.state.value, cell.code) for row in rows for cell in row}


def test_a_complete_matrix(made: Workshop) -> None:
    found = lookbook.coverage_matrix(made.open(), ANN)
    assert [[cell.outfit for cell in row] for row in found.pairs] == [
        [f"{top}.tops+{bottom}.bottoms" for bottom in BOTTOMS] for top in TOPS
    ]
    assert (len(cells(made.open())), set(cells(made.open()).values())) == (9, {("published", "")})
    assert found.counts.values() == (9, 9, 0, 0, 0)
    assert found.next == ""


def test_a_refused_garment_is_told_apart_from_what_it_stands_in_the_way_of() -> None:
    def refusing(job: DressJob) -> Refused | None:
        return Refused("odd", "the sleeves are odd") if job.category.value == "bottoms" else None

    shop = Workshop(answer=refusing)
    shop.run()
    found = cells(shop.open())
    assert found["b0000.bottoms"] == ("refused", "odd")
    assert found["t0000.tops+b0000.bottoms"] == ("refused", "input_refused")
    assert found["t0000.tops"] == ("published", "")
    assert lookbook.coverage_matrix(shop.open(), ANN).counts.values() == (9, 3, 6, 0, 0)


def test_missing_cells_say_why() -> None:
    shop = Workshop()
    pipeline = shop.open()
    pipeline.reconcile()
    assert set(cells(pipeline).values()) == {("missing", "input_missing")}
    pipeline.make_crops([*TOPS, *BOTTOMS, GOWN], "run")
    pipeline.make_masks([ANN], "run")
    found = cells(pipeline)
    assert found["t0000.tops"] == ("missing", "not_made")
    assert found["t0000.tops+b0000.bottoms"] == ("missing", "input_missing")


def test_an_engine_that_failed_is_named() -> None:
    def failing(job: DressJob) -> Refused | None:
        raise RuntimeError("no power")

    shop = Workshop(answer=failing)
    shop.run()
    assert cells(shop.open())["t0000.tops"] == ("missing", "failed")
    assert "no power" in lookbook.coverage_matrix(shop.open(), ANN).tops_alone[0].reason


def test_a_changed_photo_makes_cells_stale(shop: Workshop) -> None:
    add(shop.uploads, "t0000", photo_of="t0001")
    pipeline = shop.open()
    pipeline.reconcile()
    found = cells(pipeline)
    stale = {name for name, cell in found.items() if cell == ("stale", "stale")}
    assert stale == {"t0000.tops", "t0000.tops+b0000.bottoms", "t0000.tops+b0001.bottoms"}
    assert set(cells(pipeline, BEN).values()) == {("stale", "stale"), ("published", "")}


def test_a_large_matrix_comes_in_pages(made: Workshop) -> None:
    """A row at least; what is worn alone comes with the first."""
    first = lookbook.coverage_matrix(made.open(), ANN, most=1)
    second = lookbook.coverage_matrix(made.open(), ANN, first.next, most=1)
    assert (first.tops, second.tops, second.next) == (("t0000.tops",), ("t0001.tops",), "")
    assert (len(first.dresses), len(second.dresses), len(second.bottoms_alone)) == (1, 0, 0)
    assert first.counts.wanted + second.counts.wanted == 9
    with pytest.raises(InvalidFilter):
        lookbook.coverage_matrix(made.open(), ANN, "x")


def test_of_the_erased_there_is_no_matrix_and_no_list(shop: Workshop) -> None:
    shop.bury(ANN)
    for ask in (lookbook.coverage_matrix, lookbook.outfits, lookbook.log_page):
        with pytest.raises(UnknownUpload):
            ask(shop.open(), ANN)


# The work


def test_progress_tells_what_was_made_and_what_is_left(made: Workshop) -> None:
    found = lookbook.progress(made.open())
    stages = {stage.stage: (stage.passes, stage.left) for stage in found.stages}
    assert stages == {"crop": (5, 0), "mask": (2, 0), "tryon": (18, 0), "splat": (10, 0)}
    assert (found.outfits, found.published, found.refused, found.running) == (18, 18, 0, False)
    assert found.seconds_left == 0
    assert found.events[0][0] > found.events[-1][0]


def test_progress_predicts_from_what_was_measured(shop: Workshop) -> None:
    add(shop.uploads, BEN, photo_of=ANN)
    pipeline = shop.open()
    pipeline.reconcile()
    stages = {stage.stage: stage for stage in lookbook.progress(pipeline).stages}
    assert (stages["mask"].left, stages["tryon"].left, stages["splat"].left) == (1, 9, 5)
    each = stages["tryon"].seconds / stages["tryon"].passes
    assert stages["tryon"].seconds_left == pytest.approx(9 * each)


def test_who_works_is_named_while_it_lives(shop: Workshop) -> None:
    shop.records.claim(["a", "b"], "here:1", 60)
    shop.records.claim(["c"], "gone:2", 0)
    working = {one.holder: (one.products, one.alive) for one in lookbook.progress(shop.open()).working}
    assert working == {"here:1": (2, True), "gone:2": (1, False)}
    assert lookbook.progress(shop.open()).running


class Clock:
    """Each look at it takes as long as a test says."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def forecast_of(shop: Workshop, seconds: float) -> tuple[Forecast, Clock, list[int]]:
    """Planning takes `seconds`; and how often it was done."""
    clock, plans = Clock(), list[int]()
    pipeline = shop.open()
    journal = Journal(shop.log, lambda _: None, clock)

    class Slow(Pipeline):
        def plan(self) -> Plan:
            plans.append(1)
            clock.now += timedelta(seconds=seconds)
            return super().plan()

    parts = {**vars(pipeline), "desk": replace(pipeline.desk, journal=journal)}
    return Forecast(Slow(**parts)), clock, plans


def test_a_slow_plan_is_kept_for_long_and_a_quick_one_for_a_moment(shop: Workshop) -> None:
    for seconds, kept in ((0.0, 5), (8.0, 160)):
        forecast, clock, plans = forecast_of(shop, seconds)
        first = forecast.latest()
        clock.now += timedelta(seconds=kept - 1)
        assert forecast.latest() == first
        clock.now += timedelta(seconds=2)
        assert forecast.latest()[1] > first[1]
        assert len(plans) == 2


def test_many_that_ask_at_once_wait_for_one_plan(shop: Workshop) -> None:
    forecast, _, plans = forecast_of(shop, 1.0)
    threads = [threading.Thread(target=forecast.latest) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(plans) == 1


# The log


def test_a_page_of_the_log_goes_on_after_the_last_one(made: Workshop) -> None:
    pipeline = made.open()
    first = lookbook.log_page(pipeline, ANN, 0, 3)
    second = lookbook.log_page(pipeline, ANN, first.next, 500)
    mine = made.log.read(user=ANN)
    assert [*first.events, *second.events] == mine
    assert lookbook.log_page(pipeline, ANN, second.next).next == second.next
    assert list(lookbook.log_page(pipeline, ANN, None, 5).events) == mine[-5:]


def test_events_of_an_earlier_person_with_the_id_are_not_given(shop: Workshop) -> None:
    pipeline = shop.open()
    old = pipeline.offered_user(ANN).ordinal
    assert lookbook.events_since(pipeline, ANN, old, 0, 5)
    shop.bury(ANN)
    with pytest.raises(UnknownUpload):
        lookbook.events_since(pipeline, ANN, old, 0, 5)
    shop.records.erased(next(s.ref for s in shop.records.tombstones()), "2026-11-21T12:00:00Z", "{}")
    pipeline.reconcile()
    assert pipeline.offered_user(ANN).ordinal != old
    with pytest.raises(UnknownUpload, match="another photo"):
        lookbook.events_since(pipeline, ANN, old, 0, 5)
