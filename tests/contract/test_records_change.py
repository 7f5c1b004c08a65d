"""What every Records keeps of change: releases of users, failed attempts, and bookings of engine cost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.contract.verdicts import ANN, record, upload
from tests.core.samples import RELEASE
from tryon.core.budget import Caps, Spent
from tryon.core.errors import BudgetSpent
from tryon.core.ports import Records
from tryon.core.recipes import Input, Stage
from tryon.core.records import Attempt
from tryon.core.uploads import UploadKind, User

NOW = "2026-11-21T12:00:00Z"
AGAIN = replace(RELEASE, generation=2)
FAILED = Attempt(
    "a", 1, Stage.TRYON, "tee.tops", "ann", "tee", "the GPU went away", "run 1", "2026-11-21T09:00:00Z"
)


@pytest.fixture
def open_records(records: Records) -> Records:
    """With the users ann and bob."""
    records.register([upload(UploadKind.USER, "ann"), upload(UploadKind.USER, "bob")])
    return records


def releases_of(records: Records) -> dict[str, tuple[str, str]]:
    return {user.id: (user.shown, user.target) for user in records.users()}


# Releases


def test_at_first_nobody_has_a_release(open_records: Records) -> None:
    assert (open_records.releases(), releases_of(open_records)) == ([], {"ann": ("", ""), "bob": ("", "")})


def test_the_first_one_is_shown_at_once(open_records: Records) -> None:
    open_records.confirm(RELEASE, ["ann"])
    assert releases_of(open_records) == {"ann": (RELEASE.id, RELEASE.id), "bob": ("", "")}
    assert open_records.releases() == [RELEASE]


def test_a_later_one_is_the_target_until_it_is_switched_to(open_records: Records) -> None:
    open_records.confirm(RELEASE, ["ann", "bob"])
    open_records.confirm(AGAIN, ["ann"])
    assert releases_of(open_records) == {"ann": (RELEASE.id, AGAIN.id), "bob": (RELEASE.id, RELEASE.id)}
    assert open_records.switch("ann", AGAIN.id, NOW)
    assert releases_of(open_records)["ann"] == (AGAIN.id, AGAIN.id)
    assert {user.id: user.switched_at for user in open_records.users()} == {"ann": NOW, "bob": ""}


def test_only_the_present_target_is_switched_to(open_records: Records) -> None:
    open_records.confirm(RELEASE, ["ann"])
    open_records.confirm(AGAIN, ["ann"])
    assert not open_records.switch("ann", "an older one", NOW)
    assert not open_records.switch("zoe", AGAIN.id, NOW)
    assert releases_of(open_records)["ann"] == (RELEASE.id, AGAIN.id)


def test_the_release_confirmed_last_is_the_last(open_records: Records) -> None:
    for release in (RELEASE, AGAIN, RELEASE):
        open_records.confirm(release, ["ann"])
    assert open_records.releases() == [AGAIN, RELEASE]


def test_one_release_is_found_by_its_id(open_records: Records) -> None:
    assert open_records.confirmed(RELEASE.id) is None
    open_records.confirm(RELEASE, ["ann"])
    open_records.confirm(AGAIN, ["ann"])
    assert [open_records.confirmed(one.id) for one in (RELEASE, AGAIN)] == [RELEASE, AGAIN]


def test_a_release_survives_a_changed_photo_but_not_an_erasure(open_records: Records) -> None:
    open_records.confirm(RELEASE, ["ann", "bob"])
    open_records.register([upload(UploadKind.USER, "ann", "another photo")])
    assert releases_of(open_records)["ann"] == (RELEASE.id, RELEASE.id)
    (ann,) = [user for user in open_records.users() if user.id == "ann"]
    buried = replace(ANN, ordinal=ann.ordinal)
    open_records.bury(buried, NOW)
    open_records.erased(buried, NOW, "receipt")
    open_records.register([upload(UploadKind.USER, "ann")])
    assert releases_of(open_records)["ann"] == ("", "")


def test_a_user_without_a_release_is_like_a_user_of_before(open_records: Records) -> None:
    bare = [
        User(user.ordinal, user.id, user.sha256, "2026-01", user.consent_at) for user in open_records.users()
    ]
    assert open_records.users() == bare


# Attempts


def test_failures_add_up(open_records: Records) -> None:
    open_records.fail([FAILED])
    open_records.fail([replace(FAILED, reason="again", run_id="run 2", at="2026-11-21T10:00:00Z")])
    last = replace(FAILED, reason="again", run_id="run 2", at="2026-11-21T10:00:00Z", failures=2)
    assert open_records.attempts() == [last]


def test_generations_are_counted_apart(open_records: Records) -> None:
    open_records.fail([FAILED, replace(FAILED, generation=2)])
    assert [(a.generation, a.failures) for a in open_records.attempts()] == [(1, 1), (2, 1)]


def test_a_retry_forgets_what_is_named(open_records: Records) -> None:
    open_records.fail([FAILED, replace(FAILED, key="b")])
    open_records.retry([Input("a", 1), Input("unknown", 1)])
    assert [attempt.key for attempt in open_records.attempts()] == ["b"]


def test_publishing_forgets_the_failures(open_records: Records) -> None:
    open_records.fail([FAILED, replace(FAILED, key="b")])
    open_records.publish([record("a", uploads=(ANN,))])
    assert [attempt.key for attempt in open_records.attempts()] == ["b"]


# Bookings


def test_what_is_booked_is_spent(open_records: Records) -> None:
    open_records.book("run 1", "2026-11-21", 2.0, Caps())
    open_records.book("run 2", "2026-11-21", 3.0, Caps())
    open_records.book("run 2", "2026-11-22", 4.0, Caps())
    assert open_records.spent("run 2", "2026-11-21") == Spent(7.0, 5.0, 9.0)
    assert open_records.spent("nothing", "2026-11-23") == Spent(0.0, 0.0, 9.0)


def test_a_settled_booking_counts_what_it_cost(open_records: Records) -> None:
    first = open_records.book("run", "2026-11-21", 2.0, Caps())
    open_records.book("run", "2026-11-21", 2.0, Caps())
    open_records.settle(first, 0.5)
    assert open_records.spent("run", "2026-11-21") == Spent(2.5, 2.5, 2.5)


def test_nothing_is_booked_beyond_a_cap(open_records: Records) -> None:
    open_records.book("run", "2026-11-21", 2.0, Caps(run=3.0))
    with pytest.raises(BudgetSpent):
        open_records.book("run", "2026-11-21", 1.5, Caps(run=3.0))
    assert open_records.spent("run", "2026-11-21").run == 2.0


def test_runs_side_by_side_do_not_spend_the_same_dollar(open_records: Records) -> None:
    def book(number: int) -> bool:
        try:
            open_records.book(f"run {number}", "2026-11-21", 1.0, Caps(day=5.0))
        except BudgetSpent:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        booked = list(pool.map(book, range(20)))
    assert sum(booked) == 5
