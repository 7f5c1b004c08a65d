"""Garments are cut, folded and lit as cloth is."""

from __future__ import annotations

import numpy as np
import pytest

from studio import layout as at
from studio.backdrop import PRODUCT_BACKDROP, cyclorama
from studio.body import Array, Body, BodyShape, make_body
from studio.camera import frame
from studio.clothes import random_dress, random_skirt, random_top, random_trousers
from studio.folds import fold_height
from studio.garments import Garment, cut
from studio.render import roll_off, shot
from studio.subject import Subject
from studio.tailoring import open_width, seam_x
from studio.texture import sleeve_frame

BODY = make_body(BodyShape())
OTHER = make_body(BodyShape(height=1.86, female=False, waist=1.2, limbs=1.1))
GREY = ((90, 90, 90),)


def encoded(radiance: Array) -> Array:
    """Bytes (as floats) that a picture shows for linear radiance [n, 3]."""
    return np.asarray(roll_off(radiance) ** (1 / 2.2) * 255.0)


def test_white_cloth_keeps_its_folds_below_the_white_of_paper() -> None:
    white = np.linspace(0.3, 1.35, 50)[:, None] * np.ones(3)
    shown = encoded(white)[:, 0]
    assert (np.diff(shown) > 0.0).all()
    assert shown.max() < 245.0
    assert shown[-1] - shown[20] > 25.0


def test_bright_colours_keep_their_hue() -> None:
    orange = np.array([[1.6, 0.8, 0.2]])
    assert roll_off(orange) / roll_off(orange).max() == pytest.approx(orange / orange.max())


def test_a_garment_folds_alike_on_every_body_and_unlike_any_other() -> None:
    tee, shirt = Garment("top", GREY, sleeve=0.3), Garment("top", GREY, sleeve=0.9, fit=0.9)
    seeds = [cut(garment, body).parameters[at.SEED] for garment in (tee, shirt) for body in (BODY, OTHER)]
    assert seeds[0] == seeds[1] != seeds[2] == seeds[3]


@pytest.mark.parametrize("garment", [Garment("top", GREY, sleeve=0.9), Garment("trousers", GREY, hem=0.04)])
def test_folds_stand_outwards_and_differ_in_height(garment: Garment) -> None:
    layer = cut(garment, BODY)
    y = np.linspace(layer.parameters[at.CUT_BOTTOM], layer.parameters[at.CUT_BOTTOM] + 0.5, 40)
    x = np.linspace(-0.14, 0.14, 29)
    heights = np.array(
        [[fold_height(a, b, 0.08, layer.parameters, layer.tables, BODY.joints) for a in x] for b in y]
    )
    assert heights.min() >= 0.0
    assert 0.003 < heights.max() < 0.03
    # No crease where left and right meet.
    jump = [
        fold_height(1e-6, b, 0.08, layer.parameters, layer.tables, BODY.joints)
        - fold_height(-1e-6, b, 0.08, layer.parameters, layer.tables, BODY.joints)
        for b in y
    ]
    assert garment.kind != "top" or np.abs(jump).max() < 1e-4


@pytest.mark.parametrize("body", [BODY, OTHER])
def test_stripes_meet_where_a_sleeve_is_set_in(body: Body) -> None:
    arm, figure = body.joints[at.LEFT_ARM], body.figure
    for y in np.linspace(arm[0, 1] - 0.08, arm[0, 1], 5):
        x = seam_x(y, arm[0])
        along = float((np.array([x, y]) - arm[0, :2]) @ (arm[2, :2] - arm[0, :2]))
        along /= float(((arm[2, :2] - arm[0, :2]) ** 2).sum())
        _, v = sleeve_frame(x, y, along, arm, figure)
        assert v == pytest.approx((figure[at.CHEST_Y] - y) / figure[at.HEIGHT], abs=0.006)


def test_skirts_and_dresses_hide_the_thighs_of_heavy_people() -> None:
    rng = np.random.default_rng(3)
    heavy = make_body(BodyShape(limbs=1.25, hip=1.2, stance=2.0))
    for make in (random_skirt, random_dress):
        for _ in range(5):
            garment = make(rng)
            layer = cut(garment, heavy)
            y = np.linspace(layer.parameters[at.TABLE_LOW], layer.parameters[at.TABLE_HIGH], at.TABLE)
            leg = heavy.joints[at.LEFT_LEG]
            below = (y < leg[0, 1]) & (y > garment.hem * heavy.shape.height)
            t = (leg[0, 1] - y) / (leg[0, 1] - leg[2, 1])
            radius = np.interp(t, np.linspace(0.0, 1.0, at.TABLE), heavy.leg_radius)
            outside = np.interp(-y, -leg[:, 1], leg[:, 0]) + radius
            assert (layer.tables[at.WIDTH] - outside)[below].min() > 0.005


def test_a_blazer_is_open_above_its_button_and_closed_at_it() -> None:
    blazer = Garment("top", GREY, sleeve=0.95, open_top=0.06, open_low=0.03, button=0.6, lapel=0.06)
    p = cut(blazer, BODY).parameters
    widths = [
        open_width(y * BODY.shape.height, p) for y in (0.80, 0.70, 0.6001, 0.5999, p[at.CUT_BOTTOM] / 1.72)
    ]
    assert widths[0] > widths[1] > 0.02
    assert max(widths[2:4]) < 0.001 < widths[4]
    assert open_width(1.2, cut(Garment("top", GREY), BODY).parameters) < 0.0


def test_random_garments_cover_every_collar_pocket_cloth_and_pattern() -> None:
    rng = np.random.default_rng(0)
    made = [
        make(rng) for _ in range(150) for make in (random_top, random_dress, random_trousers, random_skirt)
    ]
    assert {g.collar for g in made} == {at.NO_COLLAR, at.SHIRT_COLLAR, at.HOOD}
    assert {g.pockets for g in made} == set(range(at.NO_POCKETS, at.SLANTED + 1))
    assert {g.cloth for g in made} == {at.JERSEY, at.WOVEN, at.KNIT}
    assert {int(g.texture[0]) for g in made} == set(range(at.PLAIN, at.HEATHER + 1))
    bases = np.array([g.palette[0] for g in made])
    assert (bases.min(axis=1) > 235).any()
    assert (bases.max(axis=1) < 32).any()
    assert all(isinstance(g.crease, bool) for g in made)


def test_a_garment_that_nobody_wears_is_hollow_and_has_no_holes() -> None:
    top = Garment("top", ((60, 110, 120),), sleeve=0.35, vee=0.08, vee_x=0.045)
    body = make_body(BodyShape(arm=24.0, elbow=0.0))
    size = (72, 72)
    camera = frame(size, 0.85, (0.0, 1.15))
    taken = shot(
        Subject(body, upper=top, person=False, shoes=False),
        camera,
        cyclorama(size, PRODUCT_BACKDROP),
        antialias=0,
    )
    worn = (taken.alpha > 0).astype(int)
    assert ((taken.alpha > 0) == (taken.labels > 0)).all()
    # Every row of the body is one run, or a run and two sleeves: the back shows through the neck.
    runs = [int((np.diff(np.concatenate([[0], row])) == 1).sum()) for row in worn if row.any()]
    assert set(runs) <= {1, 2, 3}
    # The inside of the back, seen through the neck, is deeper than the front below it.
    column = taken.depth[:, 36]
    rows = np.nonzero(column)[0]
    assert column[rows[0] + 1] > column[rows[0] + 14] + 0.05
