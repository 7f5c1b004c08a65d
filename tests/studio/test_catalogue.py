"""The committed sample catalogue is complete, and its ground truth says what it promises."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from studio.labels import KEYPOINTS, LEFT_ARM, LEFT_SHOE, RIGHT_ARM, RIGHT_SHOE
from studio.scores import NAMES
from studio.wardrobe import ITEMS, PEOPLE, garments, looks
from tests.studio.files import CATALOGUE, USERS, labels_of, pixels

UPLOADS, TRUTH = CATALOGUE / "uploads", CATALOGUE / "truth"
MEBIBYTE = 2**20


def test_there_are_four_users_and_nine_items() -> None:
    assert {path.stem for path in (UPLOADS / "users").glob("*.jpg")} == set(PEOPLE) == set(USERS)
    assert {path.stem for path in (UPLOADS / "items").glob("*.jpg")} == set(ITEMS)
    assert len(ITEMS) == 9


def test_the_looks_are_four_tops_with_four_bottoms_and_a_dress() -> None:
    assert len(garments("tops")) == len(garments("bottoms")) == 4
    assert len(looks()) == 17
    assert "tee-sun.tops+jeans-blue.bottoms" in looks()
    assert "dress-floral.dress" in looks()


@pytest.mark.parametrize("user", USERS)
def test_every_look_of_every_user_has_a_true_picture(user: str) -> None:
    paths = list((TRUTH / "looks" / user).glob("*.webp"))
    assert {path.name.removesuffix(".webp") for path in paths} == set(looks())
    assert {pixels(path).shape for path in paths} == {(512, 384, 3)}


@pytest.mark.parametrize("path", sorted(UPLOADS.glob("*/*.jpg")), ids=lambda path: path.stem)
def test_an_upload_is_a_photo_of_the_promised_size_with_detail(path: Path) -> None:
    photo = pixels(path)
    assert photo.shape == (1024, 768, 3)
    # At most 2% of the picture may be burnt out in any channel.
    assert (photo >= 253).any(axis=2).mean() < 0.02


@pytest.mark.parametrize("user", USERS)
def test_a_user_has_given_consent(user: str) -> None:
    consent = json.loads((UPLOADS / "users" / f"{user}.json").read_text())["consent"]
    assert consent == {"version": "2026-01", "at": "2026-11-01T09:00:00Z"}


@pytest.mark.parametrize("item", ITEMS)
def test_an_item_declares_its_categories_and_has_an_alpha_for_each(item: str) -> None:
    declared = json.loads((UPLOADS / "items" / f"{item}.json").read_text())["categories"]
    assert declared == ITEMS[item].categories
    for category in declared:
        alpha = pixels(TRUTH / "items" / f"{item}.{category}.alpha.png")
        assert alpha.shape == (1024, 768)
        assert 0.02 < (alpha > 127).mean() < 0.6
        border = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
        assert border.max() == 0


def test_the_two_garments_of_the_set_stand_apart() -> None:
    tops, bottoms = (
        pixels(TRUTH / "items" / f"set-mint.{category}.alpha.png").any(axis=0)
        for category in ("tops", "bottoms")
    )
    gap = int(np.nonzero(bottoms)[0][0]) - int(np.nonzero(tops)[0][-1])
    assert gap > 30


@pytest.mark.parametrize("user", USERS)
def test_labels_are_atr_and_left_is_the_persons_own(user: str) -> None:
    labels = labels_of(user)
    assert labels.shape == (1024, 768)
    assert set(np.unique(labels)) <= set(NAMES)
    for left, right in ((LEFT_ARM, RIGHT_ARM), (LEFT_SHOE, RIGHT_SHOE)):
        assert np.nonzero(labels == left)[1].mean() > np.nonzero(labels == right)[1].mean() + 50


@pytest.mark.parametrize("user", USERS)
def test_keypoints_lie_on_the_person(user: str) -> None:
    points = json.loads((TRUTH / "users" / f"{user}.keypoints.json").read_text())
    assert list(points) == list(KEYPOINTS)
    labels = labels_of(user)
    # The ears are landmarks beside the head, level with its outline.
    inner = [name for name in points if "ear" not in name]
    assert all(labels[int(points[name][1]), int(points[name][0])] > 0 for name in inner)


@pytest.mark.parametrize("user", USERS)
def test_depth_is_metres_to_the_person_in_millimetres(user: str) -> None:
    depth = pixels(TRUTH / "users" / f"{user}.depth.png")
    body = labels_of(user) > 0
    assert depth.dtype == np.uint16
    assert ((depth > 0) == body).all()
    assert 6000 < depth[body].min() < depth[body].max() < 7000


@pytest.mark.parametrize("user", USERS)
def test_background_shows_between_each_arm_and_the_torso(user: str) -> None:
    """Which the part-wise warp relies on: a row below the armpits has three runs of foreground."""
    labels = labels_of(user)
    points = json.loads((TRUTH / "users" / f"{user}.keypoints.json").read_text())
    row = int(0.5 * (points["left_elbow"][1] + points["left_wrist"][1]))
    starts = np.diff((labels[row] > 0).astype(int)) == 1
    assert starts.sum() == 3


def test_the_catalogue_stays_small() -> None:
    assert sum(path.stat().st_size for path in CATALOGUE.rglob("*") if path.is_file()) < 6 * MEBIBYTE
