"""Cut-outs of garments on a plain backdrop: drawn ones with noise, and the catalogue's rendered ones."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tryon.core.ports import Detected, DetectJob, Detector, Pixels, SeenGarment
from tryon.core.words import Category, Refused
from tryon.engines.packshot import PADDING, PackshotDetector
from tryon.engines.shadows import find_shadows

CATALOGUE = Path(__file__).parents[2] / "studio" / "catalogue"
ITEMS = sorted((CATALOGUE / "uploads" / "items").glob("*.jpg"))

# Outlines in a unit square, y down.
TEE = [
    (0.3, 0),
    (0.7, 0),
    (1, 0.25),
    (0.88, 0.4),
    (0.75, 0.3),
    (0.75, 1),
    (0.25, 1),
    (0.25, 0.3),
    (0.12, 0.4),
    (0, 0.25),
]
JEANS = [(0.2, 0), (0.8, 0), (1, 1), (0.62, 1), (0.5, 0.35), (0.38, 1), (0, 1)]
SKIRT = [(0.25, 0), (0.75, 0), (1, 1), (0, 1)]
DRESS = [(0.2, 0), (0.8, 0), (0.68, 0.35), (1, 1), (0, 1), (0.32, 0.35)]
SHOE = [(0, 0.2), (0.3, 0), (0.5, 0.5), (1, 0.6), (1, 1), (0, 1)]

Box = tuple[float, float, float, float]


class Studio:
    """A drawn product photo: a grey gradient, garments with a woven texture, camera noise and JPEG."""

    def __init__(self, width: int = 384, height: int = 512, light: float = 240, noise: float = 1.0) -> None:
        self._random = np.random.default_rng(7)
        self._noise = noise
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        fall = 6 * (x / width - 0.5) ** 2 + 10 * (y / height) ** 2
        self._scene = np.repeat((light - fall)[..., None], 3, axis=2)
        self.truths: list[NDArray[np.float32]] = []

    def add(
        self,
        outline: Sequence[tuple[float, float]],
        box: Box,
        colour: Sequence[int],
        weave: float = 8,
        shadow: float = 0.0,
    ) -> None:
        """box: left, top, right, bottom as shares of the photo. shadow: share of the paper's light that is lost."""
        height, width = self._scene.shape[:2]
        corners = np.array(outline, np.float32) * (box[2] - box[0], box[3] - box[1]) + box[:2]
        fine = np.zeros((4 * height, 4 * width), np.uint8)
        cv2.fillPoly(fine, [np.rint(corners * (4 * width, 4 * height)).astype(np.int32)], 255)
        truth = np.asarray(cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA), np.float32) / 255
        fallen = cv2.GaussianBlur(np.roll(truth, (9, 6), (0, 1)), (0, 0), 7)
        self._scene = self._scene * (1 - shadow * fallen[..., None])
        y, x = np.mgrid[0:height, 0:width]
        cloth = np.array(colour, np.float32) + weave * np.sin(x / 3)[..., None] * np.sin(y / 5)[..., None]
        self._scene = self._scene * (1 - truth[..., None]) + cloth * truth[..., None]
        self.truths.append(truth.astype(np.float32))

    def photo(self, quality: int = 92) -> Pixels:
        noisy = self._scene + self._random.normal(0, self._noise, self._scene.shape)
        buffer = BytesIO()
        Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=quality)
        return np.array(Image.open(buffer))


def detect(image: Pixels, *categories: Category) -> tuple[Detected | Refused, ...]:
    detector: Detector = PackshotDetector()
    [answers] = detector.detect(
        [DetectJob(image, tuple(SeenGarment(category, "") for category in categories))]
    )
    assert len(answers) == len(categories)
    return answers


def found(answer: Detected | Refused) -> tuple[Detected, Pixels]:
    assert isinstance(answer, Detected), answer
    assert answer.alpha is not None
    assert type(answer.score) is float
    assert 0 < answer.score <= 1
    return answer, answer.alpha


def code(answer: Detected | Refused) -> str:
    assert isinstance(answer, Refused), answer.box
    assert answer.message.endswith(".")
    return answer.code


def iou(alpha: Pixels, truth: NDArray[np.float32]) -> float:
    mine = alpha.astype(np.float32) / 255
    return float(np.minimum(mine, truth).sum() / np.maximum(mine, truth).sum())


