"""The analyzer inside the real crop stage: paid once whatever dies, failing alone, and erased with its photo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.null_engines import NullDetector, null_stages
from bench.uploads import write_item
from tests.core.workshop import CLOSET, Killed, Workshop, desk_over, uploads
from tests.engines.openai_photos import analyzer
from tests.fakes import MemoryRecords
from tests.peers.openai_peer import Peer, error, item, listening, photo_of, said, seeing
from tests.remains import remains
from tryon.core.erasure.erase import Eraser
from tryon.core.errors import QuotaExhausted, ServicePaused
from tryon.core.materials import Materials
from tryon.core.pipeline import Pipeline, Stages
from tryon.core.stages.crops import CropStage
from tryon.core.uploads import UploadKind
from tryon.core.words import Refused
from tryon.engines.openai_vision.analyzer import MOST_WASTED
from tryon.settings import Settings
from tryon.wiring import build, open_archive

WORDS = "quizzical marigold"
EVERYTHING = photo_of(
    item(f"{WORDS} top", "tops"), item(f"{WORDS} trousers", "bottoms"), item(f"{WORDS} dress", "dress")
)
ITEMS = CLOSET[:3]


@pytest.fixture
def peer() -> Iterator[Peer]:
    with listening(seeing(EVERYTHING)) as found:
        yield found
        assert found.wrong == []


def opened(peer: Peer, records: MemoryRecords) -> Pipeline:
    """A fresh process over the same stores."""
    shop = Workshop(uploads((), ITEMS), records=records)
    pipeline = shop.open()
    materials = Materials(shop.uploads, shop.blobs, records)
    crop = CropStage(materials, analyzer(peer, materials.answers), NullDetector())
    stages = replace(pipeline.stages, crop=crop)
    desk = desk_over(stages, shop.blobs, records, pipeline.desk.journal, "me:1")
    pipeline = replace(pipeline, stages=stages, desk=desk)
    pipeline.reconcile()
    return pipeline


def test_killed_between_the_answer_and_the_publication_nothing_is_paid_again(peer: Peer) -> None:
    kills = [Killed()]

    def kill() -> None:
        if kills:
            raise kills.pop()

    records = MemoryRecords(before_publish=kill)
    with pytest.raises(Killed):
        opened(peer, records).make_crops(ITEMS, "killed")
    paid = len(peer.asked)
    tally = opened(peer, records).make_crops(ITEMS, "again")
    assert (paid, len(peer.asked)) == (3, 3)
    assert (tally.made, tally.failed) == (3, [])


def test_a_photo_whose_answers_are_unusable_fails_alone_and_the_others_are_paid_once(peer: Peer) -> None:
    from tests.peers.openai_requests import Asked

    bad: list[float] = []

    def answer(asked: Asked) -> Mapping[str, Any]:
        """The first photo that is asked about is never answered well."""
        bad.extend([] if bad else [float(asked.image.mean())])
        return {} if float(asked.image.mean()) == bad[0] else EVERYTHING

    peer.answer = answer
    tally = opened(peer, MemoryRecords()).make_crops(ITEMS, "run")
    assert (tally.made, len(tally.failed), tally.stopped) == (2, 1, None)
    assert "Malformed" in tally.failed[0].message
    assert sum(float(asked.image.mean()) != bad[0] for asked in peer.asked) == 2
    assert len(peer.asked) - 2 == MOST_WASTED


def test_a_long_pause_stops_the_run_and_no_photo_is_blamed(peer: Peer) -> None:
    records = MemoryRecords()
    peer.plan(error(429, "rate_limit_exceeded", retry_after="3600"))
    tally = opened(peer, records).make_crops(ITEMS, "run")
    assert isinstance(tally.stopped, ServicePaused)
    assert (len(tally.failed), len(peer.asked), records.attempts()) == (3, 1, [])
    assert opened(peer, records).make_crops(ITEMS, "later").made == 3


def test_when_the_quota_is_used_up_the_run_stops_and_no_photo_is_blamed(peer: Peer) -> None:
    records = MemoryRecords()
    peer.plan(said("{}"), error(429, "insufficient_quota"))
    tally = opened(peer, records).make_crops(ITEMS, "run")
    assert isinstance(tally.stopped, QuotaExhausted)
    assert (len(tally.failed), len(peer.asked), records.attempts()) == (3, 2, [])
    assert opened(peer, records).make_crops(ITEMS, "paid").made == 3


def test_what_the_photo_does_not_show_is_refused(peer: Peer) -> None:
    peer.answer = seeing(photo_of(item("red hat", "accessories")))
    tally = opened(peer, MemoryRecords()).make_crops(ITEMS, "run")
    assert {entry.refusal.code for entry in tally.refused if isinstance(entry.refusal, Refused)} == {
        "garment_not_seen"
    }


def test_an_erased_item_takes_its_answer_along(peer: Peer, tmp_path: Path) -> None:
    """Two items have one photo: the other one keeps what was said about it until it is erased too."""
    for name in ("tee", "twin"):
        write_item(tmp_path / "uploads", name, ["tops"], 1, side=160)
    settings = Settings(data=tmp_path, receipt_key=None)

    def stages(materials: Materials, settings: Settings) -> Stages:
        crop = CropStage(materials, analyzer(peer, materials.answers), NullDetector())
        return replace(null_stages(materials, settings), crop=crop)

    pipeline = build(settings, lambda event: None, stages)
    pipeline.reconcile()
    assert pipeline.make_crops(["tee", "twin"], "run").made == 2
    assert len(peer.asked) == 1
    eraser = Eraser(pipeline, open_archive(settings), lambda kind, upload_id: None)
    secret = {"answer": WORDS.encode()}
    for name, left in (("tee", True), ("twin", False)):
        counts = eraser.erase(UploadKind.ITEM, name)["counts"]
        assert isinstance(counts, dict)
        assert counts["answers"] == 1
        assert bool(remains(tmp_path, secret)) is left
