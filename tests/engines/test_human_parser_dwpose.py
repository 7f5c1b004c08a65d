"""DWPose's crop, its answer, and our 19 joints, against loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.parser_nets.script import Person, pose
from tests.engines.slow_parsers import pose_pixel, pose_point, pose_window
from tests.engines.test_human_parser_yolox import noise, places
from tryon.core.anatomy import Joint
from tryon.core.ports import Body
from tryon.engines.human_parser.dwpose import DEVIATION, crop_around, decode, prepare, to_joints

Box = tuple[float, float, float, float]
BOXES: list[tuple[tuple[int, int], Box]] = [
    ((480, 640), (100.5, 50.25, 300.0, 600.0)), ((480, 640), (-20, -30, 500, 660)), ((33, 17), (3, 2, 30, 16)),
    ((400, 90), (0, 0, 400, 90)), ((1, 1), (0, 0, 1, 1)), ((2999, 2001), (1200.7, 100.1, 1800.2, 1990.9)),
]  # fmt: skip


@pytest.mark.parametrize(("size", "box"), BOXES)
def test_the_input_is_a_padded_crop_with_black_around(size: tuple[int, int], box: Box) -> None:
    image = noise(*size)
    tensor = prepare(image, crop_around(box))
    assert (tensor.shape, tensor.dtype.name) == ((1, 3, 384, 288), "float32")
    for column, row in places(288, 384):
        off = (tensor[0, :, row, column] - pose_pixel(image, box, column, row)) * DEVIATION
        assert np.abs(off).max() < 1.5, (column, row)


@given(
    st.tuples(*[st.floats(-50, 900) for _ in range(2)]), st.tuples(*[st.floats(0.5, 900) for _ in range(2)])
)
def test_the_crop_is_the_padded_box_at_three_to_four(
    corner: tuple[float, float], size: tuple[float, float]
) -> None:
    box = (*corner, corner[0] + size[0], corner[1] + size[1])
    crop, (x, y, wide, high) = crop_around(box), pose_window(box)
    found = (crop.left, crop.top, crop.width, crop.width * 4 / 3)
    np.testing.assert_allclose(found, (x - wide / 2, y - high / 2, wide, high), atol=1e-3)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_bins_become_points(seed: int) -> None:
    rng, box = np.random.default_rng(seed), (31.5, 20.25, 401.0, 777.5)
    across, down = rng.normal(0, 0.4, (133, 576)), rng.normal(0, 0.4, (133, 768))
    across[5], down[9] = -1, 0
    bins = across.astype(np.float32), down.astype(np.float32)
    points = decode(*bins, crop_around(box))
    slow = [pose_point(bins[0][row], bins[1][row], box) for row in range(133)]
    np.testing.assert_allclose(points, slow, atol=1e-3)
    assert points[5].tolist() == points[9].tolist() == [0, 0, 0]


def test_known_joints_come_back_to_a_thousandth_of_a_pixel() -> None:
    box = (100.0, 60.0, 420.0, 900.0)
    crop = crop_around(box)
    bins = np.random.default_rng(4).integers(20, 550, (19, 2))
    joints = np.ones((19, 3), np.float32)
    joints[:, :2] = bins / 2 * crop.scale + (crop.left, crop.top) + 0.5
    joints[:, 2] = np.linspace(0.31, 1, 19)
    person = Person(Body(np.zeros((1000, 600), np.uint8), joints), box)
    across, down = pose(person)
    found = to_joints(decode(across[0], down[0], crop))
    for joint in Joint:
        if joint is not Joint.NECK:
            np.testing.assert_allclose(found[joint], joints[joint], atol=1e-3, err_msg=joint.name)
    shoulders = joints[[Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER], :2]
    np.testing.assert_allclose(found[Joint.NECK], [*shoulders.mean(0), 1], atol=1e-3)


def test_rows_of_coco_wholebody_become_our_joints() -> None:
    """The order of COCO's 17 body points, and point 8 of the face."""
    points = np.ones((133, 3), np.float32)
    points[:, 0] = np.arange(133)
    names = [
        "NOSE", "LEFT_EYE", "RIGHT_EYE", "LEFT_EAR", "RIGHT_EAR", "LEFT_SHOULDER", "RIGHT_SHOULDER", "LEFT_ELBOW",
        "RIGHT_ELBOW", "LEFT_WRIST", "RIGHT_WRIST", "LEFT_HIP", "RIGHT_HIP", "LEFT_KNEE", "RIGHT_KNEE",
        "LEFT_ANKLE", "RIGHT_ANKLE",
    ]  # fmt: skip
    found = to_joints(points)
    assert [int(found[Joint[name], 0]) for name in names] == list(range(17))
    assert (found[Joint.CHIN, 0], found[Joint.NECK, 0]) == (31, 5.5)
    assert found.dtype == np.float32


@pytest.mark.parametrize("row", [5, 6])
def test_without_both_shoulders_there_is_no_neck(row: int) -> None:
    points = np.ones((133, 3), np.float32)
    points[row, 2] = 0.3
    assert to_joints(points)[Joint.NECK].tolist() == [0, 0, 0]
