"""Rolling out: shoppers keep what they see until all of the new is there, and then switch in one step."""

from __future__ import annotations

import pytest

from tests.core.workshop import USERS, Workshop, add, everywhere, make_all, uploads
from tryon.core import rollout
from tryon.core.coverage import coverage
from tryon.core.errors import PregenerationRequired, Unconfirmed, UnknownUpload
from tryon.core.pipeline import Pipeline
from tryon.core.stages.tally import Status
from tryon.core.words import Order, Outfit

ANN, BEN = USERS
LOOK = Outfit.parse("t0000.tops+b0000.bottoms")


def made() -> Workshop:
    """Everything is published under the first release."""
    shop = Workshop()
    shop.run()
    shop.passes.calls.clear()
    return shop


def tucked(shop: Workshop) -> Pipeline:
    """The next version of the code: it paints in another order."""
    shop.order = Order.TUCKED
    return shop.open()


def shown(pipeline: Pipeline, user: str) -> tuple[str, int]:
    record = pipeline.shown(user, LOOK)
    return record.recipe, record.generation


# Nothing happens by itself


def test_new_code_makes_nothing_before_it_is_confirmed() -> None:
    shop = made()
    before = shown(shop.open(), ANN)
    pipeline = tucked(shop)
    pipeline.reconcile()
    plan = pipeline.plan()
    assert (plan.nothing, plan.unconfirmed, plan.published) == (True, list(USERS), plan.outfits)
    assert shown(pipeline, ANN) == before
    assert (shop.passes.counts(), rollout.switch(pipeline)) == ({}, [])


def test_what_it_would_take_is_known_before() -> None:
    pipeline = tucked(made())
    found = rollout.prepare(pipeline)
    assert (found.users, found.plan.outfits, found.plan.to_make) == (USERS, 18, 18)
    assert "painter's order: untucked -> tucked" in found.changes
    assert pipeline.records.users()[0].target != found.release.id


def test_a_run_of_the_new_code_says_that_it_is_not_confirmed() -> None:
    shop = made()
    add(shop.uploads, "t0000", photo_of="t0001")
    pipeline = tucked(shop)
    pipeline.reconcile()
    tally = pipeline.make_singles(everywhere(pipeline), "run")
    (message,) = {entry.message for entry in tally.failed}
    assert "fashion rollout" in message
    assert shop.passes.counts() == {}


def test_who_has_nothing_yet_waits_for_no_confirmation() -> None:
    """Somebody tries out settings before anything was made."""
    shop = Workshop()
    shop.open().reconcile()
    first = shop.open().records.users()[0].target
    pipeline = tucked(shop)
    pipeline.reconcile()
    ann = pipeline.records.users()[0]
    assert ann.shown == ann.target == pipeline.release().id != first
    shop.run()
    assert "tucked" in shown(shop.open(), ANN)[0]


# Rolled out


def test_a_user_switches_when_the_last_verdict_is_there() -> None:
    shop = made()
    old = shown(shop.open(), ANN)
    pipeline = tucked(shop)
    rollout.confirm(pipeline, rollout.prepare(pipeline, [ANN]))
    assert [user.shown == user.target for user in pipeline.records.users()] == [False, True]
    pairs = [(ANN, item.id) for item in pipeline.records.items()]
    pipeline.make_singles(pairs, "run")
    pipeline.make_two_piece(pairs, "run")
    assert (rollout.switch(pipeline), shown(pipeline, ANN)) == ([], old)
    pipeline.make_splats(pairs, "run")
    assert rollout.switch(pipeline) == [ANN]
    assert shown(pipeline, ANN) != old
    assert '"order":"tucked"' in shown(pipeline, ANN)[0]
    assert '"order":"untucked"' in shown(pipeline, BEN)[0]
    assert rollout.switch(pipeline) == []


def test_what_both_releases_share_is_not_made_again() -> None:
    shop = made()
    pipeline = tucked(shop)
    rollout.confirm(pipeline, rollout.prepare(pipeline))
    make_all(pipeline, "again")
    assert shop.passes.counts() == {"dress": 18, "splat": 10}


def test_going_back_costs_nothing() -> None:
    shop = made()
    pipeline = tucked(shop)
    rollout.confirm(pipeline, rollout.prepare(pipeline))
    make_all(pipeline)
    rollout.switch(pipeline)
    shop.order = Order.UNTUCKED
    back = shop.open()
    found = rollout.prepare(back)
    assert (found.users, found.plan.to_make) == (USERS, 0)
    rollout.confirm(back, found)
    assert rollout.switch(back) == list(USERS)


def test_a_new_user_gets_what_the_running_code_makes() -> None:
    shop = Workshop(uploads([ANN]))
    shop.run()
    pipeline = tucked(shop)
    add(shop.uploads, BEN)
    pipeline.reconcile()
    make_all(pipeline)
    assert '"order":"tucked"' in shown(pipeline, BEN)[0]
    assert '"order":"untucked"' in shown(pipeline, ANN)[0]


