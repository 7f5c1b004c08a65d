"""What looking at photos costs is counted where it is paid: by upload, as the service counts tokens, once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from bench.null_engines import NullDetector
from tests.core.workshop import CLOSET, Workshop, desk_over, uploads
from tests.engines.openai_photos import analyzer, by_number, photo
from tests.fakes import MemoryRecords
from tests.peers.openai_peer import (
    Peer,
    Reply,
    error,
    incomplete,
    item,
    listening,
    photo_of,
    refusing,
    said,
    seeing,
)
from tryon.core.errors import AnswerUnusable
from tryon.core.materials import Materials
from tryon.core.metering import Costs, Meter
from tryon.core.ports import ProductPhoto
from tryon.core.recipes import Input
from tryon.core.stages.crops import CropStage
from tryon.core.tariff import Calls, Tariff
from tryon.core.uploads import UploadKind, UploadRef

LOOK = Calls(1200, 90)
"""What the peer says that each answer took."""
UNMEASURED = Calls(unmeasured=1)


@pytest.fixture
def peer() -> Iterator[Peer]:
    with listening(by_number) as found:
        yield found
        assert found.wrong == []


def upload(ordinal: int) -> UploadRef:
    return UploadRef(UploadKind.ITEM, f"i{ordinal}", ordinal)


def of(ordinal: int, shade: int = 1) -> ProductPhoto:
    return replace(photo(shade), upload=upload(ordinal))


def spent(meter: Meter, *ordinals: int) -> list[Calls]:
    return [meter.bill(Input(f"crop of {ordinal}", 1), [upload(ordinal)]) for ordinal in ordinals]


def test_each_photo_pays_for_its_own_look(peer: Peer) -> None:
    meter = Meter()
    analyzer(peer, meter=meter).analyze([of(1, 1), of(2, 2)])
    assert spent(meter, 1, 2, 3) == [LOOK, LOOK, Calls()]


def test_an_answer_that_is_kept_costs_nothing(peer: Peer) -> None:
    records, meter = MemoryRecords(), Meter()
    analyzer(peer, records).analyze([photo()])
    analyzer(peer, records, meter=meter).analyze([of(1)])
    assert spent(meter, 1) == [Calls()]


def test_equal_photos_share_one_look(peer: Peer) -> None:
    meter = Meter()
    analyzer(peer, meter=meter).analyze([of(1), of(2)])
    assert sorted(spent(meter, 1, 2), key=lambda calls: calls.input_tokens) == [Calls(), LOOK]


@pytest.mark.parametrize("reply", [said("{}"), said("not json"), incomplete("max_output_tokens")])
def test_an_answer_of_no_use_was_paid_for(peer: Peer, reply: Reply) -> None:
    meter = Meter()
    engine = analyzer(peer, meter=meter)
    peer.plan(reply)
    with suppress(AnswerUnusable):
        engine.analyze([of(1)])
    engine.analyze([of(1)])
    assert spent(meter, 1) == [UNMEASURED + LOOK]


def test_a_model_that_will_not_look_is_paid(peer: Peer) -> None:
    meter = Meter()
    peer.plan(refusing())
    analyzer(peer, meter=meter).analyze([of(1)])
    assert spent(meter, 1) == [UNMEASURED]


def test_a_request_that_was_not_taken_costs_nothing(peer: Peer) -> None:
    meter = Meter()
    peer.plan(error(400, "invalid_image"))
    analyzer(peer, meter=meter).analyze([of(1)])
    assert spent(meter, 1) == [Calls()]


def test_the_record_of_a_crop_has_what_its_photo_cost(peer: Peer) -> None:
    """No engine time is priced here, so that only the look is left."""
    shop, costs = Workshop(uploads((), CLOSET[:3])), Costs(Tariff(input_token=0.001, output_token=0.01))
    peer.answer = seeing(photo_of(*(item(f"red {kind}", kind) for kind in ("tops", "bottoms", "dress"))))
    pipeline = shop.open()
    crop = CropStage(
        Materials(shop.uploads, shop.blobs, shop.records),
        analyzer(peer, shop.records, meter=costs.meter),
        NullDetector(),
    )
    stages = replace(pipeline.stages, crop=crop)
    desk = desk_over(stages, shop.blobs, shop.records, pipeline.desk.journal, "me:1", costs=costs)
    pipeline = replace(pipeline, stages=stages, desk=desk)
    pipeline.reconcile()
    pipeline.make_crops(CLOSET[:3], "run")
    records = list(shop.records.of_user(None))
    assert len(records) == len(peer.asked) == 3
    assert [record.cost_usd for record in records] == [pytest.approx(1.2 + 0.9)] * 3


def test_a_photo_from_elsewhere_is_on_nobodys_bill(peer: Peer) -> None:
    meter = Meter()
    analyzer(peer, meter=meter).analyze([photo()])
    assert meter._open == {}
