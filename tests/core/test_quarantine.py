"""Quarantine: what an engine failed at too often is not paid for again until somebody retries it."""

from __future__ import annotations

import pytest

from tests.core.workshop import USERS, Workshop, make_all, uploads
from tests.fakes import MemoryBlobs
from tryon.core.ports import DressJob
from tryon.core.words import Category, Refused

ANN = USERS[0]


def breaks_bottoms(job: DressJob) -> Refused | None:
    if job.category is Category.BOTTOMS:
        raise ConnectionError("the GPU went away")
    return None


def broken(runs: int) -> Workshop:
    """A top and a bottom, whose bottom an engine failed at in each of these runs."""
    shop = Workshop(uploads([ANN], ["t0000", "b0000"]), answer=breaks_bottoms)
    for number in range(runs):
        shop.run(f"run {number}")
    shop.passes.calls.clear()
    return shop


@pytest.mark.parametrize(("runs", "quarantined"), [(1, []), (2, []), (3, ["b0000.bottoms"])])
def test_three_runs_in_vain_quarantine_a_product(runs: int, quarantined: list[str]) -> None:
    pipeline = broken(runs).open()
    assert [attempt.name for attempt in pipeline.quarantine()] == quarantined


def test_it_is_neither_planned_nor_paid_for_and_neither_is_what_needs_it() -> None:
    shop = broken(3)
    plan = shop.open().plan()
    assert (plan.nothing, plan.published, plan.held) == (True, 1, 2)
    tally = make_all(shop.open())
    assert shop.passes.counts() == {}
    messages = {entry.product.name: entry.message for entry in tally.failed}
    assert "quarantined after 3 failures" in messages["b0000.bottoms"]
    assert "the GPU went away" in messages["b0000.bottoms"]


def test_after_a_retry_it_is_made() -> None:
    shop = broken(3)
    shop.answer = lambda job: None
    shop.records.retry([attempt.input for attempt in shop.records.attempts()])
    assert not shop.run("again").failed
    assert (shop.open().plan().nothing, shop.records.attempts()) == (True, [])


def test_a_success_forgets_the_failures_before_it() -> None:
    shop = broken(2)
    shop.answer = lambda job: None
    shop.run("again")
    assert shop.records.attempts() == []


def test_work_that_could_not_be_stored_was_paid_too() -> None:
    shop = Workshop(uploads([ANN], ["t0000"]), MemoryBlobs(unwritable=(".webp",)))
    for number in range(4):
        shop.run(f"run {number}")
    assert shop.passes.counts()["dress"] == 3
    assert [attempt.name for attempt in shop.open().quarantine()] == ["t0000.tops"]


def test_what_no_engine_worked_for_is_not_counted() -> None:
    """A missing input is a consequence: its own cause is counted where it failed."""
    shop = broken(3)
    assert {attempt.name for attempt in shop.records.attempts()} == {"b0000.bottoms"}


def test_a_base_that_failed_is_not_paid_for_twice_in_one_run() -> None:
    shop = Workshop(uploads([ANN], ["t0000", "b0000"]), answer=breaks_bottoms)
    tally = shop.run()
    assert [attempt.failures for attempt in shop.records.attempts()] == [1]
    assert "b0000.bottoms" in {entry.product.name for entry in tally.failed}
