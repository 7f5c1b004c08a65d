"""Depot and gate: stored, compared and logged before it is visible, and visible all at once."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import TypeVar

import pytest

from tests.contract.verdicts import upload
from tests.core.samples import ANN, CLOSET, shelf
from tests.fakes import MemoryBlobs, MemoryEventLog, MemoryRecords
from tryon.core.depot import Depot, Made, Outcome
from tryon.core.encoding import Encoded
from tryon.core.errors import BlobCorrupted, StoreError
from tryon.core.events import EventKind, Journal, LogEvent, utc_now
from tryon.core.metering import Costs
from tryon.core.publish import Gate
from tryon.core.records import BlobFacts, Publication, Record
from tryon.core.tariff import flat
from tryon.core.uploads import UploadKind
from tryon.core.wanted import Product
from tryon.core.words import Outfit, Refused

SHELF = shelf()
TOP, GOWN = SHELF.tryon(Outfit.parse("i1.tops")), SHELF.tryon(Outfit.parse("i5.dress"))
CROP = SHELF.wanted.crops(CLOSET[0])[0]
T = TypeVar("T")
BLANK = Refused("blank", "the image is one colour")


def made(text: bytes = b"image", **facts: object) -> Made:
    return Made(Encoded(text, "webp", "image/webp"), facts)


def outcome(product: Product, verdict: Made | Refused | None = None, seconds: float = 0.5) -> Outcome:
    return Outcome(product, verdict or made(product.key.encode()), (), seconds)


def once(call: Callable[[], T], /) -> T:
    return call()


class Desk:
    """A depot and a gate over memory; `steps` are the stores' calls in order."""

    def __init__(
        self,
        blobs: Callable[..., MemoryBlobs] = MemoryBlobs,
        records: Callable[..., MemoryRecords] = MemoryRecords,
        log: Callable[..., MemoryEventLog] = MemoryEventLog,
    ) -> None:
        self.steps: list[str] = []
        self.blobs = blobs(after_put=lambda: self.steps.append("blob"))
        self.records = records(before_publish=lambda: self.steps.append("record"))
        self.log = log(after_append=lambda: self.steps.append("log"))
        self.printed: list[LogEvent] = []
        journal = Journal(self.log, self.printed.append, utc_now)
        self.depot = Depot(self.blobs, self.records, journal.timestamp, Costs(flat(0.25)))
        self.gate = Gate(self.depot, self.records, journal)

    def publish(self, *outcomes: Outcome) -> list[tuple[Publication, Record]]:
        return self.gate.publish(self.depot.store(outcomes, "run", once), once)


def test_blobs_come_first_then_the_log_then_the_records() -> None:
    desk = Desk()
    desk.publish(outcome(TOP), outcome(GOWN))
    assert desk.steps == ["blob", "blob", "log", "record"]


def test_a_result_is_visible_with_all_that_explains_it() -> None:
    desk = Desk()
    [(publication, record)] = desk.publish(Outcome(TOP, made(gaussians=7), (), 2.0))
    assert (publication, desk.records.find([TOP.input])) == (Publication.WON, {TOP.input: record})
    assert record.result == BlobFacts(sha256(b"image").hexdigest(), "webp", 5)
    assert (record.recipe, record.facts) == (TOP.recipe.canonical(), {"gaussians": 7})
    assert (record.user, record.item, record.run_id) == ("ann", "i1", "run")
    assert (record.seconds, record.cost_usd) == (2.0, 0.5)


def test_a_blob_is_named_by_its_owner_and_its_digest() -> None:
    desk = Desk()
    desk.publish(outcome(TOP, made(b"try-on")), outcome(CROP, made(b"crop")))
    assert desk.blobs.files == {
        f"users/{ANN.id}/{sha256(b'try-on').hexdigest()}.webp": b"try-on",
        f"items/i1/{sha256(b'crop').hexdigest()}.webp": b"crop",
    }


