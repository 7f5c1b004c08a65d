"""The gate, when an upload is erased or taken away while its results are made."""

from __future__ import annotations

from tests.contract.verdicts import upload
from tests.core.test_publish import BLANK, CROP, SHELF, Desk, made
from tryon.core.depot import Outcome
from tryon.core.events import EventKind
from tryon.core.records import Publication
from tryon.core.uploads import UploadKind, UploadRef

REFS = SHELF.wanted.uploads_of(CROP)
OTHER = UploadRef(UploadKind.ITEM, "i2", 2)
FILES = [upload(UploadKind.ITEM, "i1"), upload(UploadKind.ITEM, "i2")]


def registered() -> Desk:
    desk = Desk()
    desk.records.register(FILES)
    return desk


def buried(desk: Desk) -> None:
    desk.records.bury(REFS[0], "2026-11-20T12:00:00Z")


def test_what_is_gone_is_not_even_stored() -> None:
    desk = registered()
    buried(desk)
    theirs = SHELF.wanted.crops(SHELF.wanted.items[1])[0]
    outcomes = [Outcome(CROP, made(b"gone"), REFS), Outcome(theirs, made(b"there"), (OTHER,))]
    answers = desk.publish(*outcomes)
    assert [answer for answer, _ in answers] == [Publication.BURIED, Publication.WON]
    assert [record.name for _, record in answers] == [CROP.name, theirs.name]
    assert list(desk.blobs.files.values()) == [b"there"]


def test_its_step_ends_as_failed_in_the_log() -> None:
    desk = registered()
    desk.records.suspend([(UploadKind.ITEM, "i1")], "2026-11-20T12:00:00Z")
    desk.publish(Outcome(CROP, made(), REFS))
    (event,) = desk.log.events
    assert (event.event, event.step) == (EventKind.FAILED, CROP.name)
    assert "erased or taken away" in event.message


def test_offered_again_in_between_it_is_not_published_without_its_blob() -> None:
    desk = registered()
    desk.records.suspend([(UploadKind.ITEM, "i1")], "2026-11-20T12:00:00Z")

    def offered() -> None:
        desk.records.register(FILES)

    desk.records._before_publish = offered
    ((answer, _),) = desk.publish(Outcome(CROP, made(), REFS))
    assert (answer, desk.records.find([CROP.input]), desk.blobs.files) == (Publication.BURIED, {}, {})


def test_buried_in_between_its_blob_is_taken_away_again() -> None:
    desk = registered()
    desk.records._before_publish = lambda: buried(desk)
    answers = desk.publish(Outcome(CROP, made(b"late"), REFS))
    assert [answer for answer, _ in answers] == [Publication.BURIED]
    assert desk.steps.count("blob") == 1
    assert desk.blobs.files == {}


def test_a_blob_that_another_record_names_stays() -> None:
    desk = registered()
    twin = CROP._replace(key="twin")
    desk.publish(Outcome(twin, made(b"same"), (OTHER,)))
    desk.records._before_publish = lambda: buried(desk)
    desk.publish(Outcome(CROP, made(b"same"), REFS))
    assert list(desk.blobs.files.values()) == [b"same"]


def test_while_the_id_is_in_use_again_an_audit_decides() -> None:
    """The new upload's results may be the same bytes, stored and not yet published."""
    desk = registered()

    def erased_and_back() -> None:
        buried(desk)
        desk.records.erased(REFS[0], "2026-11-20T12:00:01Z", "{}")
        desk.records.register(FILES)

    desk.records._before_publish = erased_and_back
    ((answer, _),) = desk.publish(Outcome(CROP, made(b"same"), REFS))
    assert (answer, list(desk.blobs.files.values())) == (Publication.BURIED, [b"same"])


def test_a_refusal_of_a_buried_upload_leaves_nothing() -> None:
    desk = registered()
    desk.records._before_publish = lambda: buried(desk)
    ((answer, _),) = desk.publish(Outcome(CROP, BLANK, REFS))
    assert (answer, desk.blobs.files, desk.records.published) == (Publication.BURIED, {}, {})
