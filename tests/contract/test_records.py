"""Ordinals, verdicts, tombstones and leases: every method is one atomic step."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.contract.verdicts import ANN, TEE, consent, record, upload
from tryon.core.ports import Records
from tryon.core.recipes import Input, Stage
from tryon.core.records import History, Lease, Publication, Record, Verdict
from tryon.core.uploads import Item, Registered, UploadKind, UploadRef, User
from tryon.core.words import Category, Refused

USER, ITEM = UploadKind.USER, UploadKind.ITEM
WON, LOST, BURIED = Publication.WON, Publication.LOST, Publication.BURIED


@pytest.fixture
def open_records(records: Records) -> Records:
    """Ann (ordinal 1) and a tee (ordinal 2) are registered."""
    records.register([upload(USER, "ann"), upload(ITEM, "tee")])
    return records


def ordinals(records: Records) -> dict[str, int]:
    users = {user.id: user.ordinal for user in records.users()}
    return users | {item.id: item.ordinal for item in records.items()}


# Uploads


def test_at_first_there_is_nothing(records: Records) -> None:
    assert (records.users(), records.items(), records.find([]), records.history()) == ([], [], {}, {})


def test_new_uploads_are_told_apart_from_known_ones(records: Records) -> None:
    assert records.register([upload(USER, "ann"), upload(ITEM, "tee")]) == Registered(
        new_users=("ann",), new_items=("tee",)
    )
    assert records.register([upload(USER, "ann"), upload(ITEM, "tee"), upload(ITEM, "hat")]) == Registered(
        new_items=("hat",)
    )


def test_ordinals_rise_in_the_order_of_the_listing(records: Records) -> None:
    records.register([upload(ITEM, name) for name in "cab"])
    records.register([upload(ITEM, name) for name in "abcd"])
    assert [i.id for i in records.items()] == ["c", "a", "b", "d"]
    numbers = [i.ordinal for i in records.items()]
    assert numbers == sorted(set(numbers))


def test_a_changed_photo_keeps_its_ordinal(open_records: Records) -> None:
    before = ordinals(open_records)
    changes = open_records.register([upload(USER, "ann", "new"), upload(ITEM, "tee", "new")])
    assert changes == Registered(changed_users=("ann",), changed_items=("tee",))
    assert ordinals(open_records) == before
    assert open_records.items()[0].sha256 == upload(ITEM, "tee", "new").sha256


def test_a_changed_sidecar_is_a_change(open_records: Records) -> None:
    both = replace(upload(ITEM, "tee"), sidecar=upload(ITEM, "x", worn=("tops", "bottoms")).sidecar)
    assert open_records.register([both]) == Registered(changed_items=("tee",))
    assert open_records.items()[0].categories == (Category.TOPS, Category.BOTTOMS)


def test_an_upload_that_is_not_listed_any_more_stays(open_records: Records) -> None:
    assert open_records.register([]).nothing
    assert ordinals(open_records).keys() == {"ann", "tee"}


def test_users_and_items_are_kept_apart(records: Records) -> None:
    records.register([upload(USER, "x"), upload(ITEM, "x")])
    assert ([u.id for u in records.users()], [i.id for i in records.items()]) == (["x"], ["x"])


def test_one_user_and_some_items_are_those_of_the_lists(open_records: Records) -> None:
    open_records.register([upload(USER, "bob"), upload(ITEM, "hat"), upload(ITEM, "ann")])
    assert [open_records.user(name) for name in ("ann", "bob")] == open_records.users()
    assert open_records.some_items(["ann", "tee", "nothing", "tee"]) == [
        item for item in open_records.items() if item.id in ("ann", "tee")
    ]
    assert (open_records.user("tee"), open_records.some_items(["bob"]), open_records.some_items([])) == (
        None,
        [],
        [],
    )


def test_the_suspended_and_the_buried_are_not_found_by_id(open_records: Records) -> None:
    open_records.suspend([(USER, "ann"), (ITEM, "tee")], "2026-11-20T12:00:00Z")
    assert (open_records.user("ann"), open_records.some_items(["tee"])) == (None, [])
    open_records.register([upload(USER, "ann"), upload(ITEM, "tee")])
    assert (open_records.user("ann") is None, len(open_records.some_items(["tee"]))) == (False, 1)
    for stone in (ANN, TEE):
        open_records.bury(stone, "2026-11-20T12:00:00Z")
    assert (open_records.user("ann"), open_records.some_items(["tee"])) == (None, [])


def test_the_mark_of_the_items_is_another_one_after_each_change(open_records: Records) -> None:
    """A store that cannot tell says so; who reads the mark then keeps nothing."""
    marks = [open_records.items_mark()]
    if marks == [None]:
        return
    for change in (
        lambda: open_records.register([upload(ITEM, "hat")]),
        lambda: open_records.register([upload(ITEM, "hat", "another photo")]),
        lambda: open_records.register([upload(ITEM, "hat", "another photo", ("shoes",))]),
        lambda: open_records.suspend([(ITEM, "hat")], "2026-11-20T12:00:00Z"),
        lambda: open_records.bury(TEE, "2026-11-20T12:00:00Z"),
    ):
        change()
        marks.append(open_records.items_mark())
    assert all(before != after for before, after in pairwise(marks))
    open_records.register([upload(USER, "bob")])
    open_records.publish([record("a")])
    assert open_records.items_mark() == marks[-1]


def test_an_upload_is_read_back_whole(open_records: Records) -> None:
    photo, ann = upload(ITEM, "tee").sha256, upload(USER, "ann").sha256
    assert open_records.items() == [Item(TEE.ordinal, "tee", photo, (Category.TOPS,))]
    assert open_records.users() == [User(ANN.ordinal, "ann", ann, consent.version, "2026-11-01T09:00:00Z")]


def test_a_buried_upload_is_gone(open_records: Records) -> None:
    open_records.bury(TEE, "now")
    assert (open_records.items(), len(open_records.users())) == ([], 1)


def erase(records: Records, upload: UploadRef, at: str = "2026-11-20T12:00:00Z") -> None:
    records.bury(upload, at)
    records.erased(upload, at, "{}")


def test_an_upload_after_an_erasure_is_a_new_one(open_records: Records) -> None:
    erase(open_records, TEE)
    assert open_records.register([upload(ITEM, "tee")]) == Registered(new_items=("tee",))
    assert open_records.items()[0].ordinal > TEE.ordinal


def test_burying_an_old_upload_leaves_its_successor(open_records: Records) -> None:
    erase(open_records, TEE)
    open_records.register([upload(ITEM, "tee")])
    open_records.bury(TEE, "later")
    assert [i.id for i in open_records.items()] == ["tee"]


def test_ordinals_are_never_given_twice(open_records: Records) -> None:
    open_records.register([upload(ITEM, "hat")])
    last = ordinals(open_records)["hat"]
    open_records.bury(UploadRef(ITEM, "hat", last), "now")
    open_records.register([upload(ITEM, "cap")])
    assert ordinals(open_records)["cap"] > last


# Publishing


def made_of(*keys: str) -> list[Input]:
    return [Input(key, 1) for key in keys]


def test_a_record_is_found_as_it_was_published(open_records: Records) -> None:
    made, refused = record("a"), record("b", result=Refused("no_person", "nobody is on the photo"))
    assert open_records.publish([made, refused]) == [WON, WON]
    assert open_records.find(made_of("a", "b")) == {made.input: made, refused.input: refused}


def test_the_first_publish_wins(open_records: Records) -> None:
    first, second = record("a", token="first"), record("a", token="second")
    assert [open_records.publish([r])[0] for r in (first, second)] == [WON, LOST]
    assert open_records.find(made_of("a")) == {first.input: first}


def test_of_equals_in_one_call_the_first_wins(open_records: Records) -> None:
    assert open_records.publish([record("a", token="1"), record("a", token="2")]) == [WON, LOST]


def test_a_higher_generation_wins(open_records: Records) -> None:
    open_records.publish([record("a", 1)])
    assert open_records.publish([record("a", 2)]) == [WON]
    assert open_records.find([Input("a", 1), Input("a", 2)]).keys() == {("a", 1), ("a", 2)}


def test_a_lower_generation_loses(open_records: Records) -> None:
    open_records.publish([record("a", 3)])
    assert open_records.publish([record("a", 2), record("a", 3)]) == [LOST, LOST]
    assert open_records.find([Input("a", 2), Input("a", 3)]).keys() == {("a", 3)}


@pytest.mark.parametrize("gone", [ANN, TEE])
def test_a_tombstone_of_any_upload_buries(open_records: Records, gone: UploadRef) -> None:
    open_records.bury(gone, "now")
    assert open_records.publish([record("a"), record("b", uploads=())]) == [BURIED, WON]
    assert open_records.find(made_of("a", "b")).keys() == {("b", 1)}


def test_a_tombstone_does_not_bury_a_later_upload_of_that_id(open_records: Records) -> None:
    erase(open_records, TEE)
    open_records.register([upload(ITEM, "tee")])
    again = UploadRef(ITEM, "tee", open_records.items()[0].ordinal)
    assert open_records.publish([record("a", uploads=(ANN, again))]) == [WON]


def test_publishing_is_all_or_nothing(open_records: Records) -> None:
    with pytest.raises(TypeError):
        open_records.publish([record("a"), record("b", facts={"photo": b"bytes"})])
    assert open_records.find(made_of("a", "b")) == {}
    assert open_records.history() == {}


def test_a_failed_call_does_not_block_the_next(open_records: Records) -> None:
    with pytest.raises(TypeError):
        open_records.publish([record("a", facts={"photo": b"bytes"})])
    assert open_records.publish([record("a")]) == [WON]


def test_nothing_can_be_published(open_records: Records) -> None:
    assert open_records.publish([]) == []


def test_of_concurrent_publishers_one_wins_each_key(open_records: Records) -> None:
    names = [f"k{n}" for n in range(20)]

    def publish(maker: int) -> list[Publication]:
        return open_records.publish([record(name, token=str(maker)) for name in names])

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(publish, range(4)))
    assert [row.count(WON) for row in zip(*results, strict=True)] == [1] * 20


# Looking up


def test_only_what_was_asked_for_is_found(open_records: Records) -> None:
    open_records.publish([record("a"), record("b")])
    assert open_records.find(made_of("b", "nothing")).keys() == {("b", 1)}


def test_thousands_of_keys_are_found_at_once(open_records: Records) -> None:
    names = [f"k{n:05}" for n in range(2500)]
    open_records.publish([record(name) for name in names])
    assert open_records.find(made_of(*names)).keys() == set(made_of(*names))


def test_standings_are_those_of_one_user(open_records: Records) -> None:
    bob, crop = record("bob's", user="bob"), record("crop", user=None, uploads=(TEE,))
    refused = record("b", result=Refused("blank", "nothing changed"))
    open_records.publish([record("a", 1), record("a", 2), refused, bob, crop])
    published = Verdict.PUBLISHED
    assert open_records.standings("ann") == {
        ("a", 1): published,
        ("a", 2): published,
        ("b", 1): Verdict.REFUSED,
    }
    assert open_records.standings("bob") == {("bob's", 1): published}
    assert open_records.standings(None) == {("crop", 1): published}
    assert open_records.standings("zoe") == {}


def test_all_generations_of_a_user_can_be_listed(open_records: Records) -> None:
    mine = [record("a", 1), record("a", 2), record("b")]
    open_records.publish([*mine, record("bob's", user="bob"), record("crop", user=None)])
    assert sorted(open_records.of_user("ann"), key=_place) == sorted(mine, key=_place)


def _place(one: Record) -> tuple[str, int]:
    return one.key, one.generation


def test_history_sums_the_passes_of_each_stage(open_records: Records) -> None:
    spent = [record("a", seconds=2.0, cost_usd=0.5), record("b", seconds=1.0, cost_usd=0.25)]
    mask = record("c", stage=Stage.MASK, seconds=4.0)
    open_records.publish([*spent, mask, record("d", seconds=0.0)])
    assert open_records.history() == {Stage.TRYON: History(2, 3.0, 0.75), Stage.MASK: History(1, 4.0, 0.0)}


def test_a_loser_is_no_history(open_records: Records) -> None:
    open_records.publish([record("a", seconds=2.0), record("a", seconds=2.0)])
    assert open_records.history() == {Stage.TRYON: History(1, 2.0, 0.0)}


@pytest.mark.parametrize("facts", [{}, {"gaussians": 5, "f_px": 921.6, "box": [1, 2, 3, 4], "note": "é"}])
def test_facts_survive(open_records: Records, facts: Mapping[str, object]) -> None:
    open_records.publish([record("a", facts=facts)])
    assert json.dumps(dict(open_records.find(made_of("a"))[Input("a", 1)].facts)) == json.dumps(facts)


# Leases


def claimed(records: Records, keys: Sequence[str], holder: str, seconds: float = 60.0) -> set[str]:
    return records.claim(keys, holder, seconds)


def test_a_key_is_leased_once(records: Records) -> None:
    assert claimed(records, ["a", "b"], "one") == {"a", "b"}
    assert claimed(records, ["a", "b", "c"], "two") == {"c"}


def test_a_holder_may_claim_again(records: Records) -> None:
    claimed(records, ["a"], "one")
    assert claimed(records, ["a"], "one") == {"a"}


def test_a_released_key_is_free(records: Records) -> None:
    claimed(records, ["a", "b"], "one")
    records.release(["a"], "one")
    assert claimed(records, ["a", "b"], "two") == {"a"}


def test_nobody_releases_the_lease_of_another(records: Records) -> None:
    claimed(records, ["a"], "one")
    records.release(["a"], "two")
    assert claimed(records, ["a"], "two") == set()


def test_a_lease_expires(records: Records) -> None:
    claimed(records, ["a"], "one", seconds=0.02)
    time.sleep(0.03)
    assert claimed(records, ["a"], "two") == {"a"}


def test_claiming_again_renews(records: Records) -> None:
    claimed(records, ["a"], "one", seconds=0.02)
    claimed(records, ["a"], "one")
    time.sleep(0.03)
    assert claimed(records, ["a"], "two") == set()


def test_thousands_of_keys_are_leased_at_once(records: Records) -> None:
    names = [f"k{n}" for n in range(2500)]
    assert claimed(records, names, "one") == set(names)
    assert claimed(records, names, "two") == set()
    records.release(names, "one")
    assert claimed(records, names, "two") == set(names)


def test_nothing_can_be_claimed_and_released(records: Records) -> None:
    assert claimed(records, [], "one") == set()
    records.release([], "one")


def test_of_concurrent_claims_one_is_granted(records: Records) -> None:
    with ThreadPoolExecutor(8) as pool:
        granted = list(pool.map(lambda n: claimed(records, ["a"], f"holder-{n}"), range(8)))
    assert sorted(map(len, granted)) == [0] * 7 + [1]


def test_a_suspended_upload_is_hidden_until_it_is_offered_again(open_records: Records) -> None:
    """Its photo or its consent was taken away; its ordinal and its verdicts stay."""
    before = open_records.items()
    open_records.suspend([(ITEM, "tee")], "2026-11-20T12:00:00Z")
    assert open_records.items() == []
    assert open_records.suspended() == [(ITEM, "tee")]
    assert open_records.register([upload(ITEM, "tee")]) == Registered(changed_items=("tee",))
    assert (open_records.items(), open_records.suspended()) == (before, [])


def test_nothing_made_from_a_suspended_upload_is_published(open_records: Records) -> None:
    open_records.suspend([(ITEM, "tee")], "2026-11-20T12:00:00Z")
    assert open_records.publish([record("k", uploads=(TEE,))]) == [Publication.BURIED]
    open_records.register([upload(ITEM, "tee")])
    assert open_records.publish([record("k", uploads=(TEE,))]) == [Publication.WON]


def test_suspending_what_is_not_known_changes_nothing(open_records: Records) -> None:
    open_records.suspend([(USER, "nobody")], "2026-11-20T12:00:00Z")
    assert open_records.suspended() == []


# Auditing


def test_the_items_own_records_can_be_listed(open_records: Records) -> None:
    crop, look = record("a", user=None, stage=Stage.CROP), record("b")
    open_records.publish([crop, look])
    assert (list(open_records.of_user(None)), list(open_records.of_user("ann"))) == ([crop], [look])


def test_owners_are_all_that_have_records(open_records: Records) -> None:
    assert open_records.owners() == []
    open_records.publish(
        [record("a", user=None), record("b"), record("c"), record("d", user="zoe", uploads=())]
    )
    open_records.bury(ANN, "now")
    assert open_records.owners() == [None, "ann", "zoe"]


def test_a_withdrawn_record_can_be_published_again(open_records: Records) -> None:
    first, other = record("a", token="first"), record("b")
    open_records.publish([first, other])
    open_records.withdraw([first])
    assert list(open_records.of_user("ann")) == [other]
    assert open_records.publish([record("a", token="second")]) == [WON]


def test_only_exactly_this_record_is_withdrawn(open_records: Records) -> None:
    """Another generation, or a later publication under the same key, is another one."""
    older, newer = record("a", 1, token="older"), record("a", 2, token="newer")
    open_records.publish([older])
    open_records.publish([newer])
    open_records.withdraw([record("a", 1, token="of before"), record("z")])
    assert len(list(open_records.of_user("ann"))) == 2
    open_records.withdraw([older, older])
    assert list(open_records.of_user("ann")) == [newer]


def test_leases_are_listed_with_those_that_lapsed(records: Records) -> None:
    assert records.leases() == []
    records.claim(["a"], "one", 100.0)
    assert records.leases() == [Lease("a", "one", True)]
    records.release(["a"], "one")
    assert records.leases() == []
