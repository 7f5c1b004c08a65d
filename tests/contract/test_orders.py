"""Orders for workers elsewhere: kept from before the call until the publication, and gone with their uploads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.contract.verdicts import ANN, TEE, upload
from tryon.core.ports import Records
from tryon.core.recipes import Stage
from tryon.core.records import Placed
from tryon.core.uploads import UploadKind

ORDER = Placed("o1", Stage.TRYON, '{"tasks": ["żółty"]}', ("k1", "k2"), (ANN, TEE), "2026-11-21T12:00:00Z")
LATER = Placed("o2", Stage.TRYON, "{}", ("k3",), (ANN,), "2026-11-21T13:00:00Z")
CROPS = Placed("o3", Stage.CROP, "{}", ("k4",), (TEE,), "2026-11-21T11:00:00Z")


@pytest.fixture
def orders(records: Records) -> Records:
    """Ann (ordinal 1) and a tee (2) are registered."""
    records.register([upload(UploadKind.USER, "ann"), upload(UploadKind.ITEM, "tee")])
    return records


def test_none_is_there_at_first(orders: Records) -> None:
    assert (orders.order("o1"), orders.orders()) == (None, [])


def test_what_was_placed_is_found_whole(orders: Records) -> None:
    assert orders.place(ORDER) == ORDER
    assert (orders.order("o1"), orders.orders()) == (ORDER, [ORDER])


def test_the_first_one_stays_with_what_became_of_it(orders: Records) -> None:
    orders.place(ORDER)
    orders.called("o1", "call-1")
    assert orders.place(replace(ORDER, text="{}", placed_at=LATER.placed_at)) == replace(ORDER, call="call-1")


def test_they_are_listed_by_stage_the_oldest_first(orders: Records) -> None:
    for order in (LATER, ORDER, CROPS):
        orders.place(order)
    assert orders.orders(Stage.TRYON) == [ORDER, LATER]
    assert orders.orders() == [CROPS, ORDER, LATER]
    assert orders.orders(Stage.SPLAT) == []


def test_the_last_call_counts(orders: Records) -> None:
    orders.place(ORDER)
    orders.called("o1", "call-1")
    orders.called("o1", "call-2")
    assert orders.order("o1") == replace(ORDER, call="call-2")


def test_the_first_delivery_counts(orders: Records) -> None:
    orders.place(ORDER)
    assert [orders.deliver("o1", "first"), orders.deliver("o1", "second")] == [True, True]
    assert orders.order("o1") == replace(ORDER, delivery="first")


def test_nobody_waits_for_what_is_finished(orders: Records) -> None:
    orders.place(ORDER)
    orders.finish("o1")
    orders.finish("o1")
    orders.called("o1", "call-1")
    assert (orders.deliver("o1", "text"), orders.order("o1")) == (False, None)


def test_nothing_is_placed_for_an_erased_upload(orders: Records) -> None:
    orders.bury(TEE, "2026-11-21T12:00:00Z")
    assert orders.place(ORDER) is None
    assert orders.orders() == []
    assert orders.place(LATER) == LATER


def test_a_later_upload_of_the_same_id_may_be_ordered(orders: Records) -> None:
    orders.bury(TEE, "2026-11-21T12:00:00Z")
    orders.erased(TEE, "2026-11-21T12:00:01Z", "{}")
    orders.register([upload(UploadKind.ITEM, "tee")])
    (item,) = orders.items()
    again = replace(ORDER, uploads=(ANN, replace(TEE, ordinal=item.ordinal)))
    assert orders.place(again) == again


def test_it_goes_with_any_of_its_keys(orders: Records) -> None:
    for order in (ORDER, LATER):
        orders.place(order)
    assert orders.kept_keys(["k2", "k9"]) == {"k2"}
    assert orders.drop_keys(["k2", "k9"]) == 1
    assert orders.orders() == [LATER]
    assert orders.kept_keys(["k1", "k2"]) == set()
