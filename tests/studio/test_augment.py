"""Training variations keep pictures, labels and keypoints together."""

from __future__ import annotations

import pytest
import torch

from studio.augment import Batch, flip, vary
from studio.labels import KEYPOINTS, LEFT_ARM, MIRRORED_KEYPOINTS, MIRRORED_LABELS, RIGHT_ARM

HEIGHT, WIDTH = 64, 48
LEFT_WRIST, RIGHT_WRIST = KEYPOINTS.index("left_wrist"), KEYPOINTS.index("right_wrist")


def spot(x: int, y: int) -> Batch:
    """A bright left hand of 9 x 9 pixels around (x, y), as picture, label and keypoint."""
    image, labels = torch.zeros(1, 3, HEIGHT, WIDTH), torch.zeros(1, HEIGHT, WIDTH, dtype=torch.long)
    image[..., y - 4 : y + 5, x - 4 : x + 5] = 1.0
    labels[:, y - 4 : y + 5, x - 4 : x + 5] = LEFT_ARM
    keypoints = torch.zeros(1, len(KEYPOINTS), 3)
    keypoints[0, LEFT_WRIST] = torch.tensor([x + 0.5, y + 0.5, 1.0])
    return Batch(image, labels, keypoints)


def centre(mask: torch.Tensor) -> tuple[float, float]:
    rows, columns = torch.nonzero(mask, as_tuple=True)
    return float(columns.double().mean()) + 0.5, float(rows.double().mean()) + 0.5


def test_mirroring_twice_changes_no_name() -> None:
    for table in (MIRRORED_KEYPOINTS, MIRRORED_LABELS):
        assert [table[table[i]] for i in range(len(table))] == list(range(len(table)))
    for i, j in enumerate(MIRRORED_KEYPOINTS):
        swapped = KEYPOINTS[i].replace("left", "*").replace("right", "left").replace("*", "right")
        assert KEYPOINTS[j] == swapped


def test_a_flip_swaps_left_and_right() -> None:
    flipped = flip(spot(10, 30))
    assert set(flipped.labels.flatten().tolist()) == {0, RIGHT_ARM}
    assert centre(flipped.labels[0] > 0) == (WIDTH - 10.5, 30.5)
    assert flipped.keypoints[0, RIGHT_WRIST].tolist() == [WIDTH - 10.5, 30.5, 1.0]
    assert flipped.keypoints[0, LEFT_WRIST, 2] == 0.0


@pytest.mark.parametrize("seed", range(8))
def test_a_moved_keypoint_stays_on_its_pixels(seed: int) -> None:
    moved = vary(spot(24, 32), torch.Generator().manual_seed(seed))
    point = moved.keypoints[0, moved.keypoints[0, :, 2].argmax()]
    assert centre(moved.labels[0] > 0) == pytest.approx(point[:2].tolist(), abs=0.8)
    assert centre(moved.image[0].mean(0) > 0.5) == pytest.approx(point[:2].tolist(), abs=1.2)