def test_coverage_tells_how_far_a_rollout_is() -> None:
    shop = made()
    pipeline = tucked(shop)
    rollout.confirm(pipeline, rollout.prepare(pipeline, [ANN]))
    found = coverage(pipeline)
    ann, ben = found.users
    assert ann.rollout is not None
    assert (ann.tryons.published, ann.rollout.stale, ben.rollout, found.open) == (9, 14, None, 14)


def test_every_rollout_is_logged_for_each_user() -> None:
    shop = made()
    pipeline = tucked(shop)
    rollout.confirm(pipeline, rollout.prepare(pipeline, [ANN]))
    make_all(pipeline)
    rollout.switch(pipeline)
    told = [(e.user_id, e.event.value) for e in shop.log.events if e.component == "releases"]
    assert told == [(ANN, "started"), (ANN, "finished")]


def test_only_what_the_running_code_makes_can_be_confirmed() -> None:
    shop = made()
    other = rollout.prepare(tucked(shop))
    shop.order = Order.UNTUCKED
    with pytest.raises(Unconfirmed):
        rollout.confirm(shop.open(), other)


def test_an_unknown_user_is_named() -> None:
    with pytest.raises(UnknownUpload, match="'zoe'"):
        rollout.prepare(made().open(), ["zoe"])


# Made again


def test_made_again_it_is_shown_when_it_is_complete() -> None:
    shop = made()
    pipeline = shop.open()
    rollout.confirm(pipeline, rollout.prepare(pipeline, again=True))
    assert shown(pipeline, ANN)[1] == 1
    tally = make_all(pipeline, "again")
    assert {entry.status for entry in tally.entries} == {Status.MADE}
    assert shop.passes.counts() == {"analyze": 5, "parse": 2, "dress": 18, "splat": 10}
    rollout.switch(pipeline)
    assert (shown(pipeline, ANN)[1], shown(pipeline, BEN)[1]) == (2, 2)


def test_an_unfinished_next_generation_is_gone_on_with() -> None:
    shop = made()
    pipeline = shop.open()
    first = rollout.prepare(pipeline, again=True)
    rollout.confirm(pipeline, first)
    again = rollout.prepare(pipeline, again=True)
    assert (again.release, again.users) == (first.release, ())


def test_a_generation_that_was_tried_on_one_user_is_joined_by_the_others() -> None:
    shop = made()
    pipeline = shop.open()
    first = rollout.prepare(pipeline, [ANN], again=True)
    rollout.confirm(pipeline, first)
    make_all(pipeline)
    rollout.switch(pipeline)
    others = rollout.prepare(pipeline, again=True)
    assert (others.release, others.users) == (first.release, (BEN,))
    rollout.confirm(pipeline, others)
    make_all(pipeline)
    rollout.switch(pipeline)
    assert shop.passes.counts()["analyze"] == 5
    assert rollout.prepare(pipeline, again=True).release.generation == 3


def test_one_users_renewal_is_not_asked_of_the_others() -> None:
    shop = made()
    pipeline = tucked(shop)
    rollout.confirm(pipeline, rollout.prepare(pipeline, [ANN]))
    make_all(pipeline)
    rollout.switch(pipeline)
    rollout.confirm(pipeline, rollout.prepare(pipeline, [ANN], again=True))
    found = rollout.prepare(pipeline, [BEN])
    assert (found.release.generation, found.changes) == (
        1,
        ("tryon parameters order: untucked -> tucked", "painter's order: untucked -> tucked"),
    )


def test_one_user_alone_is_made_again() -> None:
    shop = made()
    pipeline = shop.open()
    rollout.confirm(pipeline, rollout.prepare(pipeline, [BEN], again=True))
    make_all(pipeline)
    rollout.switch(pipeline)
    assert (shown(pipeline, ANN)[1], shown(pipeline, BEN)[1]) == (1, 2)
    # Crops are made for the generation that asks for them.
    assert shop.passes.counts() == {"analyze": 5, "parse": 1, "dress": 9, "splat": 5}


def test_during_a_rollout_a_changed_photo_is_made_for_the_target_only() -> None:
    shop = Workshop(uploads([ANN]))
    shop.run()
    pipeline = shop.open()
    rollout.confirm(pipeline, rollout.prepare(pipeline, again=True))
    add(shop.uploads, ANN, photo_of=BEN)
    pipeline.reconcile()
    with pytest.raises(PregenerationRequired):
        pipeline.shown(ANN, LOOK)
    make_all(pipeline)
    assert rollout.switch(pipeline) == [ANN]
    assert shown(pipeline, ANN)[1] == 2
