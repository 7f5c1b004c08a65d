"""The warp dresser on drawn people and garments: flat colours, so that every pixel says where it came from."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tryon.core.ports import Body, Dressed, DressJob, Pixels
from tryon.core.words import Category, Refused
from tryon.engines.warp import WarpDresser

Points = NDArray[np.float64]
Outline = list[tuple[float, float]]

BACKDROP, SKIN, HAIR, SHOE = (150, 175, 185), (220, 170, 140), (60, 40, 30), (30, 30, 35)
OLD_TOP, OLD_BOTTOM = (140, 40, 110), (90, 90, 95)
RED, GREEN, BLUE = (220, 40, 30), (40, 150, 60), (40, 70, 200)

# Joints of a person 384 x 512 by OpenPose-18 index, then the chin; a 122 pixel trunk.
JOINTS: Outline = [
    (192, 92), (192, 154), (151, 154), (121, 222), (95, 282), (233, 154), (263, 222), (289, 282),
    (170, 276), (167, 374), (164, 472), (214, 276), (217, 374), (220, 472),
    (184, 84), (200, 84), (176, 90), (208, 90), (192, 118),
]  # fmt: skip

# Garments in a crop of 200 x 200, clockwise from the image-left neck point.
TEE: Outline = [
    (80, 10), (100, 24), (120, 10), (150, 22), (195, 75), (168, 95), (150, 75), (150, 190),
    (50, 190), (50, 75), (32, 95), (5, 75), (50, 22),
]  # fmt: skip
SWEATER: Outline = [
    (85, 10), (100, 18), (115, 10), (135, 18), (192, 150), (170, 160), (135, 62), (135, 150),
    (65, 150), (65, 62), (30, 160), (8, 150), (65, 18),
]  # fmt: skip
CROPPED: Outline = [(x, y if y < 140 else 100) for x, y in TEE]
TROUSERS: Outline = [
    (65, 5),
    (135, 5),
    (142, 60),
    (140, 195),
    (108, 195),
    (100, 75),
    (92, 195),
    (60, 195),
    (58, 60),
]
SKIRT: Outline = [(60, 20), (140, 20), (175, 180), (25, 180)]
DRESS: Outline = [
    (85, 5), (100, 12), (115, 5), (130, 10), (155, 40), (140, 52), (128, 38), (122, 75), (165, 195),
    (35, 195), (78, 75), (72, 38), (60, 52), (45, 40), (70, 10),
]  # fmt: skip
OUTLINES = {Category.TOPS: TEE, Category.BOTTOMS: TROUSERS, Category.DRESS: DRESS}


def cloth(outline: Outline, colour: tuple[int, int, int]) -> Pixels:
    """A garment crop [200, 200, 4] of one colour on white."""
    crop = np.full((200, 200, 4), 255, np.uint8)
    alpha = np.zeros((200, 200), np.uint8)
    cv2.fillPoly(alpha, [np.array(outline, np.int32)], 255)
    crop[alpha > 0, :3] = colour
    crop[..., 3] = alpha
    return crop


def person() -> tuple[Pixels, Body]:
    """Somebody in a purple sweater and grey trousers, arms away from the body."""
    image = np.full((512, 384, 3), BACKDROP, np.uint8)
    labels = np.zeros((512, 384), np.uint8)
    joints = np.array(JOINTS)

    def paint(draw: object, colour: tuple[int, int, int], label: int) -> None:
        mask = np.zeros(labels.shape, np.uint8)
        draw(mask)  # type: ignore[operator]
        image[mask > 0], labels[mask > 0] = colour, label

    def line(points: Points, width: int) -> object:
        return lambda mask: cv2.polylines(mask, [np.round(points).astype(np.int32)], False, 1, width)

    for side, label in ((10, 13), (13, 12)):
        foot = joints[side]
        paint(line(joints[[side - 2, side - 1, side]], 40), OLD_BOTTOM, 6)
        paint(line(np.stack([foot, foot + np.array([0, 12])]), 24), SHOE, label - 3 if label == 13 else 9)
    paint(
        lambda m: cv2.fillPoly(m, [np.array([(152, 235), (232, 235), (236, 290), (148, 290)])], 1),
        OLD_BOTTOM,
        6,
    )
    for first, label in ((2, 15), (5, 14)):
        wrist, elbow = joints[first + 2], joints[first + 1]
        paint(line(np.array([wrist, wrist + (wrist - elbow) * 0.45]), 13), SKIN, label)
        paint(line(joints[[first, first + 1, first + 2]], 24), OLD_TOP, 4)
    paint(lambda m: cv2.rectangle(m, (179, 105), (205, 150), 1, -1), SKIN, 11)
    paint(
        lambda m: cv2.fillPoly(
            m, [np.array([(175, 138), (209, 138), (240, 150), (236, 268), (148, 268), (144, 150)])], 1
        ),
        OLD_TOP,
        4,
    )
    paint(lambda m: cv2.ellipse(m, (192, 80), (28, 36), 0, 0, 360, 1, -1), HAIR, 2)
    paint(lambda m: cv2.ellipse(m, (192, 90), (22, 28), 0, 0, 360, 1, -1), SKIN, 11)
    keypoints = np.concatenate([joints, np.ones((19, 1))], axis=1).astype(np.float32)
    return image, Body(labels, keypoints)


def region_of(body: Body, category: Category) -> Pixels:
    """Where the garment may change the photo: generous, but never face, hair, hands or shoes."""
    region = np.zeros(body.labels.shape, np.uint8)
    box = {Category.TOPS: (128, 330), Category.BOTTOMS: (215, 485), Category.DRESS: (128, 485)}[category]
    region[box[0] : box[1], 60:324] = 255
    kept = np.isin(body.labels, (2, 9, 10, 14, 15))
    region[kept] = 0
    return region


def job(
    category: Category = Category.TOPS, outline: Outline | None = None, colour: tuple[int, int, int] = RED
) -> DressJob:
    image, body = person()
    return DressJob(
        image, region_of(body, category), cloth(outline or OUTLINES[category], colour), category, body, seed=0
    )


def dressed(given: DressJob) -> Pixels:
    """The image of the one job; fails with the refusal's message."""
    verdict = WarpDresser(threads=1).dress([given])[0]
    assert isinstance(verdict, Dressed), verdict
    return verdict.image