@pytest.mark.parametrize(
    ("outline", "category", "colour"),
    [
        (TEE, Category.TOPS, (40, 70, 140)),
        (TEE, Category.TOPS, (200, 190, 150)),
        (JEANS, Category.BOTTOMS, (60, 90, 140)),
        (SKIRT, Category.BOTTOMS, (170, 30, 50)),
        (DRESS, Category.DRESS, (20, 90, 80)),
    ],
)
@pytest.mark.parametrize("size", [(384, 512), (600, 800), (300, 300)])
def test_one_garment_is_cut_out_cleanly(
    outline: list[tuple[float, float]], category: Category, colour: tuple[int, ...], size: tuple[int, int]
) -> None:
    studio = Studio(*size)
    studio.add(outline, (0.2, 0.15, 0.8, 0.85), colour)
    answer, alpha = found(detect(studio.photo(), category)[0])
    truth = studio.truths[0]
    assert alpha.shape == truth.shape
    assert iou(alpha, truth) >= 0.97
    # No halo: away from the edge there is neither backdrop inside nor coverage outside.
    reach = np.ones((9, 9), np.uint8)
    assert (alpha[cv2.dilate(truth, reach) == 0] > 0).mean() <= 3e-4
    assert (alpha[cv2.erode(truth, reach) == 1] == 255).all()
    assert np.abs(np.subtract(padded(truth), answer.box)).max() <= 5


def padded(truth: NDArray[np.float32]) -> tuple[int, ...]:
    rows, columns = np.flatnonzero((truth > 0.5).any(1)), np.flatnonzero((truth > 0.5).any(0))
    left, top, right, bottom = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    pad = round(PADDING * max(right - left, bottom - top))
    return left - pad, top - pad, right + pad, bottom + pad


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_garments_go_to_their_categories(order: tuple[int, int]) -> None:
    studio = Studio()
    studio.add(TEE, (0.05, 0.1, 0.45, 0.45), (150, 40, 60))
    studio.add(JEANS, (0.6, 0.1, 0.9, 0.9), (50, 80, 130))
    wanted = [(Category.TOPS, Category.BOTTOMS)[index] for index in order]
    answers = detect(studio.photo(), *wanted)
    for answer, index in zip(answers, order, strict=True):
        assert iou(found(answer)[1], studio.truths[index]) >= 0.97


def test_a_long_vest_and_slim_trousers_are_not_mistaken_for_each_other() -> None:
    """One is no wider at its top than the other; straps and a waistband tell them apart."""
    vest = [(0.2, 0), (0.35, 0), (0.5, 0.15), (0.65, 0), (0.8, 0), (1, 0.3), (1, 1), (0, 1), (0, 0.3)]
    slim = [(0.1, 0), (0.9, 0), (1, 0.25), (0.8, 1), (0.52, 1), (0.5, 0.5), (0.48, 1), (0.2, 1), (0, 0.25)]
    studio = Studio()
    studio.add(vest, (0.08, 0.2, 0.42, 0.6), (40, 130, 110))
    studio.add(slim, (0.58, 0.15, 0.92, 0.9), (120, 90, 50))
    top, bottom = detect(studio.photo(), Category.TOPS, Category.BOTTOMS)
    for answer, truth in zip((top, bottom), studio.truths, strict=True):
        assert iou(found(answer)[1], truth) >= 0.97


@pytest.mark.parametrize("throat", [0.0, 0.004, 0.01])
def test_the_gap_between_a_sleeve_and_the_side_stays_open(throat: float) -> None:
    """Down to a throat of a pixel or two at the cuff; a fold of that width has no gap behind it."""
    left, right = 0.19 - throat, 0.81 + throat
    sweater = [
        (0.35, 0), (0.65, 0), (0.9, 0.2), (1, 0.9), (right, 0.9), (0.84, 0.6), (0.75, 0.35), (0.72, 0.6),
        (0.79, 0.9), (0.8, 1), (0.2, 1), (0.21, 0.9), (0.28, 0.6), (0.25, 0.35), (0.16, 0.6), (left, 0.9),
        (0, 0.9), (0.1, 0.2),
    ]  # fmt: skip
    studio = Studio(600, 800)
    studio.add(sweater, (0.1, 0.2, 0.9, 0.8), (70, 40, 120))
    [answer] = detect(studio.photo(), Category.TOPS)
    _, alpha = found(answer)
    gap = np.zeros_like(alpha)
    corners = np.array([(0.25, 0.45), (0.27, 0.6), (0.245, 0.7), (0.2, 0.7), (0.19, 0.6)])
    cv2.fillPoly(gap, [np.rint((corners * (0.8, 0.6) + (0.1, 0.2)) * (600, 800)).astype(np.int32)], 255)
    assert alpha[gap > 0].mean() < 10
    assert iou(alpha, studio.truths[0]) >= 0.97


