"""What a product's record says it cost: its engine time on its machine, and what was asked about its photo, once."""

from __future__ import annotations

from tests.core.samples import CLOSET, shelf
from tryon.core.metering import Costs, Meter
from tryon.core.recipes import Stage
from tryon.core.tariff import FREE, Calls, Tariff, flat
from tryon.core.uploads import UploadKind, UploadRef
from tryon.core.words import Outfit

SHELF = shelf()
TOP, GOWN = (SHELF.wanted.crops(CLOSET[i])[0] for i in (0, 4))
WORN = SHELF.tryon(Outfit.parse("i1.tops"))
PHOTO = UploadRef(UploadKind.ITEM, "i1", 1)
TARIFF = Tariff({Stage.CROP: 0.5, Stage.TRYON: 2.0}, input_token=0.001, output_token=0.01, call=3.0)
LOOK = Calls(1200, 90)


def test_each_stage_has_the_price_of_its_machine() -> None:
    assert [TARIFF.usd(stage, 4.0) for stage in Stage] == [2.0, 0.0, 8.0, 0.0]
    assert [flat(0.25).usd(stage, 4.0) for stage in Stage] == [1.0] * 4
    assert (FREE.free, flat(0.0).free, TARIFF.free, Tariff(call=1.0).free) == (True, True, False, False)


def test_a_pass_of_crops_is_expected_to_look_at_a_photo() -> None:
    assert TARIFF.expected(Stage.CROP, 4.0) == 2.0 + 3.0
    assert TARIFF.expected(Stage.CROP, 4.0, passes=2) == 2.0 + 6.0
    assert TARIFF.expected(Stage.TRYON, 4.0) == 8.0


def test_the_tokens_of_an_answer_are_what_its_crop_pays() -> None:
    meter = Meter()
    meter.count(PHOTO, LOOK)
    assert Costs(TARIFF, meter).usd(TOP, [PHOTO], 2.0) == 1.0 + 1.2 + 0.9


def test_a_call_that_nobody_measured_costs_what_the_list_expects() -> None:
    meter = Meter()
    meter.count(PHOTO, LOOK)
    meter.count(PHOTO, Calls(unmeasured=2))
    assert Costs(TARIFF, meter).usd(TOP, [PHOTO], 0.0) == 1.2 + 0.9 + 2 * 3.0


def test_what_was_known_already_costs_nothing() -> None:
    assert Costs(TARIFF).usd(TOP, [PHOTO], 2.0) == 1.0


def test_one_product_pays_and_only_a_crop() -> None:
    meter = Meter()
    costs = Costs(TARIFF, meter)
    meter.count(PHOTO, LOOK)
    assert costs.usd(WORN, [PHOTO], 0.0) == 0.0
    assert [costs.usd(crop, [PHOTO], 0.0) > 0 for crop in (TOP, GOWN)] == [True, False]


def test_a_record_that_is_put_together_again_costs_the_same() -> None:
    """After a store that failed; a second look that became necessary is added."""
    meter = Meter()
    costs = Costs(TARIFF, meter)
    meter.count(PHOTO, LOOK)
    first = costs.usd(TOP, [PHOTO], 2.0)
    assert costs.usd(TOP, [PHOTO], 2.0) == first
    meter.count(PHOTO, LOOK)
    assert costs.usd(TOP, [PHOTO], 2.0) == first + 1.2 + 0.9
