"""The budget: no engine batch starts that a cap forbids, and what was made before stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.workshop import USERS, Workshop, make_all, uploads
from tests.fakes import MemoryRecords
from tryon.core.budget import Caps, Spent, check_budget
from tryon.core.errors import BudgetSpent
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import Stage
from tryon.core.spending import Budget
from tryon.core.tariff import Tariff, flat
from tryon.core.work import Prices

TOMORROW = "2026-11-22T00:00:00Z"


def capped(shop: Workshop, caps: Caps, now: str = "2026-11-21T12:00:00Z") -> Pipeline:
    """Each engine pass is expected to cost 1 USD, and really costs next to nothing."""
    pipeline = shop.open()
    prices = Prices(dict.fromkeys(Stage, 1.0), {}, flat(1.0))
    budget = Budget(pipeline.records, caps, lambda: prices, lambda: now)
    return replace(pipeline, desk=replace(pipeline.desk, budget=budget))


@pytest.mark.parametrize(
    ("caps", "spent"),
    [
        (Caps(run=1.0), Spent(run=0.5)),
        (Caps(day=2.0), Spent(day=1.5)),
        (Caps(catalogue=3.0), Spent(catalogue=2.5)),
    ],
)
def test_each_cap_forbids_what_would_pass_it(caps: Caps, spent: Spent) -> None:
    check_budget(caps, spent, 0.5)
    with pytest.raises(BudgetSpent, match="FASHION_BUDGET_"):
        check_budget(caps, spent, 0.51)


def test_without_caps_everything_is_allowed() -> None:
    check_budget(Caps(), Spent(1e9, 1e9, 1e9), 1e9)


def test_the_run_stops_before_the_batch_that_costs_too_much() -> None:
    shop = Workshop(uploads([USERS[0]]))
    shop.open().reconcile()
    pipeline = capped(shop, Caps(run=6.0))
    pipeline.make_crops([item.id for item in pipeline.records.items()], "run")
    pipeline.make_masks([USERS[0]], "run")
    pairs = [(USERS[0], item.id) for item in pipeline.records.items()]
    shop.passes.calls.clear()
    # What passes really cost is next to nothing, so a batch of four fits again and again.
    assert not pipeline.make_singles(pairs, "run").failed
    tight = capped(shop, Caps(run=0.9))
    tally = tight.make_two_piece(pairs, "run")
    assert {entry.message.split(":")[0] for entry in tally.failed} == {"BudgetSpent"}
    assert (len(tally.failed), "FASHION_BUDGET_RUN" in str(tally.stopped)) == (4, True)
    assert not tight.records.attempts()


def test_what_is_left_of_a_budget_is_used() -> None:
    """A batch that would pass the cap as a whole is done in parts."""
    shop = Workshop(uploads([USERS[0]]))
    shop.open().reconcile()
    pipeline = capped(shop, Caps(run=3.0))
    tally = pipeline.make_crops([item.id for item in pipeline.records.items()], "run")
    assert (len(tally.failed), tally.made) == (0, 5)
    assert [entries for engine, entries in shop.passes.calls if engine == "analyze"] == [2, 1, 2]


def test_the_rest_of_a_run_is_not_even_tried() -> None:
    shop = Workshop()
    shop.open().reconcile()
    pipeline = capped(shop, Caps(run=0.0))
    tally = make_all(pipeline)
    assert (shop.passes.counts(), tally.made) == ({}, 0)
    assert len(tally.failed) == len(tally.entries)
    assert not [event for event in shop.log.events if event.event.value == "started"]


def test_the_next_day_has_its_own_budget() -> None:
    records = MemoryRecords()
    prices = Prices(dict.fromkeys(Stage, 1.0), {}, flat(1.0))
    today = Budget(records, Caps(day=2.0), lambda: prices, lambda: "2026-11-21T23:59:59Z")
    tomorrow = Budget(records, Caps(day=2.0), lambda: prices, lambda: TOMORROW)
    today.book("run", Stage.TRYON, 2)
    with pytest.raises(BudgetSpent):
        today.book("other run", Stage.TRYON, 1)
    tomorrow.book("run", Stage.TRYON, 2)


def test_a_booking_is_corrected_by_what_it_cost() -> None:
    records = MemoryRecords()
    budget = Budget(
        records, Caps(), lambda: Prices(dict.fromkeys(Stage, 4.0), {}, flat(0.5)), lambda: TOMORROW
    )
    booking = budget.book("run", Stage.TRYON, 3)
    assert budget.spent("run") == Spent(6.0, 6.0, 6.0)
    budget.settle(booking, 2.0)
    assert budget.spent("run") == Spent(1.0, 1.0, 1.0)


def test_a_booking_is_settled_at_the_price_of_its_own_stage() -> None:
    """Each pass of crops looks at one photo besides; where no engine worked, nobody was asked."""
    records = MemoryRecords()
    tariff = Tariff({Stage.CROP: 1.0, Stage.TRYON: 10.0}, call=0.25)
    budget = Budget(records, Caps(), lambda: Prices(dict.fromkeys(Stage, 4.0), {}, tariff), lambda: TOMORROW)
    crops, tryons, nothing = (budget.book("run", stage, 2) for stage in (Stage.CROP, Stage.TRYON, Stage.CROP))
    assert budget.spent("run").run == 2 * (4.0 + 0.25) + 2 * 40.0 + 2 * (4.0 + 0.25)
    budget.settle(crops, 3.0)
    budget.settle(tryons, 3.0)
    budget.settle(nothing, 0.0)
    assert budget.spent("run").run == (3.0 + 2 * 0.25) + 30.0


def test_a_booking_of_another_process_stays_as_it_was_booked() -> None:
    records, prices = MemoryRecords(), Prices(dict.fromkeys(Stage, 1.0), {}, flat(1.0))
    killed, resumed = (Budget(records, Caps(), lambda: prices, lambda: TOMORROW) for _ in range(2))
    booking = killed.book("run", Stage.SPLAT, 2)
    resumed.settle(booking, 0.1)
    assert resumed.spent("run").run == 2.0
