"""Engine work on other machines while a system does not answer, and orders that another run left behind."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pytest

from tests.core.remoting import nothing
from tests.core.samples import CLOSET
from tests.core.test_produce import ALL, GOWN, SHELF, TASKS, TOP, messages, names
from tests.core.test_remote import Cloud, Killed, dying, waiting_for
from tryon.core.budget import Caps
from tryon.core.errors import BadInput, StoreAway, StoreError
from tryon.core.orders import Delivery, Order
from tryon.core.recipes import Input, Stage
from tryon.core.records import Placed, Record
from tryon.core.spending import Budget
from tryon.core.stages.tally import Status
from tryon.core.tariff import flat
from tryon.core.words import Category
from tryon.core.work import Prices


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    found = Cloud()
    yield found
    found.calls.pool.shutdown(cancel_futures=True)


def away(*_: object) -> None:
    raise StoreAway("nothing answers")


# A system is away


@pytest.mark.parametrize("parallel", [1, 3])
def test_a_provider_that_is_away_loses_no_paid_work(cloud: Cloud, parallel: int) -> None:
    leave, wait = threading.Event(), cloud.calls.wait
    cloud.calls.before = waiting_for(leave)
    cloud.calls.wait = away  # type: ignore[method-assign, assignment]
    tally = cloud.run("away", parallel=parallel)
    assert (type(tally.stopped), len(tally.failed)) == (StoreAway, 5)
    assert (cloud.calls.cancelled, cloud.records.attempts(), cloud.records.leases()) == ([], [], [])
    leave.set()
    cloud.calls.wait = wait  # type: ignore[method-assign]
    assert cloud.run("again").published == 5
    assert (cloud.passes(), len(cloud.calls.started)) == (sorted(ALL), 3)


def test_records_that_are_away_while_it_waits_cancel_nothing(cloud: Cloud) -> None:
    order = cloud.records.order
    cloud.records.order = away  # type: ignore[method-assign, assignment]
    tally = cloud.run("away")
    cloud.records.order = order  # type: ignore[method-assign]
    assert isinstance(tally.stopped, StoreAway)
    assert (cloud.calls.cancelled, cloud.records.attempts(), len(cloud.records.orders())) == ([], [], 1)
    assert cloud.run("again").published == 5
    assert cloud.passes() == sorted(ALL)


def test_a_call_whose_id_could_not_be_kept_is_started_twice_at_most(cloud: Cloud) -> None:
    called = cloud.records.called
    cloud.records.called = away  # type: ignore[method-assign, assignment]
    assert isinstance(cloud.run("away").stopped, StoreAway)
    cloud.records.called = called  # type: ignore[method-assign]
    assert cloud.run("again").published == 5
    assert (cloud.passes(), len(cloud.calls.started)) == (sorted(ALL), 4)


def test_what_cannot_be_cancelled_stays_ordered(cloud: Cloud) -> None:
    leave, wait = threading.Event(), cloud.calls.wait
    cloud.calls.before = waiting_for(leave)

    def stopped(call_id: str, seconds: float) -> str | None:
        raise KeyboardInterrupt

    cloud.calls.wait = stopped  # type: ignore[method-assign]
    cloud.calls.cancel = away  # type: ignore[method-assign, assignment]
    with pytest.raises(KeyboardInterrupt):
        cloud.run("stopped")
    assert (len(cloud.records.orders()), cloud.records.leases()) == (1, [])
    leave.set()
    cloud.calls.wait = wait  # type: ignore[method-assign]
    assert cloud.run("again").published == 5
    assert (cloud.passes(), len(cloud.calls.started)) == (sorted(ALL), 3)


def test_a_run_that_was_asked_to_stop_starts_no_further_call(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls are started one at a time; those that wait for their turn see the request."""
    spawning, asked = threading.Event(), threading.Event()

    def slow() -> None:
        spawning.set()
        asked.wait(timeout=10)
        time.sleep(0.1)

    cloud.calls.spawned = slow

    def interrupted(*args: object, **kwargs: object) -> object:
        spawning.wait(timeout=10)
        threading.Timer(0.1, asked.set).start()
        raise KeyboardInterrupt

    monkeypatch.setattr("tryon.core.stages.produce.wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cloud.run("stopped", parallel=3)
    assert len(cloud.calls.started) == 1
    assert (cloud.records.orders(), cloud.records.leases()) == ([], [])


def test_ctrl_c_is_obeyed_while_an_error_waits_for_the_other_batches(cloud: Cloud) -> None:
    leave, find = threading.Event(), cloud.records.find
    cloud.calls.before = waiting_for(leave)
    pressed = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))

    def breaks(inputs: Sequence[Input]) -> Mapping[Input, Record]:
        if TASKS[2][0].input not in inputs:
            return find(inputs)
        while not cloud.calls.started:
            time.sleep(0.001)
        if not pressed.is_alive():
            pressed.start()
        raise BadInput("nobody foresaw this")

    cloud.records.find = breaks  # type: ignore[method-assign, assignment]
    with pytest.raises(KeyboardInterrupt):
        cloud.run("stopped", parallel=2, tasks=TASKS[:4])
    deadline = time.monotonic() + 5
    while cloud.records.orders():
        assert time.monotonic() < deadline, "the call goes on"
        time.sleep(0.01)
    assert cloud.calls.cancelled == ["call-1"]
    leave.set()