def test_an_undeclared_garment_is_left_out() -> None:
    studio = Studio()
    studio.add(TEE, (0.05, 0.1, 0.45, 0.45), (150, 40, 60))
    studio.add(SKIRT, (0.55, 0.55, 0.95, 0.9), (50, 80, 130))
    [answer] = detect(studio.photo(), Category.BOTTOMS)
    assert iou(found(answer)[1], studio.truths[1]) >= 0.97


def test_a_pair_of_shoes_is_one_detection() -> None:
    studio = Studio()
    studio.add(SHOE, (0.1, 0.5, 0.4, 0.65), (110, 60, 30))
    studio.add([(1 - x, y) for x, y in SHOE], (0.6, 0.52, 0.9, 0.67), (110, 60, 30))
    studio.add(TEE, (0.3, 0.05, 0.75, 0.4), (50, 80, 130))
    tee, shoes = detect(studio.photo(), Category.TOPS, Category.SHOES)
    assert iou(found(tee)[1], studio.truths[2]) >= 0.97
    assert iou(found(shoes)[1], studio.truths[0] + studio.truths[1]) >= 0.96


def test_fewer_garments_than_declared_refuses_the_missing_one() -> None:
    studio = Studio()
    studio.add(JEANS, (0.3, 0.1, 0.7, 0.9), (50, 80, 130))
    top, bottom = detect(studio.photo(), Category.TOPS, Category.BOTTOMS)
    assert code(top) == "garment_not_found"
    assert iou(found(bottom)[1], studio.truths[0]) >= 0.97


def test_an_empty_backdrop_has_nothing_that_stands_out() -> None:
    assert code(detect(Studio().photo(), Category.TOPS)[0]) == "nothing_stands_out"


def test_white_on_white_is_refused() -> None:
    studio = Studio(light=252)
    studio.add(TEE, (0.2, 0.15, 0.8, 0.75), (243, 243, 242), weave=2)
    studio.add([(0, 0), (1, 0), (1, 1), (0, 1)], (0.4, 0.3, 0.6, 0.45), (220, 60, 30))
    assert code(detect(studio.photo(), Category.TOPS)[0]) in {"fragments", "nothing_stands_out"}


def test_a_garment_in_pieces_is_refused() -> None:
    studio = Studio(noise=0.3)
    for top in (0.2, 0.35, 0.5):
        studio.add([(0, 0), (1, 0), (1, 1), (0, 1)], (0.25, top, 0.75, top + 0.12), (40, 60, 120))
    assert code(detect(studio.photo(), Category.TOPS)[0]) == "fragments"


@pytest.mark.parametrize("box", [(0.2, 0.4, 0.8, 1.2), (-0.2, 0.2, 0.5, 0.8), (0.3, -0.2, 0.9, 0.5)])
def test_a_garment_cut_by_the_photos_edge_is_refused(box: Box) -> None:
    studio = Studio()
    studio.add(TEE, box, (40, 70, 140))
    assert code(detect(studio.photo(), Category.TOPS)[0]) == "cut_off"


def test_a_busy_backdrop_is_refused() -> None:
    rng = np.random.default_rng(3)
    rough = rng.integers(0, 255, (32, 24, 3), dtype=np.uint8)
    image = np.asarray(cv2.resize(rough, (384, 512), interpolation=cv2.INTER_CUBIC), np.uint8)
    assert code(detect(image, Category.TOPS)[0]) == "busy_backdrop"


