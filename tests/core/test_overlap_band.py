"""Two-piece outfits: the garment in front may repaint the trunk from waist to hip, whatever its base wears there.

The parse is of the original photo, not of the base that the first garment was painted on. That is enough because the
second region holds all that the first pass may have changed there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.core.test_masks import PEOPLE, area, figure, person
from tryon.core.anatomy import Atr, below_hips, stature
from tryon.core.areas import Area, dilate, labelled
from tryon.core.masks import make_masks
from tryon.core.parts import take_apart
from tryon.core.ports import Body, DressJob, Pixels
from tryon.core.recipes import Input
from tryon.core.regions import WAIST
from tryon.core.stages.tryons import TryonStage
from tryon.core.words import Category, EngineCard, Garment, MaskKind, Order, Outfit

OUTFIT = Outfit((Garment("t", Category.TOPS), Garment("b", Category.BOTTOMS)))
BODIES = {path.name.partition(".")[0]: person(path) for path in PEOPLE} | {
    f"drawn in {wear}": figure(wear=wear) for wear in ("pants", "skirt", "dress")
}


class Shelf:
    """Materials of one person: what each input of a try-on's recipe would be read as."""

    def __init__(self, body: Body, front: Garment) -> None:
        self.parsed = body
        assert front.category.region is not None
        self.published = make_masks(body)[front.category.region]

    def photo(self, user: object) -> Any:
        return Photo(np.zeros((*self.parsed.labels.shape, 3), np.uint8))

    def image(self, made: Input) -> Pixels:
        return np.zeros((*self.parsed.labels.shape, 3), np.uint8)

    def garment(self, made: Input) -> Pixels:
        return np.zeros((8, 8, 4), np.uint8)

    def mask(self, made: Input) -> Pixels:
        assert isinstance(self.published, np.ndarray)
        return self.published

    def body(self, made: Input) -> Body:
        return self.parsed

    def derived(self, what: str, made: Input, make: Any) -> Any:
        return make()


class Photo:
    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels


class Dresser:
    card = EngineCard("none", "1", "Apache-2.0", True, True)


def loaded(body: Body, outfit: Outfit, order: Order) -> DressJob:
    """The job that an engine gets for the garment in front."""

    class Product:
        user = "somebody"

        class recipe:
            inputs = (Input("base", 0),) * (len(outfit.garments) - 1) + (Input("crop, mask or parse", 0),) * 3

    Product.outfit = outfit  # type: ignore[attr-defined]
    front: Any = order.layers(outfit)[-1]
    shelf: Any = Shelf(body, front)
    stage = TryonStage(shelf, Dresser(), order=order, width=2000, height=2000)  # type: ignore[arg-type]
    return stage.load((Product(),))  # type: ignore[arg-type]


def waist_to_hip(body: Body) -> Area:
    """The clothed trunk between the waist and the hip line, without the arms and loose sleeves in front of it."""
    parts, loose = take_apart(body), round(0.02 * stature(body))
    clothes = labelled(body.labels, Atr.UPPER, Atr.SKIRT, Atr.PANTS, Atr.DRESS, Atr.BELT)
    return (
        clothes
        & below_hips(body, WAIST)
        & ~below_hips(body)
        & ~dilate(parts.arms, loose, loose)
        & ~parts.protected
    )


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("name", BODIES)
def test_the_front_garments_region_holds_the_band(name: str, order: Order) -> None:
    body = BODIES[name]
    job = loaded(body, OUTFIT, order)
    assert job.category is (Category.TOPS if order is Order.UNTUCKED else Category.BOTTOMS)
    band = waist_to_hip(body)
    assert band.sum() > 100
    # A hand's outline on the hip may keep a few pixels.
    assert (area(job.region) & band).sum() >= 0.97 * band.sum()


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("name", BODIES)
def test_nothing_that_the_first_pass_painted_there_stays_in_front(name: str, order: Order) -> None:
    body = BODIES[name]
    behind = Outfit((order.layers(OUTFIT)[0],))
    first, second = area(loaded(body, behind, order).region), area(loaded(body, OUTFIT, order).region)
    painted = first & waist_to_hip(body)
    assert painted.sum() > 100
    assert (painted & second).sum() >= 0.97 * painted.sum()


def test_the_published_masks_alone_would_leave_the_old_hem() -> None:
    """Why the band is needed: the published upper and lower masks hardly overlap."""
    body = figure(wear="pants")
    lower = area(make_masks(body)[MaskKind.LOWER])
    band = waist_to_hip(body)
    assert (lower & band).sum() < 0.3 * band.sum()