def refusal(given: DressJob) -> Refused:
    verdict = WarpDresser(threads=1).dress([given])[0]
    assert isinstance(verdict, Refused)
    return verdict


def near(image: Pixels, colour: tuple[int, int, int], within: int = 30) -> NDArray[np.bool_]:
    """Pixels [H, W] of about that colour."""
    return np.asarray(np.abs(image.astype(int) - colour).max(-1) <= within)


@pytest.mark.parametrize("category", [Category.TOPS, Category.BOTTOMS, Category.DRESS])
def test_nothing_changes_outside_the_region(category: Category) -> None:
    given = job(category)
    image = dressed(given)
    assert np.array_equal(image[given.region == 0], given.person[given.region == 0])
    assert not np.array_equal(image, given.person)


@pytest.mark.parametrize("category", [Category.TOPS, Category.BOTTOMS, Category.DRESS])
def test_the_garments_colour_is_worn_and_the_old_ones_is_gone(category: Category) -> None:
    given = job(category)
    image = dressed(given)
    old = {4} if category is Category.TOPS else {6} if category is Category.BOTTOMS else {4, 6}
    worn = np.isin(given.body.labels, list(old))
    assert near(image, RED)[worn].mean() > 0.55
    gone = [
        near(image, colour, 12) & worn & (given.region > 0)
        for colour, label in ((OLD_TOP, 4), (OLD_BOTTOM, 6))
        if label in old
    ]
    if category is Category.TOPS:
        gone = gone[:1]
    assert sum(int(mask.sum()) for mask in gone) < 0.004 * worn.sum()


def test_short_sleeves_leave_skin_where_long_ones_were() -> None:
    image = dressed(job(Category.TOPS, TEE))
    for x, y in ((108, 252), (276, 252)):  # the middle of each forearm
        assert near(image, SKIN, 45)[y, x]


def test_long_sleeves_reach_the_wrists() -> None:
    image = dressed(job(Category.TOPS, SWEATER, GREEN))
    for x, y in ((98, 275), (286, 275)):
        assert near(image, GREEN)[y, x]


def test_a_skirt_leaves_bare_legs_and_backdrop_where_trousers_were() -> None:
    image = dressed(job(Category.BOTTOMS, SKIRT))
    assert near(image, SKIN, 45)[440, 165]
    assert near(image, SKIN, 45)[440, 219]
    assert near(image, BACKDROP, 20)[440, 192]


