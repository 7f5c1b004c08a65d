"""Parts of the warp dresser: landmarks on drawn outlines, backward maps, the backdrop, skin, the figure."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tryon.core.ports import Pixels
from tryon.core.words import Category, Refused
from tryon.engines.warp import backdrop, mannequin
from tryon.engines.warp.figure import Figure, read_figure
from tryon.engines.warp.find_marks import find_marks
from tryon.engines.warp.gaps import gaps
from tryon.engines.warp.joints import settle
from tryon.engines.warp.marks import SkirtMarks, TopMarks, TrouserMarks
from tryon.engines.warp.memory import Memory, fingerprint
from tryon.engines.warp.neckline import curve, find_neckline, inner_back
from tryon.engines.warp.remnants import remnants
from tryon.engines.warp.skin import read_skin
from tryon.engines.warp.warps import Box, axis_coordinates, mesh, thin_plate

CATALOGUE = Path(__file__).parents[2] / "studio" / "catalogue"
ALPHAS = sorted((CATALOGUE / "truth" / "items").glob("*.alpha.png"))
DRESSABLE = {category.value for category in Category if category.region is not None}


def crop_of(outline: Sequence[tuple[float, float]]) -> Pixels:
    crop = np.full((240, 240, 4), 200, np.uint8)
    mask = np.zeros((240, 240), np.uint8)
    cv2.fillPoly(mask, [np.array(outline, np.int32)], 255)
    crop[..., 3] = mask
    return crop


def keypoints(**moved: tuple[float, float]) -> NDArray[np.float32]:
    """An upright figure: shoulders 100 apart, trunk 150."""
    points = np.zeros((19, 3), np.float32)
    places = {"2": (100, 100), "5": (200, 100), "8": (120, 250), "11": (180, 250), **moved}
    for index, (x, y) in places.items():
        points[int(index)] = (x, y, 1)
    return points


def test_a_tee_has_armpits_cuffs_and_hem_where_they_were_drawn() -> None:
    tee = [
        (100, 20),
        (120, 34),
        (140, 20),
        (175, 32),
        (225, 95),
        (198, 115),
        (175, 90),
        (175, 220),
        (65, 220),
        (65, 90),
        (42, 115),
        (15, 95),
        (65, 32),
    ]
    found = find_marks(crop_of(tee), Category.TOPS)  # fmt: skip
    assert isinstance(found, TopMarks)
    assert found.sleeves is not None
    np.testing.assert_allclose(found.pit, [(65, 90), (175, 90)], atol=3)
    np.testing.assert_allclose(found.hem, [(65, 220), (175, 220)], atol=3)
    np.testing.assert_allclose(found.neck, [(100, 20), (140, 20)], atol=3)
    np.testing.assert_allclose(found.sleeves[0].axis[1], (28, 105), atol=8)


def test_a_vest_has_no_sleeves() -> None:
    vest = [
        (90, 20),
        (120, 60),
        (150, 20),
        (170, 22),
        (165, 80),
        (180, 110),
        (180, 220),
        (60, 220),
        (60, 110),
        (75, 80),
        (70, 22),
    ]
    found = find_marks(crop_of(vest), Category.TOPS)
    assert isinstance(found, TopMarks)
    assert found.sleeves is None
    assert 60 <= found.pit[0, 0] <= 80


def test_trousers_have_a_crotch_and_a_skirt_has_none() -> None:
    trousers = [
        (80, 10),
        (160, 10),
        (170, 80),
        (165, 230),
        (128, 230),
        (120, 90),
        (112, 230),
        (75, 230),
        (70, 80),
    ]
    found = find_marks(crop_of(trousers), Category.BOTTOMS)
    assert isinstance(found, TrouserMarks)
    assert abs(found.crotch[0] - 120) < 3
    assert 90 <= found.crotch[1] <= 150
    skirt = find_marks(crop_of([(80, 10), (160, 10), (200, 200), (40, 200)]), Category.BOTTOMS)
    assert isinstance(skirt, SkirtMarks)
    assert np.all(np.diff(skirt.edges[:, 1, 0] - skirt.edges[:, 0, 0]) > 0)


def test_one_sleeve_is_refused() -> None:
    lopsided = [
        (100, 20),
        (120, 34),
        (140, 20),
        (165, 32),
        (175, 90),
        (175, 220),
        (65, 220),
        (65, 90),
        (42, 115),
        (15, 95),
        (65, 32),
    ]
    found = find_marks(crop_of(lopsided), Category.TOPS)
    assert isinstance(found, Refused)
    assert found.code in {"sleeves_unclear", "garment_outline_unclear"}


@pytest.mark.parametrize(
    "path", [path for path in ALPHAS if path.name.split(".")[1] in DRESSABLE], ids=lambda path: path.name
)
def test_every_garment_of_the_catalogue_has_landmarks(path: Path) -> None:
    item, category = path.name.split(".")[:2]
    alpha = np.asarray(Image.open(path).convert("L"))
    photo = np.asarray(Image.open(CATALOGUE / "uploads" / "items" / f"{item}.jpg").convert("RGB"))
    found = find_marks(np.dstack([photo, alpha]), Category(category))
    assert not isinstance(found, Refused), found
    if isinstance(found, TopMarks):
        assert found.neckline is not None
        assert found.sleeves is not None


def test_a_neckline_is_found_where_the_cloth_gets_lighter() -> None:
    crop = crop_of([(60, 20), (100, 10), (140, 10), (180, 20), (180, 220), (60, 220)])
    dark = np.zeros((240, 240), np.uint8)
    cv2.ellipse(dark, (120, 10), (22, 30), 0, 0, 180, 1, -1)
    crop[dark > 0, :3] = 90
    neck = np.array([(98.0, 10.0), (142.0, 10.0)])
    line = find_neckline(crop[..., 3] > 127, np.ascontiguousarray(crop[..., :3]), neck)
    assert line is not None
    assert abs(curve(line, np.array([120.0]))[0] - 40) < 4
    assert curve(line, np.array([200.0]))[0] == -np.inf


def test_a_thin_plate_spline_through_an_affine_map_is_that_map() -> None:
    target = np.array([(10, 10), (90, 12), (15, 80), (88, 95), (50, 50)], float)
    source = target * 2 + (5, -3)
    found = thin_plate(source, target, Box(0, 0, 100, 100))
    np.testing.assert_allclose(found[40, 60], (125, 77), atol=0.5)
    assert found.shape == (100, 100, 2)


def test_a_mesh_shows_nothing_outside_itself() -> None:
    corners = np.array([(20, 20), (80, 20), (20, 80), (80, 80)], float)
    found = mesh(corners / 2, corners, Box(0, 0, 100, 100))
    np.testing.assert_allclose(found[50, 60], (30, 25), atol=0.1)
    assert found[5, 5, 0] < -1000


def test_axis_coordinates_measure_along_and_beside_a_bent_line() -> None:
    line = np.array([(10, 10), (10, 50), (50, 50)], float)
    along, off = axis_coordinates(line, Box(0, 0, 60, 60))
    assert along[30, 10] == pytest.approx(20)
    assert off[30, 4] == pytest.approx(6)
    assert along[50, 40] == pytest.approx(70)


def test_the_backdrop_behind_a_person_continues_the_gradient_around() -> None:
    y, x = np.mgrid[0:240, 0:180]
    truth = np.stack([120 + 0.2 * y, 140 + 0.1 * x, 160 - 0.1 * y], -1)
    labels = np.zeros((240, 180), np.uint8)
    labels[40:220, 60:120] = 4
    photo = np.where(labels[..., None] > 0, 20, truth).astype(np.uint8)
    assert np.abs(backdrop.at_size(backdrop.estimate(photo, labels), labels.shape) - truth).max() < 6


def test_skin_learns_the_side_that_the_light_comes_from() -> None:
    labels = np.zeros((100, 100), np.uint8)
    labels[10:90, 40:60] = 14
    photo = np.zeros((100, 100, 3), np.uint8)
    photo[:, 40:60] = (220 - 3 * np.arange(20))[None, :, None]
    skin = read_skin(photo, labels, (14, 15))
    assert not isinstance(skin, Refused)
    left, right = skin.shaded(np.array([-0.8, 0.8], np.float32))
    assert left[0] > right[0] + 20
    assert isinstance(read_skin(photo, labels * 0, (14, 15)), Refused)


def test_the_figure_leans_with_the_trunk() -> None:
    upright, leaning = read_figure(keypoints()), read_figure(keypoints(**{"8": (170, 250), "11": (230, 250)}))
    assert isinstance(upright, Figure)
    assert isinstance(leaning, Figure)
    np.testing.assert_allclose(upright.at(10.0, 75.0), (160, 175))
    assert leaning.at(0.0, 75.0)[0] > 170


def test_the_image_left_side_comes_first_in_a_mirrored_photo_too() -> None:
    mirrored = keypoints(**{"2": (200, 100), "5": (100, 100), "8": (180, 250), "11": (120, 250)})
    figure = read_figure(mirrored)
    assert isinstance(figure, Figure)
    assert figure.shoulders[0, 0] == 100
    assert figure.hips[0, 0] == 120


def test_crumbs_are_pixels_of_the_old_colour_that_the_labels_missed() -> None:
    photo = np.full((60, 60, 3), 200, np.float32)
    photo[20:40, 10:33] = (150, 30, 90)
    labels = np.zeros((60, 60), np.uint8)
    labels[20:40, 10:30] = 4
    photo[25:35, 34:38] = (40, 120, 60)
    backdrop_colours, skin = np.full_like(photo, 200), np.array([220.0, 170.0, 140.0])
    found = remnants(photo, labels, labels == 4, labels == 6, backdrop_colours, skin, (14, 15), reach=6)
    assert found[22:38, 30:33].all()
    assert not found[25:35, 34:38].any()
    assert not found[:18].any()
    labels[50:, :] = 6
    photo[50:, :] = (150, 30, 90)
    assert not remnants(
        photo, labels, labels == 4, labels == 6, backdrop_colours, skin, (14, 15), reach=6
    ).any()


def test_a_v_notch_below_a_round_edge_belongs_to_the_opening() -> None:
    crop = crop_of([(60, 20), (100, 10), (140, 10), (180, 20), (180, 220), (60, 220)])
    dark = np.zeros((240, 240), np.uint8)
    cv2.ellipse(dark, (120, 10), (22, 30), 0, 0, 180, 1, -1)
    cv2.fillPoly(dark, [np.array([(108, 30), (132, 30), (120, 60)])], 1)
    crop[dark > 0, :3] = 90
    mask, image = crop[..., 3] > 127, np.ascontiguousarray(crop[..., :3])
    line = find_neckline(mask, image, np.array([(98.0, 10.0), (142.0, 10.0)]))
    assert line is not None
    inside = inner_back(mask, image, line)
    assert inside[50, 120]
    assert not inside[50, 105]
    assert not inside[80:].any()


def test_an_opening_is_alike_on_both_sides_though_shade_hides_a_part() -> None:
    crop = crop_of([(60, 20), (100, 10), (140, 10), (180, 20), (180, 220), (60, 220)])
    dark = np.zeros((240, 240), np.uint8)
    cv2.ellipse(dark, (120, 10), (22, 30), 0, 0, 180, 1, -1)
    cv2.fillPoly(dark, [np.array([(104, 30), (136, 30), (120, 66)])], 1)
    mask, whole = crop[..., 3] > 127, crop[..., :3].copy()
    whole[dark > 0] = 90
    bitten = whole.copy()
    bitten[44:54, 124:] = crop[44:54, 124:, :3]
    line = find_neckline(mask, whole, np.array([(98.0, 10.0), (142.0, 10.0)]))
    assert line is not None
    even, mended = (inner_back(mask, image, line) for image in (whole, bitten))
    assert mended[48, 114]
    assert mended[48, 126]
    assert np.mean(even == mended) > 0.999


def test_a_collar_of_the_insides_colour_beside_the_edge_is_no_notch() -> None:
    crop = crop_of([(60, 20), (100, 10), (140, 10), (180, 20), (180, 220), (60, 220)])
    dark = np.zeros((240, 240), np.uint8)
    cv2.ellipse(dark, (120, 10), (22, 30), 0, 0, 180, 1, -1)
    crop[dark > 0, :3] = 90
    mask, image = crop[..., 3] > 127, np.ascontiguousarray(crop[..., :3])
    line = find_neckline(mask, image, np.array([(98.0, 10.0), (142.0, 10.0)]))
    assert line is not None
    plain = inner_back(mask, image, line)
    image[14:30, 128:150] = 90
    assert np.array_equal(inner_back(mask, image, line), plain)


def test_dark_cloth_without_a_visible_neckline_gets_a_crew_neck_unless_it_is_a_turtleneck() -> None:
    dipped = crop_of([(60, 20), (98, 10), (120, 18), (142, 10), (180, 20), (180, 220), (60, 220)])
    turtle = crop_of([(60, 20), (98, 10), (142, 10), (180, 20), (180, 220), (60, 220)])
    neck = np.array([(98.0, 10.0), (142.0, 10.0)])
    found = [
        find_neckline(c[..., 3] > 127, np.full((240, 240, 3), 20, np.uint8), neck) for c in (dipped, turtle)
    ]
    assert found[0] is not None
    assert found[1] is None


def test_legs_that_touch_meet_in_a_dark_line_and_a_skirt_has_none() -> None:
    outline = [(85, 10), (155, 10), (170, 70), (172, 200), (68, 200), (70, 70)]
    plain = crop_of(outline)
    parted = plain.copy()
    parted[80:, 116:125, :3] //= 2
    shorts, skirt = (find_marks(crop, Category.BOTTOMS) for crop in (parted, plain))
    assert isinstance(shorts, SkirtMarks)
    assert isinstance(skirt, SkirtMarks)
    assert (shorts.legs, skirt.legs) == (True, False)


def test_backdrop_in_the_crotch_is_no_cloth() -> None:
    trousers = crop_of(
        [(80, 10), (160, 10), (170, 80), (165, 230), (124, 230), (120, 90), (116, 230), (75, 230), (70, 80)]
    )
    trousers[..., :3] = 60
    trousers[92:112, 118:123, :3] = 235
    trousers[92:112, 118:123, 3] = 255
    trousers[112:, 119:122, 3] = 0
    found = find_marks(trousers, Category.BOTTOMS)
    assert isinstance(found, TrouserMarks)
    assert gaps(trousers, found)[95:110, 119:122].all()
    trousers[92:112, 118:123, :3] = 60
    assert not gaps(trousers, found).any()


def test_a_vests_shoulder_is_its_outer_corner_not_its_neck() -> None:
    vest = [(100, 20), (120, 50), (140, 20), (175, 40), (170, 90), (175, 220), (65, 220), (70, 90), (65, 40)]
    found = find_marks(crop_of(vest), Category.TOPS)
    assert isinstance(found, TopMarks)
    np.testing.assert_allclose(found.shoulder, [(65, 40), (175, 40)], atol=4)


@pytest.mark.parametrize(("cuff", "share"), [((45, 70), (0.2, 0.5)), ((24, 130), (0.8, 1.0))])
def test_a_sleeve_tells_how_much_of_the_arm_it_covers(
    cuff: tuple[int, int], share: tuple[float, float]
) -> None:
    def mirrored(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
        return points + [(240 - x, y) for x, y in points[::-1]]

    x, y = cuff
    half = mirrored([(120, 24), (105, 12), (80, 18), (x, y), (x + 26, y + 10), (80, 85), (80, 210)])
    found = find_marks(crop_of(half), Category.TOPS)
    assert isinstance(found, TopMarks)
    arms = [mannequin.ghost_arm(found, side) for side in (0, 1)]
    assert share[0] < arms[0].share <= share[1]
    np.testing.assert_allclose(arms[0].along, arms[1].along * (-1, 1), atol=0.05)


def test_joints_move_to_the_middle_of_their_limb_and_hips_to_where_the_stature_puts_them() -> None:
    labels = np.zeros((600, 300), np.uint8)
    labels[80:260, 90:210] = 4
    labels[250:520, 100:140] = labels[250:520, 160:200] = 6
    labels[520:530, 95:140], labels[520:530, 160:205] = 10, 9
    wrong = keypoints(
        **{
            "8": (120, 270),
            "11": (180, 270),
            "9": (112, 380),
            "12": (188, 380),
            "10": (120, 480),
            "13": (180, 480),
        }
    )
    figure = read_figure(wrong)
    assert isinstance(figure, Figure)
    settled = settle(figure, labels)
    assert settled.trunk < 162
    np.testing.assert_allclose(settled.knees[:, 0], (119.5, 179.5), atol=1)
    assert settled.ankles[:, 1].min() > 485


def test_only_the_latest_few_are_remembered() -> None:
    memory: Memory[int] = Memory(2)
    with ThreadPoolExecutor(1) as pool:
        for key in (b"a", b"b", b"a", b"c", b"a", b"b"):
            assert memory.recall([key], lambda at: at, pool) == {key: 0}
    assert (memory.hits, memory.misses) == (2, 4)
    assert fingerprint(np.zeros((2, 3))) != fingerprint(np.zeros((3, 2)))
