"""Erasing what workers on other machines hold or have stored, before anybody published it."""

from __future__ import annotations

from tests.core.test_erase import ANN, BOB, ITEM, TEE, USER, Bench
from tryon.core.depot import Depot, Made, Outcome
from tryon.core.encoding import Encoded
from tryon.core.orders import Asked, Delivery, Order, Parcel
from tryon.core.recipes import Stage
from tryon.core.records import Placed
from tryon.core.wanted import Shelf

NOW = "2026-11-21T12:00:00Z"


def delivered(bench: Bench) -> Placed:
    """The outfits of two people in one order, stored by a worker; no log of this machine tells of them."""
    pipeline = bench.shop.open()
    pipeline.reconcile()
    pipeline.make_crops([item.id for item in bench.records.items()], "run")
    pipeline.make_masks([user.id for user in bench.records.users()], "run")
    wanted = pipeline.wanted()
    shelves = [Shelf(wanted, user, {}) for user in bench.records.users()]
    products = [shelf.singles(item)[0] for shelf in shelves for item in wanted.items]
    asked = [Asked(product, wanted.uploads_of(product)) for product in products]
    order = Order(Stage.TRYON, "run", tuple((one,) for one in asked))
    depot = Depot(bench.shop.blobs, bench.records, lambda: NOW)
    outcomes = [
        Outcome(one.product, Made(Encoded(one.product.key.encode(), "webp", "image/webp")), one.uploads)
        for one in asked
    ]
    deposits = depot.store(outcomes, "run", lambda call: call())
    uploads = tuple(dict.fromkeys(ref for one in asked for ref in one.uploads))
    keys = tuple(product.key for product in products)
    placed = Placed(order.id, Stage.TRYON, order.text(), keys, uploads, NOW, "call-1")
    assert bench.records.place(placed) == placed
    delivery = Delivery(tuple(Parcel((deposit,)) for deposit in deposits), 1.0)
    assert bench.records.deliver(order.id, delivery.text())
    return placed


def test_what_a_worker_has_stored_of_an_erased_item_goes_with_its_order() -> None:
    bench = Bench()
    delivered(bench)
    assert len(images(bench, ANN)) == len(images(bench, BOB)) == 2
    bench.erase(ITEM, TEE)
    assert bench.records.orders() == []
    assert len(images(bench, ANN)) == len(images(bench, BOB)) == 1


def test_an_erased_user_leaves_no_order_and_others_keep_their_leases() -> None:
    bench = Bench()
    placed = delivered(bench)
    bench.records.claim(placed.keys, "worker", 60)
    bench.erase(USER, ANN)
    assert (bench.records.orders(), images(bench, ANN), len(images(bench, BOB))) == ([], [], 2)
    assert len(bench.records.leases()) == 2


def images(bench: Bench, user: str) -> list[str]:
    return [path for path in bench.shop.blobs.list(f"users/{user}/") if path.endswith(".webp")]