def test_a_white_stripe_at_the_hem_is_not_eaten() -> None:
    studio = Studio(light=238)
    studio.add(TEE, (0.2, 0.2, 0.8, 0.8), (30, 40, 80))
    studio.add([(0, 0), (1, 0), (1, 1), (0, 1)], (0.35, 0.78, 0.65, 0.8), (252, 252, 252), weave=1)
    _, alpha = found(detect(studio.photo(), Category.TOPS)[0])
    assert (alpha[studio.truths[1] == 1] > 127).mean() >= 0.85


@pytest.mark.parametrize("shadow", [0.06, 0.12, 0.18])
@pytest.mark.parametrize(
    ("outline", "category", "colour"),
    [
        (TEE, Category.TOPS, (40, 70, 140)),
        (JEANS, Category.BOTTOMS, (70, 75, 80)),
        (DRESS, Category.DRESS, (196, 168, 140)),
        (SKIRT, Category.BOTTOMS, (252, 251, 248)),
    ],
)
def test_a_soft_shadow_is_no_garment(
    outline: list[tuple[float, float]], category: Category, colour: tuple[int, int, int], shadow: float
) -> None:
    studio = Studio(light=232)
    studio.add(outline, (0.2, 0.15, 0.8, 0.85), colour, shadow=shadow)
    _, alpha = found(detect(studio.photo(), category)[0])
    assert iou(alpha, studio.truths[0]) >= 0.97


def test_a_pale_grey_garment_is_no_shadow() -> None:
    """It is as dark as its own shadow; it may keep some of that, and loses none of its hems."""
    studio = Studio(light=240)
    studio.add(TEE, (0.2, 0.2, 0.8, 0.8), (212, 212, 212), shadow=0.12)
    _, alpha = found(detect(studio.photo(), Category.TOPS)[0])
    assert (alpha[studio.truths[0] == 1] > 127).mean() >= 0.98


def test_without_bare_backdrop_there_is_no_shadow() -> None:
    everywhere = np.ones((40, 30), bool)
    assert not find_shadows(np.full((40, 30, 3), -8, np.float32), everywhere).any()


def test_a_batch_answers_each_photo_in_order_and_the_same_again() -> None:
    good, empty = Studio(), Studio().photo()
    good.add(TEE, (0.2, 0.2, 0.8, 0.8), (30, 40, 80))
    jobs = [DetectJob(image, (SeenGarment(Category.TOPS, "top"),)) for image in (empty, good.photo())]
    first, second = (PackshotDetector().detect(jobs) for _ in range(2))
    assert isinstance(first[0][0], Refused)
    assert found(first[1][0])[1].tobytes() == found(second[1][0])[1].tobytes()
    assert PackshotDetector().detect([DetectJob(empty, ())]) == [()]


@pytest.mark.parametrize("path", ITEMS, ids=lambda path: path.stem)
def test_the_catalogues_packshots_match_their_true_alpha(path: Path) -> None:
    image = np.array(Image.open(path).convert("RGB"))
    categories = [Category(name) for name in json.loads(path.with_suffix(".json").read_text())["categories"]]
    answers = detect(image, *categories)
    for category, answer in zip(categories, answers, strict=True):
        truth = np.array(
            Image.open(CATALOGUE / "truth" / "items" / f"{path.stem}.{category.value}.alpha.png")
        )
        assert iou(found(answer)[1], np.asarray(truth / 255, np.float32)) >= 0.97