def test_a_refusal_is_a_record_without_a_blob() -> None:
    desk = Desk()
    [(publication, record)] = desk.publish(outcome(TOP, BLANK))
    assert (publication, record.result, desk.blobs.files) == (Publication.WON, BLANK, {})


def test_the_first_publish_wins_and_the_loser_is_told() -> None:
    desk = Desk()
    desk.publish(outcome(TOP, made(b"first")))
    [(publication, _)] = desk.publish(outcome(TOP, made(b"second")))
    assert publication is Publication.LOST
    assert desk.blobs.get(desk.records.find([TOP.input])[TOP.input].path) == b"first"


def test_equal_results_of_one_user_share_a_blob() -> None:
    desk = Desk()
    desk.publish(outcome(TOP, made(b"same")), outcome(GOWN, made(b"same")))
    assert len(desk.blobs.files) == 1


def test_the_end_is_logged_with_time_user_and_component() -> None:
    desk = Desk()
    [_, (_, record)] = desk.publish(outcome(GOWN), outcome(TOP, BLANK, 0.25))
    finished, refused = desk.log.events
    assert (finished.event, finished.level, finished.step) == (EventKind.FINISHED, "info", "i5.dress")
    assert (refused.event, refused.level, refused.message) == (EventKind.REFUSED, "warning", BLANK.message)
    assert (refused.data, refused.duration_ms) == ({"code": "blank"}, 250.0)
    assert (refused.user_id, refused.item_id, refused.component) == ("ann", "i1", "stage.tryon")
    assert (refused.timestamp, refused.recipe) == (record.published_at, TOP.key)


def test_what_is_printed_was_kept() -> None:
    desk = Desk()
    desk.publish(outcome(TOP), outcome(GOWN))
    assert desk.printed == desk.log.events


def nothing_visible(desk: Desk) -> bool:
    return not desk.records.published and "record" not in desk.steps


def test_a_flipped_bit_is_never_visible() -> None:
    desk = Desk(blobs=lambda **hooks: MemoryBlobs(flip_bit=True, **hooks))
    with pytest.raises(BlobCorrupted, match="reads back differently"):
        desk.publish(outcome(TOP))
    assert nothing_visible(desk)
    assert desk.log.events == []


def test_a_blob_that_was_broken_before_is_never_visible() -> None:
    desk = Desk()
    [(_, record)] = desk.publish(outcome(TOP))
    desk.blobs.files[record.path] = b"bit rot"
    again = TOP._replace(generation=2)
    with pytest.raises(BlobCorrupted):
        desk.publish(Outcome(again, made(TOP.key.encode()), ()))
    assert desk.records.find([TOP.input])[TOP.input].generation == 1


def test_one_unwritable_blob_keeps_the_whole_call_invisible() -> None:
    desk = Desk(blobs=lambda **hooks: MemoryBlobs(unwritable=(".bin",), **hooks))
    broken = Made(Encoded(b"image", "bin", "image/bin"))
    with pytest.raises(StoreError):
        desk.publish(outcome(GOWN), outcome(TOP, broken))
    assert nothing_visible(desk)


def test_without_a_log_nothing_is_visible() -> None:
    desk = Desk(log=lambda **hooks: MemoryEventLog(broken=True, **hooks))
    with pytest.raises(StoreError, match="event log"):
        desk.publish(outcome(TOP))
    assert nothing_visible(desk)
    assert desk.printed == []


def test_what_was_made_from_a_buried_upload_is_never_visible() -> None:
    desk = Desk()
    desk.records.register([upload(UploadKind.ITEM, "i1")])
    refs = SHELF.wanted.uploads_of(CROP)
    desk.records.bury(refs[0], "now")
    [(publication, _)] = desk.publish(Outcome(CROP, made(), refs))
    assert (publication, desk.records.find([CROP.input])) == (Publication.BURIED, {})


def test_every_result_has_its_own_token() -> None:
    tokens = [record.token for _, record in Desk().publish(outcome(TOP), outcome(GOWN))]
    assert len(set(tokens)) == 2
    assert all(len(token) == 16 for token in tokens)
