"""Training variations keep pictures, labels and keypoints together."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.augment import Render, batch_of, flip, plain_view, vary
from studio.labels import KEYPOINTS, LEFT_ARM, MIRRORED_KEYPOINTS, MIRRORED_LABELS, RIGHT_ARM

VIEW = (48, 96)
LEFT_WRIST, RIGHT_WRIST = KEYPOINTS.index("left_wrist"), KEYPOINTS.index("right_wrist")


def spot(x: int, y: int, radius: int = 20) -> Render:
    """A bright left hand, square around (x, y), as picture, label and keypoint; the render is 120 x 160."""
    image, labels = np.full((160, 120, 3), 30, np.uint8), np.zeros((160, 120), np.uint8)
    here = np.s_[y - radius : y + radius + 1, x - radius : x + radius + 1]
    image[here], labels[here] = 220, LEFT_ARM
    keypoints = np.zeros((len(KEYPOINTS), 3), np.float32)
    keypoints[LEFT_WRIST] = x + 0.5, y + 0.5, 1.0
    return Render(image, labels, keypoints, np.where(labels > 0, np.float16(8.0), np.float16(0.0)))


def centre(mask: NDArray[np.bool_]) -> tuple[float, float]:
    rows, columns = np.nonzero(mask)
    return float(columns.mean()) + 0.5, float(rows.mean()) + 0.5


def test_mirroring_twice_changes_no_name() -> None:
    for table in (MIRRORED_KEYPOINTS, MIRRORED_LABELS):
        assert [table[table[i]] for i in range(len(table))] == list(range(len(table)))
    for i, j in enumerate(MIRRORED_KEYPOINTS):
        swapped = KEYPOINTS[i].replace("left", "*").replace("right", "left").replace("*", "right")
        assert KEYPOINTS[j] == swapped


def test_a_flip_swaps_left_and_right() -> None:
    flipped = flip(spot(30, 80))
    assert set(flipped.labels.flatten().tolist()) == {0, RIGHT_ARM}
    assert centre(flipped.labels > 0) == (120 - 30.5, 80.5)
    assert flipped.keypoints[RIGHT_WRIST].tolist() == [120 - 30.5, 80.5, 1.0]
    assert flipped.keypoints[LEFT_WRIST, 2] == 0.0


@pytest.mark.parametrize("seed", range(24))
def test_a_moved_keypoint_stays_on_its_pixels(seed: int) -> None:
    """Also in views of the whole picture, which are shrunk in two steps."""
    view = vary(spot(60, 80), VIEW, np.random.default_rng(seed))
    point = view.keypoints[view.keypoints[:, 2].argmax()]
    assert view.image.shape == (96, 48, 3)
    if view.labels.astype(bool).sum() > 12 and not (
        view.labels[:, [0, -1]].any() or view.labels[[0, -1]].any()
    ):
        assert centre(view.labels > 0) == pytest.approx(point[:2].tolist(), abs=0.6)


def test_a_whole_view_is_not_shifted_by_being_shrunk() -> None:
    """Bright pixels, labels and keypoint agree to a fraction of a pixel."""
    render = spot(60, 80, radius=50)
    view = plain_view(render, VIEW)
    point = view.keypoints[LEFT_WRIST, :2].tolist()
    assert point == pytest.approx([24.0, 48.0], abs=0.01)
    assert centre(view.labels > 0) == pytest.approx(point, abs=0.5)
    light = view.image[..., 0].astype(float) - 30.0
    y, x = np.mgrid[0:96, 0:48] + 0.5
    assert [(light * x).sum() / light.sum(), (light * y).sum() / light.sum()] == pytest.approx(point, abs=0.1)


def test_a_plain_view_fills_the_input_with_the_person() -> None:
    view = plain_view(spot(30, 40), VIEW)
    columns = np.flatnonzero(view.labels.any(0))
    assert 40 <= columns[-1] + 1 - columns[0] <= 46
    assert (view.image[0, 0] == 30).all()


def test_depth_grows_with_the_picture_and_stays_on_the_person() -> None:
    render = spot(60, 80)
    view = plain_view(render, VIEW)
    scale = (view.labels > 0).any(0).sum() / (render.labels > 0).any(0).sum()
    assert view.depth[view.labels > 0] == pytest.approx(8.0 * scale, rel=0.05)
    assert not view.depth[view.labels == 0].any()


def test_the_same_stream_gives_the_same_view() -> None:
    once, again = (vary(spot(60, 80), VIEW, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(once.image, again.image)
    assert not np.array_equal(once.image, vary(spot(60, 80), VIEW, np.random.default_rng(4)).image)


def test_a_batch_is_in_the_nets_units() -> None:
    batch = batch_of([plain_view(spot(60, 80), VIEW)] * 2)
    assert tuple(batch.image.shape) == (2, 3, 96, 48)
    assert 0.0 <= float(batch.image.min()) <= float(batch.image.max()) <= 1.0
    assert tuple(batch.labels.shape) == tuple(batch.depth.shape) == (2, 96, 48)