TANK = [
    (0.2, 0), (0.32, 0), (0.38, 0.2), (0.62, 0.2), (0.68, 0), (0.8, 0),
    (0.82, 0.22), (1, 0.38), (1, 1), (0, 1), (0, 0.38), (0.18, 0.22),
]  # fmt: skip
SLEEVELESS = [
    (0.1, 0.06), (0.35, 0), (0.5, 0.08), (0.65, 0), (0.9, 0.06), (0.86, 0.3),
    (0.95, 0.4), (1, 1), (0, 1), (0.05, 0.4), (0.14, 0.3),
]  # fmt: skip
COAT = [
    (0.4, 0), (0.6, 0), (0.85, 0.05), (1, 0.55), (0.88, 0.57), (0.8, 0.25), (0.85, 1),
    (0.15, 1), (0.2, 0.25), (0.12, 0.57), (0, 0.55), (0.15, 0.05),
]  # fmt: skip
PULLOVER = [
    (0.38, 0), (0.62, 0), (0.8, 0.06), (1, 0.85), (0.86, 0.9), (0.78, 0.4), (0.78, 1),
    (0.22, 1), (0.22, 0.4), (0.14, 0.9), (0, 0.85), (0.2, 0.06),
]  # fmt: skip
TUNIC = [
    (0.36, 0), (0.64, 0), (0.85, 0.05), (1, 0.3), (0.88, 0.36), (0.78, 0.26), (0.92, 1),
    (0.08, 1), (0.22, 0.26), (0.12, 0.36), (0, 0.3), (0.15, 0.05),
]  # fmt: skip
WIDE_LEGS = [(0.28, 0), (0.72, 0), (1, 1), (0.53, 1), (0.5, 0.36), (0.47, 1), (0, 1)]
SHORTS = [(0.12, 0), (0.88, 0), (1, 1), (0.54, 1), (0.5, 0.6), (0.46, 1), (0, 1)]
MINI = [(0.12, 0), (0.88, 0), (1, 1), (0, 1)]
STRAIGHT = [(0.02, 0), (0.98, 0), (1, 1), (0, 1)]
SLEEVELESS_DRESS = [
    (0.25, 0), (0.36, 0), (0.42, 0.1), (0.58, 0.1), (0.64, 0), (0.75, 0), (0.74, 0.15), (0.8, 0.2),
    (0.72, 0.4), (1, 1), (0, 1), (0.28, 0.4), (0.2, 0.2), (0.26, 0.15),
]  # fmt: skip
SHIRT_DRESS = [
    (0.38, 0), (0.62, 0), (0.82, 0.05), (1, 0.4), (0.88, 0.43), (0.77, 0.22), (0.72, 0.42), (0.84, 1),
    (0.16, 1), (0.28, 0.42), (0.23, 0.22), (0.12, 0.43), (0, 0.4), (0.18, 0.05),
]  # fmt: skip
BOARD = [(0, 0), (1, 0), (1, 1), (0, 1)]
BALL = [
    (0.5 + 0.5 * math.cos(turn / 30 * math.pi), 0.5 + 0.5 * math.sin(turn / 30 * math.pi))
    for turn in range(60)
]


def drawn(outline: Sequence[tuple[float, float]], width: float, height: float, tilt: float = 0) -> Pixels:
    """In the middle of the photo; width and height are shares of it, tilt is in degrees."""
    corners = (np.array(outline) - 0.5) * (width * 384, height * 512)
    turn = np.radians(tilt)
    corners = corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    studio = Studio()
    studio.add([(x, y) for x, y in corners / (384, 512) + 0.5], (0, 0, 1, 1), (50, 80, 130))
    return studio.photo()


@pytest.mark.parametrize("tilt", [-10, 0, 6])
@pytest.mark.parametrize(
    ("outline", "width", "height", "category"),
    [
        (TANK, 0.62, 0.6, Category.TOPS),
        (SLEEVELESS, 0.55, 0.55, Category.TOPS),
        (COAT, 0.5, 0.8, Category.TOPS),
        (PULLOVER, 0.7, 0.6, Category.TOPS),
        (TUNIC, 0.55, 0.75, Category.TOPS),
        (WIDE_LEGS, 0.5, 0.75, Category.BOTTOMS),
        (SHORTS, 0.5, 0.35, Category.BOTTOMS),
        (MINI, 0.5, 0.3, Category.BOTTOMS),
        (SKIRT, 0.5, 0.75, Category.BOTTOMS),
        (STRAIGHT, 0.45, 0.42, Category.BOTTOMS),
        (SLEEVELESS_DRESS, 0.5, 0.75, Category.DRESS),
        (SHIRT_DRESS, 0.55, 0.8, Category.DRESS),
    ],
)
def test_other_cuts_are_believed(
    outline: list[tuple[float, float]], width: float, height: float, category: Category, tilt: float
) -> None:
    found(detect(drawn(outline, width, height, tilt), category)[0])


def test_a_hangers_hook_does_not_make_trousers_a_top() -> None:
    studio = Studio()
    studio.add(JEANS, (0.3, 0.2, 0.7, 0.9), (50, 80, 130))
    studio.add(BOARD, (0.48, 0.1, 0.52, 0.21), (60, 60, 60))
    found(detect(studio.photo(), Category.BOTTOMS)[0])