def test_a_delivery_that_fails_once_costs_no_second_pass(cloud: Cloud) -> None:
    deliver, failing = cloud.records.deliver, [StoreAway("nothing answers"), StoreAway("nothing answers")]

    def fails(order_id: str, delivery: str) -> bool:
        if failing:
            raise failing.pop()
        return deliver(order_id, delivery)

    cloud.records.deliver = fails  # type: ignore[method-assign]
    assert cloud.run().made == 5
    assert (cloud.passes(), len(cloud.calls.started)) == (sorted(ALL), 3)


def test_what_is_ordered_stays_booked_until_a_run_takes_it(cloud: Cloud) -> None:
    """Its engine works and is paid while nobody hears of it; the run that takes it over books nothing."""
    prices = Prices(dict.fromkeys(Stage, 1.0), {}, flat(1.0))
    cloud.budget = Budget(cloud.records, Caps(catalogue=2.5), lambda: prices, cloud.journal.timestamp)
    wait = cloud.calls.wait
    cloud.calls.wait = away  # type: ignore[method-assign, assignment]
    cloud.run("away", tasks=TASKS[:2])
    assert cloud.budget.spent().catalogue == 2.0
    cloud.calls.wait = wait  # type: ignore[method-assign]
    assert cloud.run("again", tasks=TASKS[:2]).made == 2
    assert cloud.budget.spent().catalogue == 2.0


def test_an_order_that_the_store_rejects_is_taken_apart(cloud: Cloud) -> None:
    """It may be too large for one document."""
    place = cloud.records.place

    def small(order: Placed) -> Placed | None:
        if len(order.keys) > 1:
            raise StoreError("the document is too large")
        return place(order)

    cloud.records.place = small  # type: ignore[method-assign]
    assert cloud.run().made == 5


# Orders that others left


def left_behind(cloud: Cloud) -> None:
    """One order of a killed run, with two products and its delivery."""
    cloud.calls.spawned = dying()
    cloud.killed()
    cloud.calls.spawned = nothing
    cloud.calls.settle(1)


def test_a_run_that_asks_for_a_part_of_an_order_loses_nothing_of_the_rest(cloud: Cloud) -> None:
    left_behind(cloud)
    tally = cloud.run("part", tasks=TASKS[:1])
    assert names(tally, Status.MADE) == ALL[:1]
    assert cloud.run("again").published == 5
    assert (cloud.passes(), cloud.records.orders(), cloud.records.leases()) == (sorted(ALL), [], [])


def test_a_failure_in_the_rest_of_an_order_is_counted_once(cloud: Cloud) -> None:
    cloud.press.works = {TASKS[1][0].name: RuntimeError("CUDA error")}
    left_behind(cloud)
    tally = cloud.run("part", tasks=TASKS[:1])
    assert (names(tally, Status.MADE), tally.failed) == (ALL[:1], [])
    assert [(a.name, a.failures) for a in cloud.records.attempts()] == [(ALL[1], 1)]
    cloud.press.works = {}
    assert cloud.run("again").published == 5


def test_two_runs_that_share_an_order_make_it_once(cloud: Cloud) -> None:
    """The second one waits for the call, and finds the order gone when the first one has published it."""
    leave = threading.Event()
    cloud.calls.before = waiting_for(leave)
    cloud.killed_while_it_waits()
    tallies = {}

    def run(number: int) -> None:
        tallies[number] = cloud.run(f"part-{number}", tasks=[TASKS[number]])

    threads = [threading.Thread(target=run, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    while len(cloud.records.leases()) < 2:
        assert all(thread.is_alive() for thread in threads)
    leave.set()
    for thread in threads:
        thread.join(timeout=10)
    assert [tally.failed for tally in tallies.values()] == [[], []]
    assert (cloud.passes(), cloud.records.orders()) == (sorted(ALL[:2]), [])


def test_an_order_of_another_version_stops_nothing(cloud: Cloud) -> None:
    left_behind(cloud)
    (old,) = cloud.records.orders()
    cloud.records.finish(old.id)
    cloud.records.place(replace(old, text='{"of": "another version"}', call="", delivery=""))
    assert cloud.run("again").published == 5


def test_what_cannot_be_read_is_not_quoted() -> None:
    for kind in (Order, Delivery):
        with pytest.raises(ValueError, match=r"another version .* deploy the workers anew") as caught:
            kind.read('{"stage": "users/ann/0123456789abcdef"}')
        assert "ann" not in str(caught.value)
        assert caught.value.__context__ is None


def test_an_item_that_gained_a_category_meanwhile_is_made_whole(cloud: Cloud) -> None:
    """Its first crop keeps its key; the task has one product more than the order of the killed run."""
    (crop,) = SHELF.wanted.crops(CLOSET[0])
    recipe = crop.recipe._replace(name=f"{CLOSET[0].id}.{Category.BOTTOMS}")
    other = crop._replace(recipe=recipe, key=recipe.key)
    cloud.press.made = (crop, other)
    cloud.calls.spawned = dying()
    with pytest.raises(Killed):
        cloud.run("killed", tasks=[(crop,)])
    cloud.calls.spawned = nothing
    cloud.calls.settle(1)
    tally = cloud.run("again", tasks=[(crop, other)])
    assert (tally.failed, tally.published) == ([], 2)


def test_the_log_tells_each_end_once(cloud: Cloud) -> None:
    left_behind(cloud)
    cloud.run("part", tasks=TASKS[:1])
    cloud.run("again")
    ends = [event.step for event in cloud.log.events if event.event.value == "finished"]
    assert sorted(ends) == sorted(ALL)
    assert {GOWN, TOP} <= set(ends)
    assert messages(cloud.run("once more")) == {}
    assert [Order.read(placed.text) for placed in cloud.records.orders()] == []
