"""Each check passes on a healthy catalogue, and fails with its own reason on a tampered one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.core.workshop import BOTTOMS, TOPS, USERS, Workshop, add, uploads
from tests.fakes import MemoryBlobs, MemoryRecords
from tryon.core.auditing import checks
from tryon.core.auditing.check_results import CHECKS, Result, documents
from tryon.core.auditing.checks import Family, examine
from tryon.core.records import Record
from tryon.core.uploads import UploadRef

ANN, BEN = USERS
SINGLE = f"{BOTTOMS[0]}.bottoms"


@pytest.fixture
def shop() -> Workshop:
    shop = Workshop(uploads([ANN], [TOPS[0], BOTTOMS[0]]))
    shop.run()
    return shop


def results(shop: Workshop) -> dict[tuple[Family, str], Result]:
    pipeline = shop.open()
    seen = examine(pipeline, "2026-11-20")
    return {(one, name): check(pipeline, seen[one]) for one in Family for name, check in CHECKS.items()}


def failed(shop: Workshop) -> dict[tuple[Family, str], Result]:
    return {place: result for place, result in results(shop).items() if not result.passed}


def single(shop: Workshop) -> Record:
    return next(r for r in shop.records.of_user(ANN) if (r.stage, r.name) == ("tryon", SINGLE))


def tamper(shop: Workshop, record: Record, **changes: object) -> None:
    assert isinstance(shop.records, MemoryRecords)
    shop.records.published[record.input] = replace(record, **changes)  # type: ignore[arg-type]


def test_a_healthy_catalogue_passes_everything(shop: Workshop) -> None:
    found = results(shop)
    assert [place for place, result in found.items() if not result.passed] == []
    assert {
        place[0]: result.numbers["wanted"] for place, result in found.items() if place[1] == "coverage"
    } == {
        Family.CROPS: 2,
        Family.MASKS: 6,
        Family.SINGLES: 2,
        Family.TWO_PIECE: 1,
        Family.SPLATS: 1,
    }


def test_an_empty_catalogue_passes_everything() -> None:
    assert failed(Workshop(uploads([], []))) == {}


def test_what_is_not_made_is_uncovered_and_no_damage() -> None:
    shop = Workshop(uploads([ANN], TOPS[:1]))
    shop.open().reconcile()
    found = failed(shop)
    assert set(found) == {(one, "coverage") for one in Family if one not in (Family.TWO_PIECE, Family.SPLATS)}
    result = found[Family.SINGLES, "coverage"]
    assert (result.serious, result.examples, result.numbers["covered"]) == (
        False,
        (f"{ANN}: {TOPS[0]}.tops",),
        0.0,
    )


def test_a_missing_record_is_uncovered_and_breaks_what_was_made_from_it(shop: Workshop) -> None:
    shop.records.withdraw([single(shop)])
    found = failed(shop)
    assert set(found) == {(Family.SINGLES, "coverage"), (Family.TWO_PIECE, "lineage")}
    assert found[Family.SINGLES, "coverage"].examples == (f"{ANN}: {SINGLE}",)
    broken = found[Family.TWO_PIECE, "lineage"]
    assert broken.serious
    assert broken.examples == (f"{ANN}: {TOPS[0]}.tops+{SINGLE}: an input has no record",)


def test_a_changed_photo_makes_older_results_stale(shop: Workshop) -> None:
    add(shop.uploads, ANN, photo_of=BEN)
    shop.open().reconcile()
    found = failed(shop)
    mine = [one for one in Family if one is not Family.CROPS]
    assert set(found) == {(one, check) for one in mine for check in ("coverage", "staleness")}
    stale = found[Family.SINGLES, "staleness"]
    assert (stale.serious, stale.numbers) == (False, {"stale": 2})
    assert "fashion pregenerate" in stale.reason


def delete_blob(shop: Workshop) -> None:
    assert isinstance(shop.blobs, MemoryBlobs)
    del shop.blobs.files[single(shop).path]


def change_blob(shop: Workshop) -> None:
    assert isinstance(shop.blobs, MemoryBlobs)
    shop.blobs.files[single(shop).path] += b"!"


def delete_event(shop: Workshop) -> None:
    key = single(shop).key
    shop.log.drop(lambda event: event.recipe == key and event.event != "started")


def another_run(shop: Workshop) -> None:
    tamper(shop, single(shop), run_id="nobody's")


def forge_recipe(shop: Workshop) -> None:
    tamper(shop, single(shop), recipe="{}")


def erased_upload(shop: Workshop) -> None:
    """The item was erased and uploaded again: same photo, same key, but another upload."""
    record = single(shop)
    old = tuple(replace(ref, ordinal=99) if ref.id == BOTTOMS[0] else ref for ref in record.uploads)
    assert old != record.uploads
    assert isinstance(old[0], UploadRef)
    tamper(shop, record, uploads=old)


@pytest.mark.parametrize(
    ("harm", "check", "said"),
    [
        (delete_blob, "integrity", f"{ANN}: the stored file of tryon {SINGLE} is gone"),
        (change_blob, "integrity", f"{ANN}: the stored file of tryon {SINGLE} has other bytes"),
        (delete_event, "logging", f"{ANN}: {SINGLE}"),
        (another_run, "logging", f"{ANN}: {SINGLE}"),
        (forge_recipe, "lineage", f"{ANN}: {SINGLE}: its recipe is not the one of its key"),
        (erased_upload, "lineage", "a product of an erased upload"),
    ],
)
def test_tampering_is_named_by_the_right_check_alone(
    shop: Workshop, harm: Callable[[Workshop], None], check: str, said: str
) -> None:
    harm(shop)
    ((place, result),) = failed(shop).items()
    assert place == (Family.SINGLES, check)
    assert result.serious
    assert result.examples[0].startswith(said)


def test_results_hold_no_address_and_no_digest(shop: Workshop) -> None:
    for harm in (delete_blob, delete_event, erased_upload):
        harm(shop)
    told = json.dumps([[r.reason, *r.examples, *map(str, r.numbers)] for r in results(shop).values()])
    digests = [single(shop).path, *(user.sha256 for user in shop.records.users())]
    assert not any(digest.rpartition("/")[2][:32] in told for digest in digests)


def test_the_sample_is_bounded_and_drawn_anew_each_day(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "SAMPLE", 2)
    pipeline = shop.open()
    days = [tuple(i.key for _, i in examine(pipeline, f"day {n}")[Family.MASKS].sample) for n in range(8)]
    assert {len(sample) for sample in days} == {2}
    assert len(set(days)) > 1
    assert days[0] == tuple(i.key for _, i in examine(pipeline, "day 0")[Family.MASKS].sample)


def test_examples_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "SHOWN", 1)
    shop = Workshop(uploads([ANN]))
    shop.open().reconcile()
    seen = examine(shop.open(), "day")[Family.SINGLES]
    assert (seen.missing, len(seen.missing_names)) == (5, 1)


def test_documents_that_say_something_else_are_stale(shop: Workshop) -> None:
    assert documents(shop.open()).examples == (ANN,)
    shop.open().export(ANN, "run")
    assert documents(shop.open()).passed