@pytest.mark.parametrize(
    ("item", "declared", "likelier"),
    [
        ("tee-sun", Category.BOTTOMS, Category.TOPS),
        ("polo-block", Category.BOTTOMS, Category.TOPS),
        ("sweater-stripe", Category.DRESS, Category.TOPS),
        ("sweater-stripe", Category.BOTTOMS, Category.TOPS),
        ("jeans-blue", Category.TOPS, Category.BOTTOMS),
        ("jeans-blue", Category.DRESS, Category.BOTTOMS),
        ("jeans-blue", Category.SHOES, Category.BOTTOMS),
        ("shorts-sand", Category.TOPS, Category.BOTTOMS),
        ("skirt-plaid", Category.TOPS, Category.BOTTOMS),
        ("skirt-plaid", Category.DRESS, Category.BOTTOMS),
        ("shoes-brown", Category.DRESS, Category.SHOES),
        ("shoes-brown", Category.TOPS, Category.SHOES),
        ("shoes-brown", Category.BOTTOMS, Category.SHOES),
        ("dress-floral", Category.BOTTOMS, Category.DRESS),
        ("dress-floral", Category.SHOES, Category.DRESS),
    ],
)
def test_another_category_is_named(item: str, declared: Category, likelier: Category) -> None:
    [answer] = detect(photo_of(CATALOGUE / "uploads" / "items" / f"{item}.jpg"), declared)
    assert code(answer) == "wrong_category"
    assert isinstance(answer, Refused)
    assert answer.message == (
        f"The photo looks like {likelier.value}, not {declared.value}; "
        "correct the declared categories or upload another photo."
    )


def photo_of(path: Path) -> Pixels:
    return np.array(Image.open(path).convert("RGB").resize((768, 1024)))


@pytest.mark.parametrize("category", [Category.TOPS, Category.BOTTOMS, Category.DRESS])
@pytest.mark.parametrize(
    ("outline", "width", "height"), [(BALL, 0.6, 0.45), (BALL, 0.12, 0.09), (TEE, 0.14, 0.11)]
)
def test_balls_and_logos_are_no_garments(
    outline: list[tuple[float, float]], width: float, height: float, category: Category
) -> None:
    assert code(detect(drawn(outline, width, height), category)[0]) == "not_a_garment"


@pytest.mark.parametrize("tilt", [0, 8])
@pytest.mark.parametrize(
    ("category", "width", "height"),
    [(Category.TOPS, 0.5, 0.55), (Category.DRESS, 0.4, 0.6), (Category.BOTTOMS, 0.8, 0.3)],
)
def test_boards_are_no_garments(category: Category, width: float, height: float, tilt: float) -> None:
    refusal = code(detect(drawn(BOARD, width, height, tilt), category)[0])
    # A board that lies askew loses its corners, and could be a straight skirt.
    assert refusal == "not_a_garment" or (tilt and refusal == "wrong_category")


@pytest.mark.parametrize("category", [Category.BAGS, Category.ACCESSORIES])
@pytest.mark.parametrize("outline", [BALL, BOARD, TEE])
def test_bags_and_accessories_have_any_shape(outline: list[tuple[float, float]], category: Category) -> None:
    found(detect(drawn(outline, 0.5, 0.4), category)[0])


PEOPLE = [
    *sorted((CATALOGUE / "uploads" / "users").glob("*.jpg")),
    *sorted((CATALOGUE / "truth" / "looks").glob("*/*.webp"))[::4],
]


@pytest.mark.parametrize("path", PEOPLE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_person_wearing_it_is_refused(path: Path) -> None:
    image = photo_of(path)
    for category in (Category.TOPS, Category.BOTTOMS, Category.DRESS):
        assert code(detect(image, category)[0]) == "worn_garment"


def test_a_skin_coloured_turtleneck_is_worn_by_nobody() -> None:
    turtleneck = [(0.4, 0), (0.6, 0), (0.59, 0.08), (0.75, 0.12), *PULLOVER[3:-1], (0.25, 0.12), (0.41, 0.08)]
    studio = Studio()
    studio.add(turtleneck, (0.15, 0.15, 0.85, 0.75), (206, 160, 130))
    found(detect(studio.photo(), Category.TOPS)[0])