def test_hair_face_hands_and_shoes_stay_in_front_even_inside_the_region() -> None:
    given = job(Category.DRESS)
    given = replace(given, region=np.full_like(given.region, 255))
    image = dressed(given)
    inner = cv2.erode(np.isin(given.body.labels, (2, 9, 10, 14, 15)).astype(np.uint8), np.ones((5, 5))) > 0
    assert np.abs(image[inner].astype(int) - given.person[inner]).max() <= 3


def test_a_collar_covers_no_face_and_leaves_no_old_collar() -> None:
    image = dressed(job(Category.TOPS))
    neck = image[125:160, 172:212]
    assert not near(neck, OLD_TOP, 20).any()


def test_the_second_pass_keeps_the_first_ones_trousers() -> None:
    bottom = job(Category.BOTTOMS, TROUSERS, BLUE)
    first = dressed(bottom)
    top = job(Category.TOPS, TEE, RED)
    second = dressed(replace(top, person=first, body=bottom.body))
    below = np.zeros(first.shape[:2], bool)
    below[295:470] = True
    assert near(first, BLUE)[below].sum() > 4000
    assert np.array_equal(near(second, BLUE) & below, near(first, BLUE) & below)


def test_under_a_shorter_top_the_trousers_go_on_up_to_the_waist() -> None:
    first = dressed(job(Category.BOTTOMS, TROUSERS, BLUE))
    top = job(Category.TOPS, CROPPED, RED)
    second = dressed(replace(top, person=first))
    # The old top ended at y = 268; the waist is at 233.
    assert near(second, BLUE, 45)[250:266, 175:210].mean() > 0.95


def test_the_second_pass_keeps_a_skirt_wider_than_the_old_trousers() -> None:
    first = dressed(job(Category.BOTTOMS, SKIRT, BLUE))
    second = dressed(replace(job(Category.TOPS, TEE, RED), person=first))
    flare = np.zeros(first.shape[:2], bool)
    flare[290:] = True
    assert near(second, BLUE)[flare].sum() > 0.99 * near(first, BLUE)[flare].sum()


def test_the_same_job_gives_the_same_bytes_on_any_number_of_threads() -> None:
    jobs = [job(Category.TOPS), job(Category.BOTTOMS), job(Category.DRESS)]
    once = WarpDresser(threads=1).dress(jobs)
    again = WarpDresser(threads=3).dress(jobs)
    for a, b in zip(once, again, strict=True):
        assert isinstance(a, Dressed)
        assert isinstance(b, Dressed)
        assert a.image.tobytes() == b.image.tobytes()


def test_a_mirrored_photo_gives_a_mirrored_result() -> None:
    given = job(Category.TOPS, SWEATER)
    keypoints = given.body.keypoints.copy()
    keypoints[:, 0] = 383 - keypoints[:, 0]
    keypoints = keypoints[[0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 15, 14, 17, 16, 18]]
    flipped = replace(
        given,
        person=np.ascontiguousarray(given.person[:, ::-1]),
        region=np.ascontiguousarray(given.region[:, ::-1]),
        garment=np.ascontiguousarray(given.garment[:, ::-1]),
        body=Body(np.ascontiguousarray(given.body.labels[:, ::-1]), keypoints),
    )
    difference = np.abs(dressed(flipped)[:, ::-1].astype(int) - dressed(given)).max(-1)
    assert (difference > 40).mean() < 0.005


def test_garments_and_people_are_read_once_whatever_batch_they_come_in() -> None:
    people, shirts = [job(), job()], [cloth(TEE, RED), cloth(TEE, GREEN), cloth(SWEATER, BLUE)]
    engine = WarpDresser(threads=2)
    batch = [replace(wearer, garment=shirt) for wearer in people for shirt in shirts]
    first = engine.dress(batch)
    # Both people are the same one: what counts is the content.
    assert (engine.garments.misses, engine.figures.misses, engine.surroundings.misses) == (3, 1, 1)
    again = [engine.dress([given])[0] for given in batch[::-1]][::-1]
    assert (engine.garments.misses, engine.figures.misses, engine.surroundings.misses) == (3, 1, 1)
    assert (engine.garments.hits, engine.figures.hits, engine.surroundings.hits) == (6, 6, 6)
    for a, b in zip(first, again, strict=True):
        assert isinstance(a, Dressed)
        assert isinstance(b, Dressed)
        assert a.image.tobytes() == b.image.tobytes()


