"""The trained net with photos that nobody can be dressed in: each is refused, by name, with a sentence of advice."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from tryon.core.ports import Body, Pixels
from tryon.core.words import Refused
from tryon.engines.studio_parser import WORK_SIDE, StudioParser
from tryon.engines.studio_parser.upright_checks import check_turned

CATALOGUE = Path(__file__).parents[2] / "studio" / "catalogue"
USERS = sorted((CATALOGUE / "uploads" / "users").glob("*.jpg"))
ITEMS = sorted((CATALOGUE / "uploads" / "items").glob("*.jpg"))
LOOKS = sorted((CATALOGUE / "truth" / "looks").glob("*/*.webp"))

each_user = pytest.mark.parametrize("path", USERS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def parser() -> StudioParser:
    return StudioParser()


def code(parser: StudioParser, image: Image.Image | Pixels) -> str:
    """What the photo is refused for, or "accepted"."""
    [answer] = parser.parse([np.ascontiguousarray(image, np.uint8)])
    if isinstance(answer, Body):
        return "accepted"
    assert answer.message.endswith(".")
    return answer.code


def opened(path: Path) -> Image.Image:
    return Image.open(path).convert("RGB")


def tilted(photo: Image.Image, degrees: float) -> Pixels:
    """Turned about its centre, made smaller so that nothing is cut off, with the backdrop continued; at the net's
    size twice, since how far a person leans is the same at any size."""
    photo = photo.resize((384, 512))
    width, height = photo.size
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 0.75)
    image = cv2.warpAffine(np.array(photo), turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(image, np.uint8)


@each_user
def test_a_turned_photo_is_refused_as_such(parser: StudioParser, path: Path) -> None:
    turned = {turn: code(parser, opened(path).rotate(turn, expand=True)) for turn in (90, 180, 270)}
    assert turned == {90: "sideways", 180: "upside_down", 270: "sideways"}


@each_user
def test_a_tilted_photo_is_refused_and_a_little_is_not(parser: StudioParser, path: Path) -> None:
    found = {degrees: code(parser, tilted(opened(path), degrees)) for degrees in (-20, -12, -5, 5, 12, 20)}
    assert found == {degrees: "accepted" if abs(degrees) == 5 else "tilted" for degrees in found}


@pytest.mark.parametrize("path", ITEMS, ids=lambda path: path.stem)
def test_a_product_photo_shows_no_person(parser: StudioParser, path: Path) -> None:
    assert code(parser, opened(path)) == "no_person"


@each_user
def test_a_negative_shows_nobody_who_faces_the_camera(parser: StudioParser, path: Path) -> None:
    """Its face is blue: where the net sees somebody all the same, it is from a side without a face."""
    assert code(parser, ImageOps.invert(opened(path))) in {"no_person", "no_face", "back_view", "side_view"}


@each_user
def test_a_person_without_a_head_is_cut_off(parser: StudioParser, path: Path) -> None:
    photo = opened(path)
    for top in (215, 260):
        assert code(parser, photo.crop((0, top, photo.width, photo.height))) == "head_out_of_frame"


def test_two_people_side_by_side_are_several(parser: StudioParser) -> None:
    for left, right in ((0, 1), (2, 3)):
        both = np.concatenate([np.array(opened(USERS[left])), np.array(opened(USERS[right]))], axis=1)
        assert code(parser, both) == "several_people"


@each_user
def test_a_blurred_photo_is_refused_for_that_whatever_the_joints_say(
    parser: StudioParser, path: Path
) -> None:
    assert code(parser, opened(path).filter(ImageFilter.GaussianBlur(9))) == "blurred"


def test_pictures_of_nothing_show_no_person(parser: StudioParser) -> None:
    random = np.random.default_rng(0)
    noise = random.integers(0, 255, (512, 384, 3), dtype=np.uint8)
    clouds = cv2.resize(random.integers(0, 255, (16, 12, 3), dtype=np.uint8), (384, 512))
    hills = np.full((512, 384, 3), (140, 180, 230), np.uint8)
    hills[300:] = 70, 120, 50
    grey = np.full((512, 384, 3), 150, np.uint8)
    for image in (noise, clouds, hills, grey):
        assert code(parser, np.asarray(image, np.uint8)) == "no_person"


@each_user
def test_a_person_of_few_pixels_is_refused(parser: StudioParser, path: Path) -> None:
    photo = opened(path)
    assert code(parser, photo.resize((144, 192))) == "too_small"
    assert code(parser, photo.resize((300, 400))) == "accepted"


@each_user
def test_a_stretched_person_is_refused(parser: StudioParser, path: Path) -> None:
    """Sideways by two the net may also lose the person in pieces."""
    photo = opened(path)
    width, height = photo.size
    assert code(parser, photo.resize((width, 2 * height))) == "stretched"
    assert code(parser, photo.resize((2 * width, height))) in {"stretched", "fragmented"}


@pytest.mark.parametrize("user", sorted({look.parent.name for look in LOOKS}))
def test_every_look_of_the_catalogue_is_accepted(parser: StudioParser, user: str) -> None:
    looks = [look for look in LOOKS if look.parent.name == user]
    found = {look.stem: code(parser, opened(look)) for look in looks}
    assert set(found.values()) == {"accepted"}, found


def test_a_huge_photo_is_worked_on_small(parser: StudioParser) -> None:
    """48 megapixels: what is found in a small copy is what is said of the large one."""
    photo = opened(USERS[1])
    [small] = parser.parse(
        [np.array(photo.resize((WORK_SIDE * 3 // 4, WORK_SIDE), Image.Resampling.BICUBIC))]
    )
    large = np.array(photo.resize((6000, 8000), Image.Resampling.BICUBIC))
    [body] = parser.parse([large])
    assert isinstance(body, Body)
    assert isinstance(small, Body)
    assert body.labels.shape == (8000, 6000)
    shrunk = cv2.resize(body.labels, small.labels.shape[::-1], interpolation=cv2.INTER_NEAREST_EXACT)
    assert np.mean(shrunk == small.labels) > 0.99
    np.testing.assert_allclose(body.keypoints[:, :2] * WORK_SIDE / 8000, small.keypoints[:, :2], atol=2)


@pytest.mark.parametrize(
    ("upright", "turned", "wanted"),
    [
        (0.5, (0.2, 0.97, 0.1), "upside_down"),
        (0.1, (0.2, 0.3, 0.95), "sideways"),
        (0.1, (0.9, 0.3, 0.2), "sideways"),
        (0.85, (0.2, 0.95, 0.1), None),
        (0.1, (0.2, 0.4, 0.3), None),
    ],
)
def test_only_a_clearer_turn_counts(
    upright: float, turned: tuple[float, float, float], wanted: str | None
) -> None:
    refused = check_turned(upright, turned)
    assert (refused.code if isinstance(refused, Refused) else None) == wanted
