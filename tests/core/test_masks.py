"""The mask algebra on drawn figures of any build, and on the catalogue's rendered people."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from tryon.core.anatomy import Atr, Joint, Lip, stature
from tryon.core.areas import dilate, labelled
from tryon.core.masks import DILATION, make_masks, own_area
from tryon.core.parts import take_apart
from tryon.core.ports import Body, Pixels
from tryon.core.regions import repaint_region
from tryon.core.words import MaskKind, Order, Refused

GARMENTS = (MaskKind.UPPER, MaskKind.LOWER, MaskKind.OVERALL)
TRUTH = Path(__file__).parents[2] / "studio" / "catalogue" / "truth" / "users"
PROTECTED = (Atr.HAIR, Atr.HAT, Atr.SUNGLASSES, Atr.BAG, Atr.LEFT_SHOE, Atr.RIGHT_SHOE)
CLOTHES = {
    MaskKind.UPPER: (Atr.UPPER,),
    MaskKind.LOWER: (Atr.PANTS, Atr.SKIRT),
    MaskKind.OVERALL: (Atr.UPPER, Atr.PANTS, Atr.SKIRT, Atr.DRESS),
}


def figure(
    tall: int = 400, arms: float = 0.10, sleeve: float = 1.0, wear: str = "pants", bag: bool = False
) -> Body:
    """A drawn person `tall` pixels high in front of an empty backdrop.

    arms: how far the hands are from the body, of the height. sleeve: share of the arm that is covered.
    wear: "pants", "skirt" or "dress".
    """
    shape, centre = (round(1.1 * tall), round(0.75 * tall)), 0.375 * tall
    labels = np.zeros(shape, np.uint8)
    joints, down = _joints(tall, centre, arms), np.array([0, tall], np.float32)

    def line(label: int, width: float, *points: NDArray[np.float32]) -> None:
        path = np.rint(np.stack(points)).astype(np.int32)
        cv2.polylines(labels, [path.reshape(-1, 1, 2)], False, int(label), round(width * tall))

    def box(label: int, top: float, bottom: float, half: float, wide: float | None = None) -> None:
        wide = half if wide is None else wide
        rows, sides = (
            np.array([top, top, bottom, bottom]) * tall,
            np.array([-half, half, wide, -wide]) * tall,
        )
        cv2.fillPoly(labels, [np.rint(np.stack([centre + sides, rows], 1)).astype(np.int32)], int(label))

    for side, leg in (("RIGHT", Atr.RIGHT_LEG), ("LEFT", Atr.LEFT_LEG)):
        hip, knee, ankle = (joints[Joint[f"{side}_{name}"], :2] for name in ("HIP", "KNEE", "ANKLE"))
        line(Atr.PANTS if wear == "pants" else leg, 0.08, hip, knee, ankle)
        line(Atr[f"{side}_SHOE"], 0.06, ankle + down * 0.02, ankle + down * 0.035)
    if wear == "skirt":
        box(Atr.SKIRT, 0.50, 0.72, 0.10, 0.15)
    box(Atr.FACE, 0.11, 0.24, 0.03)
    for side, arm in (("RIGHT", Atr.RIGHT_ARM), ("LEFT", Atr.LEFT_ARM)):
        shoulder, elbow, wrist = (
            joints[Joint[f"{side}_{name}"], :2] for name in ("SHOULDER", "ELBOW", "WRIST")
        )
        line(arm, 0.04, shoulder, elbow, wrist, wrist + 0.6 * (wrist - elbow))
        line(
            Atr.DRESS if wear == "dress" else Atr.UPPER,
            0.05,
            shoulder,
            shoulder + sleeve * (wrist - shoulder),
        )
    if wear == "dress":
        box(Atr.DRESS, 0.21, 0.50, 0.10)
        box(Atr.DRESS, 0.50, 0.74, 0.10, 0.16)
    else:
        box(Atr.UPPER, 0.21, 0.52, 0.10)
    head = round(centre), round(0.12 * tall)
    cv2.ellipse(labels, head, (round(0.05 * tall), round(0.07 * tall)), 0, 0, 360, int(Atr.HAIR), -1)
    cv2.ellipse(
        labels, (head[0], round(0.13 * tall)), (round(0.04 * tall), round(0.055 * tall)), 0, 0, 360, 11, -1
    )
    if bag:
        labels[round(0.9 * tall) : round(0.97 * tall), 2:20] = Atr.BAG
    return Body(labels, joints)


def _joints(tall: int, centre: float, arms: float) -> NDArray[np.float32]:
    """Proportions of a standing adult, x from the centre and y from the top of the photo, of the height."""
    out = 0.10 + arms
    places = {
        "NOSE": (0, 0.13), "CHIN": (0, 0.185), "NECK": (0, 0.23), "SHOULDER": (0.10, 0.23),
        "ELBOW": (0.10 + 0.55 * arms, 0.41), "WRIST": (out, 0.56), "HIP": (0.055, 0.53), "KNEE": (0.06, 0.77),
        "ANKLE": (0.06, 1.0), "EYE": (0.015, 0.12), "EAR": (0.04, 0.13),
    }  # fmt: skip
    points = np.ones((19, 3), np.float32)
    for name, (x, y) in places.items():
        for side in (name,) if name in Joint.__members__ else (f"RIGHT_{name}", f"LEFT_{name}"):
            sign = -1 if side.startswith("RIGHT") else 1
            points[Joint[side], :2] = centre + sign * x * tall, y * tall
    return points


def without(body: Body, *joints: Joint) -> Body:
    keypoints = body.keypoints.copy()
    keypoints[list(joints), 2] = 0.1
    return replace(body, keypoints=keypoints)


def mirrored(body: Body) -> Body:
    """The same person seen in a mirror: sides swap."""
    labels = np.arange(18)
    labels[[9, 10, 12, 13, 14, 15]] = 10, 9, 13, 12, 15, 14
    order = [0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 15, 14, 17, 16, 18]
    keypoints = body.keypoints[order].copy()
    keypoints[:, 0] = body.labels.shape[1] - keypoints[:, 0]
    return Body(np.ascontiguousarray(labels.astype(np.uint8)[body.labels[:, ::-1]]), keypoints)


def area(mask: Pixels | Refused) -> NDArray[np.bool_]:
    assert not isinstance(mask, Refused), mask
    assert mask.dtype == np.uint8
    assert set(np.unique(mask)) <= {0, 255}
    return mask.astype(bool)


figures = st.builds(
    figure,
    tall=st.integers(150, 400),
    arms=st.floats(0.05, 0.2),
    sleeve=st.floats(0.2, 1.0),
    wear=st.sampled_from(["pants", "skirt", "dress"]),
    bag=st.booleans(),
)
PEOPLE = sorted(TRUTH.glob("*.labels.png"))


def person(path: Path) -> Body:
    points = json.loads(path.with_name(path.name.replace("labels.png", "keypoints.json")).read_text())
    return Body(np.array(Image.open(path)), np.array(list(points.values()), np.float32))


def check_garment_masks(body: Body) -> None:
    masks = {kind: area(mask) for kind, mask in make_masks(body).items()}
    regions = {kind: area(repaint_region(body, kind)) for kind in GARMENTS}
    kept = labelled(body.labels, *PROTECTED)
    for kind in GARMENTS:
        worn = labelled(body.labels, *CLOTHES[kind])
        assert masks[kind].shape == body.labels.shape
        assert not (masks[kind] & kept).any()
        assert not (regions[kind] & kept).any()
        assert (worn & masks[kind]).sum() >= 0.99 * worn.sum()
        assert (worn & regions[kind]).sum() >= 0.95 * worn.sum()
    for hand in _hands(body):
        assert not any((hand & found).any() for found in (*(masks[k] for k in GARMENTS), *regions.values()))
    assert np.array_equal(masks[MaskKind.FULL_BODY], body.labels > 0) or (body.labels == Atr.BAG).any()


def _hands(body: Body) -> list[NDArray[np.bool_]]:
    """Bare arm pixels clearly below each wrist."""
    rows = np.arange(body.labels.shape[0])[:, None]
    wrists = body.keypoints[[Joint.RIGHT_WRIST, Joint.LEFT_WRIST], 1]
    bare = labelled(body.labels, Atr.RIGHT_ARM, Atr.LEFT_ARM)
    return [bare & (rows > wrist + 0.02 * stature(body)) for wrist in wrists]


@settings(deadline=None, max_examples=25)
@given(figures)
def test_masks_hold_the_clothes_and_nothing_protected(body: Body) -> None:
    check_garment_masks(body)


@settings(deadline=None, max_examples=15)
@given(figures)
def test_upper_and_lower_overlap_only_by_the_dilation(body: Body) -> None:
    masks = make_masks(body)
    upper, lower = area(masks[MaskKind.UPPER]), area(masks[MaskKind.LOWER])
    reach = round(DILATION * max(body.labels.shape) / 2)
    parts = take_apart(body)
    near = [dilate(own_area(parts, kind), reach, reach) for kind in (MaskKind.UPPER, MaskKind.LOWER)]
    assert not (upper & lower & ~(near[0] & near[1]) & (body.labels > 0)).any()
    deep = [
        ~dilate(~labelled(body.labels, *CLOTHES[kind]), reach, reach)
        for kind in (MaskKind.UPPER, MaskKind.LOWER)
    ]
    assert not (deep[0] & lower).any()
    assert not (deep[1] & upper).any()


@settings(deadline=None, max_examples=15)
@given(figures)
def test_a_mirrored_person_has_mirrored_masks(body: Body) -> None:
    other = mirrored(body)
    ours, theirs = make_masks(body), make_masks(other)
    pairs = [(ours[kind], theirs[kind]) for kind in MaskKind]
    pairs += [(repaint_region(body, *ask), repaint_region(other, *ask)) for ask in product(GARMENTS, Order)]
    for mine, his in pairs:
        first, second = area(mine)[:, ::-1], area(his)
        # A coordinate between two pixels may round to either, which may join or part a pixel at a corner.
        apart = (first & ~dilate(second, 2, 2)) | (second & ~dilate(first, 2, 2))
        assert apart.sum() <= 1e-3 * first.sum() + 2


@settings(deadline=None, max_examples=15)
@given(figures.filter(lambda body: not (body.labels == Atr.BAG).any()))
def test_a_bag_on_the_floor_changes_no_garment_mask(body: Body) -> None:
    labels = body.labels.copy()
    labels[-12:-2, 2:12] = Atr.BAG
    before, after = make_masks(body), make_masks(replace(body, labels=labels))
    for kind in (*GARMENTS, MaskKind.FACE):
        assert np.array_equal(area(before[kind]), area(after[kind]))


@pytest.mark.parametrize("path", PEOPLE, ids=lambda path: path.name.partition(".")[0])
def test_masks_of_the_catalogues_people(path: Path) -> None:
    check_garment_masks(person(path))


def test_the_neck_is_upper_and_the_face_is_not() -> None:
    body = figure()
    masks = make_masks(body)
    chin, neck = body.keypoints[Joint.CHIN], body.keypoints[Joint.NECK]
    middle = round(float(chin[1] + 0.3 * (neck[1] - chin[1]))), round(float(chin[0]))
    assert area(masks[MaskKind.UPPER])[middle]
    assert not area(masks[MaskKind.FACE])[middle]
    nose = round(float(body.keypoints[Joint.NOSE, 1])), round(float(body.keypoints[Joint.NOSE, 0]))
    assert area(masks[MaskKind.FACE])[nose]
    assert not area(masks[MaskKind.OVERALL])[nose]


def test_a_dress_is_split_at_the_hip_line() -> None:
    body = figure(wear="dress", sleeve=0.4)
    masks, hip = make_masks(body), round(float(body.keypoints[Joint.LEFT_HIP, 1]))
    reach = round(DILATION * max(body.labels.shape) / 2)
    dress = body.labels == Atr.DRESS
    above, below = dress.copy(), dress.copy()
    above[hip - reach :], below[: hip + reach + 1] = False, False
    assert not (area(masks[MaskKind.LOWER]) & above).any()
    assert not (area(masks[MaskKind.UPPER]) & below).any()
    assert (area(masks[MaskKind.UPPER]) & above).sum() >= 0.99 * above.sum()


def test_hips_that_were_not_seen_split_at_55_percent_of_the_person() -> None:
    body = figure(wear="dress")
    lower = area(make_masks(without(body, Joint.RIGHT_HIP, Joint.LEFT_HIP))[MaskKind.LOWER])
    rows = np.flatnonzero((body.labels > 0).any(1))
    split = rows[0] + 0.55 * (rows[-1] + 1 - rows[0])
    reach = round(DILATION * max(body.labels.shape) / 2)
    assert np.flatnonzero(lower.any(1))[0] == pytest.approx(split - reach, abs=2)


def test_bare_feet_are_kept() -> None:
    body = figure(wear="skirt")
    labels = body.labels.copy()
    labels[labels == Atr.LEFT_SHOE], labels[labels == Atr.RIGHT_SHOE] = Atr.LEFT_LEG, Atr.RIGHT_LEG
    lower = area(make_masks(replace(body, labels=labels))[MaskKind.LOWER])
    ankle = round(float(body.keypoints[Joint.LEFT_ANKLE, 1]))
    reach = round(DILATION * max(body.labels.shape) / 2)
    assert not lower[ankle + reach + 1 :].any()
    assert lower[ankle - 2].any()


def test_a_detached_sleeve_stays_and_a_speck_goes() -> None:
    body = figure(arms=0.2)
    labels = body.labels.copy()
    labels[5:8, 5:8] = Atr.UPPER
    upper = area(make_masks(replace(body, labels=labels))[MaskKind.UPPER])
    assert not upper[:12, :12].any()
    labels[30:110, 5:25] = Atr.UPPER
    assert area(make_masks(replace(body, labels=labels))[MaskKind.UPPER])[30:110, 5:25].all()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (replace(figure(), labels=np.zeros_like(figure().labels)), "no_person"),
        (without(figure(), Joint.NECK, Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER), "torso_not_seen"),
        (without(figure(), *Joint), "torso_not_seen"),
    ],
)
def test_bodies_without_a_person_or_torso_are_refused_whole(body: Body, code: str) -> None:
    assert {mask.code for mask in make_masks(body).values() if isinstance(mask, Refused)} == {code}
    assert not [mask for mask in make_masks(body).values() if not isinstance(mask, Refused)]
    region = repaint_region(body, MaskKind.UPPER)
    assert isinstance(region, Refused)
    assert region.code == code


def test_legs_out_of_frame_refuse_only_the_lower_mask() -> None:
    whole = figure()
    body = Body(whole.labels[: round(0.75 * 400)], whole.keypoints)
    masks = make_masks(body)
    assert [kind for kind, mask in masks.items() if isinstance(mask, Refused)] == [MaskKind.LOWER]
    for refused in (masks[MaskKind.LOWER], repaint_region(body, MaskKind.LOWER)):
        assert isinstance(refused, Refused)
        assert refused.code == "legs_not_visible"
        assert refused.message.startswith("The legs are not visible")


def test_a_face_that_is_turned_away_has_no_mask() -> None:
    body = figure()
    labels = np.where(body.labels == Atr.FACE, np.uint8(Atr.HAIR), body.labels)
    mask = make_masks(replace(body, labels=labels))[MaskKind.FACE]
    assert isinstance(mask, Refused)
    assert mask.code == "empty_mask"


def test_a_second_parser_adds_coats_and_socks_and_may_disagree() -> None:
    body = figure()
    lip = np.zeros_like(body.labels)
    for ours, theirs in ((Atr.UPPER, Lip.COAT), (Atr.PANTS, Lip.PANTS), (Atr.LEFT_SHOE, Lip.LEFT_SHOE)):
        lip[body.labels == ours] = theirs
    coat = (slice(200, 260), slice(20, 40))
    lip[coat] = Lip.COAT
    masks = make_masks(replace(body, lip=lip))
    assert area(masks[MaskKind.UPPER])[coat].all()
    without_lip, with_lip = (
        area(repaint_region(found, MaskKind.UPPER)) for found in (body, replace(body, lip=lip))
    )
    assert (with_lip & ~without_lip)[coat].any()
    assert not (without_lip & ~with_lip).any()
    elsewhere = np.where(lip == Lip.PANTS, np.uint8(0), np.roll(lip, 150, 0))
    wrong = make_masks(replace(body, lip=elsewhere))
    assert {mask.code for mask in wrong.values() if isinstance(mask, Refused)} == {"parsers_disagree"}
    with pytest.raises(ValueError, match="LIP map"):
        make_masks(replace(body, lip=lip[:-1]))


def test_a_flared_skirt_fits_between_and_beside_trousers() -> None:
    body = figure(wear="pants", arms=0.2)
    region, tall = area(repaint_region(body, MaskKind.LOWER)), stature(body)
    centre, knee = body.labels.shape[1] // 2, round(float(body.keypoints[Joint.LEFT_KNEE, 1]))
    assert region[knee, centre]
    columns = np.flatnonzero(region[knee])
    assert columns[-1] - columns[0] >= 0.40 * tall
    worn = np.flatnonzero(body.labels[knee] == Atr.PANTS)
    assert worn[0] - columns[0] >= 0.05 * tall


def test_an_untucked_top_may_cover_the_waistband_and_a_tucked_one_not() -> None:
    body = figure(wear="pants")
    hip, torso = float(body.keypoints[Joint.LEFT_HIP, 1]), 0.3 * stature(body)
    pants = body.labels == Atr.PANTS
    ends = {}
    for order in Order:
        rows = np.flatnonzero((area(repaint_region(body, MaskKind.UPPER, order)) & pants).any(1))
        ends[order] = (rows[-1] - hip) / torso
    assert ends[Order.UNTUCKED] == pytest.approx(0.30, abs=0.03)
    assert ends[Order.TUCKED] == pytest.approx(0.0, abs=0.03)


def test_a_bottom_may_rise_to_the_waist_but_leaves_the_chest_and_sleeves() -> None:
    body = figure(wear="pants", sleeve=0.8)
    region = area(repaint_region(body, MaskKind.LOWER))
    hip, torso = float(body.keypoints[Joint.LEFT_HIP, 1]), 0.3 * stature(body)
    assert (np.flatnonzero(region.any(1))[0] - hip) / torso == pytest.approx(-0.35, abs=0.03)
    assert not (region & labelled(body.labels, Atr.LEFT_ARM, Atr.RIGHT_ARM)).any()


@pytest.mark.parametrize("kind", [MaskKind.FACE, MaskKind.FULL_BODY])
def test_no_garment_region_is_a_face(kind: MaskKind) -> None:
    with pytest.raises(ValueError, match="ask for upper, lower or overall"):
        repaint_region(figure(), kind)
