"""What paid services said about photos: kept once, for each upload, and gone with it."""

from __future__ import annotations

import pytest

from tests.contract.verdicts import ANN, TEE, upload
from tryon.core.ports import Records
from tryon.core.uploads import UploadKind, UploadRef
from tryon.stores.sqlite.database import Database
from tryon.stores.sqlite.records import SqliteRecords

HAT = UploadRef(UploadKind.ITEM, "hat", 3)
NOW = "2026-11-21T12:00:00.000000Z"


@pytest.fixture
def answers(records: Records) -> Records:
    """Ann (ordinal 1), a tee (2) and a hat (3) are registered."""
    kinds = [(UploadKind.USER, "ann"), (UploadKind.ITEM, "tee"), (UploadKind.ITEM, "hat")]
    records.register([upload(kind, name) for kind, name in kinds])
    return records


def test_nothing_is_known_at_first(answers: Records) -> None:
    assert (answers.answers(["a"]), answers.answers([]), answers.answers_of(TEE)) == ({}, {}, 0)


def test_what_was_kept_is_found_by_its_key_whoever_it_is_kept_for(answers: Records) -> None:
    answers.keep_answer("a", "żółty {}", TEE)
    answers.keep_answer("b", "two", HAT)
    answers.keep_answer("c", "three")
    assert answers.answers(["a", "b", "c", "d"]) == {"a": "żółty {}", "b": "two", "c": "three"}


def test_the_first_answer_stays(answers: Records) -> None:
    for text in ("first", "second"):
        answers.keep_answer("a", text, TEE)
        answers.keep_answer("b", text)
    assert answers.answers(["a", "b"]) == {"a": "first", "b": "first"}


def test_erasing_one_of_two_with_the_same_photo_leaves_the_other_its_answer(answers: Records) -> None:
    for ref in (TEE, HAT):
        answers.keep_answer("a", "text", ref)
    assert (answers.answers_of(TEE), answers.forget_answers(TEE), answers.answers_of(TEE)) == (1, 1, 0)
    assert answers.answers(["a"]) == {"a": "text"}
    assert (answers.forget_answers(HAT), answers.answers(["a"])) == (1, {})


def test_only_its_own_go(answers: Records) -> None:
    answers.keep_answer("a", "text", TEE)
    answers.keep_answer("b", "text", TEE)
    answers.keep_answer("c", "text")
    assert (answers.forget_answers(ANN), answers.forget_answers(HAT), answers.forget_answers(TEE)) == (
        0,
        0,
        2,
    )
    assert answers.answers(["a", "b", "c"]) == {"c": "text"}


def test_nothing_is_kept_for_what_has_a_tombstone(answers: Records) -> None:
    """A question may be under way while its photo is erased."""
    answers.keep_answer("a", "before", TEE)
    answers.bury(TEE, NOW)
    answers.forget_answers(TEE)
    answers.keep_answer("b", "after", TEE)
    answers.erased(TEE, NOW, "{}")
    answers.keep_answer("b", "much later", TEE)
    assert (answers.answers_of(TEE), answers.answers(["a", "b"])) == (0, {})


def test_nothing_is_kept_for_what_never_was(answers: Records) -> None:
    answers.keep_answer("a", "text", UploadRef(UploadKind.ITEM, "never", 99))
    assert answers.answers(["a"]) == {}


def test_while_a_photo_is_away_its_answer_stays(answers: Records) -> None:
    answers.suspend([(UploadKind.ITEM, "tee")], NOW)
    answers.keep_answer("a", "text", TEE)
    assert (answers.answers_of(TEE), answers.answers(["a"])) == (1, {"a": "text"})


def test_thousands_are_found_at_once(answers: Records) -> None:
    answers.keep_answer("k0", "first")
    answers.keep_answer("k2499", "last")
    assert answers.answers([f"k{n}" for n in range(2500)]) == {"k0": "first", "k2499": "last"}


def test_they_survive_reopening(database: Database) -> None:
    SqliteRecords(database).keep_answer("a", "text")
    again = Database(database.path)
    assert SqliteRecords(again).answers(["a"]) == {"a": "text"}
    again.close()