def test_the_body_is_not_read_again_for_the_second_garment() -> None:
    engine, bottom = WarpDresser(threads=1), job(Category.BOTTOMS)
    first = engine.dress([bottom])[0]
    assert isinstance(first, Dressed)
    engine.dress([replace(job(), person=first.image)])
    assert (engine.figures.misses, engine.figures.hits) == (1, 1)
    # The photo has changed, and so have the skin and the backdrop that it shows.
    assert engine.surroundings.misses == 2


def test_the_legs_of_the_photo_are_not_taken_for_skin_under_new_trousers() -> None:
    """A person in shorts whose base wears blue trousers: the arms under a new tee are not tinted blue."""
    given = job()
    base, labels = given.person.copy(), given.body.labels.copy()
    legs = (labels == 6) & (np.arange(512)[:, None] > 330)
    labels[legs], base[legs] = 12, BLUE
    image = dressed(replace(given, person=base, body=Body(labels, given.body.keypoints)))
    for x, y in ((108, 252), (276, 252)):
        assert near(image, SKIN, 45)[y, x]


def test_the_shade_of_an_old_hem_goes_with_it() -> None:
    given = job(Category.BOTTOMS, SKIRT)
    person, labels = given.person.copy(), given.body.labels.copy()
    legs = (labels == 6) & (np.arange(512)[:, None] > 390)
    labels[legs], person[legs] = 12, SKIN
    shade = legs & (np.arange(512)[:, None] < 420)
    person[shade] = (np.array(SKIN) * 0.7).astype(np.uint8)
    image = dressed(replace(given, person=person, body=Body(labels, given.body.keypoints)))
    assert near(image, SKIN, 30)[400, 165]
    assert near(image, SKIN, 30)[400, 219]


def test_verdicts_come_in_the_order_of_the_batch() -> None:
    good, bad = job(), replace(job(), region=np.zeros((512, 384), np.uint8))
    verdicts = WarpDresser(threads=2).dress([bad, good, bad])
    assert [type(verdict) for verdict in verdicts] == [Refused, Dressed, Refused]


@pytest.mark.parametrize("category", [Category.SHOES, Category.BAGS, Category.ACCESSORIES])
def test_what_is_not_tried_on_is_refused(category: Category) -> None:
    assert refusal(replace(job(), category=category)).code == "category_not_dressable"


def test_an_empty_region_is_refused() -> None:
    assert refusal(replace(job(), region=np.zeros((512, 384), np.uint8))).code == "region_empty"


@pytest.mark.parametrize(
    ("category", "joint"),
    [
        (Category.TOPS, 2),
        (Category.TOPS, 11),
        (Category.TOPS, 6),
        (Category.BOTTOMS, 9),
        (Category.BOTTOMS, 13),
    ],
)
def test_a_joint_that_the_garment_needs_and_nobody_saw_is_refused(category: Category, joint: int) -> None:
    given = job(category)
    keypoints = given.body.keypoints.copy()
    keypoints[joint] = 0
    verdict = refusal(replace(given, body=Body(given.body.labels, keypoints)))
    assert verdict.code == "keypoints_missing"
    assert "photo" in verdict.message


def test_joints_that_the_garment_does_not_need_may_be_missing() -> None:
    given = job(Category.TOPS)
    keypoints = given.body.keypoints.copy()
    keypoints[[0, 9, 10, 12, 13, 14, 15, 16, 17, 18]] = 0
    dressed(replace(given, body=Body(given.body.labels, keypoints)))


def test_a_person_seen_from_the_side_is_refused() -> None:
    given = job()
    keypoints = given.body.keypoints.copy()
    keypoints[[2, 5], 0] = (185, 195)
    assert refusal(replace(given, body=Body(given.body.labels, keypoints))).code == "pose_unsuitable"


def test_a_garment_without_a_cut_out_is_refused() -> None:
    given = job()
    assert (
        refusal(replace(given, garment=np.full((200, 200, 4), 255, np.uint8))).code == "garment_not_cut_out"
    )
    assert refusal(replace(given, garment=np.zeros((200, 200, 4), np.uint8))).code == "garment_empty"


def test_a_shape_that_is_no_top_is_refused() -> None:
    disc = [(100 + 90 * np.cos(a), 100 + 90 * np.sin(a)) for a in np.linspace(0, 6.28, 60)]
    assert refusal(job(Category.TOPS, disc)).code in {"garment_outline_unclear", "sleeves_unclear"}


def test_the_card_allows_commercial_use_and_claims_determinism() -> None:
    card = WarpDresser.card
    assert (card.id, card.revision, card.licence) == ("warp", "4", "Apache-2.0")
    assert card.commercial_use
    assert card.deterministic
