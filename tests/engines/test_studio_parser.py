"""The studio parser around tiny nets with known answers: mapping, decoding, loading and refusing.

The net of these tests classifies by colour (one 1x1 convolution) and returns fixed keypoints, so a photo
painted in the classes' colours has a known parse at any size.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from tryon.core.anatomy import TORSO, Atr, Joint
from tryon.core.errors import BlobCorrupted, InvalidSetting
from tryon.core.masks import make_masks
from tryon.core.ports import Body, BodyParser, Pixels
from tryon.core.words import MaskKind, Refused
from tryon.engines.studio_parser import StudioParser
from tryon.engines.studio_parser.body_net import BodyNet
from tryon.engines.studio_parser.closer import closer_window
from tryon.engines.studio_parser.letterbox import Letterbox, letterbox
from tryon.engines.studio_parser.person_checks import check_photo

onnx: Any = pytest.importorskip("onnx")
CATALOGUE = Path(__file__).parents[2] / "studio" / "catalogue"
USERS = sorted((CATALOGUE / "uploads" / "users").glob("*.jpg"))

INPUT_SIZE = 192, 256
"""Width and height of the input of these tests' net."""

COLOURS = np.array(
    [[72 + 90 * (i % 3), 72 + 90 * (i // 3 % 3), 72 + 90 * (i // 9)] for i in range(18)], np.float32
)
"""One distinct colour a class; the background's is a dark grey, and faces have the only one that faces can have."""
COLOURS[[Atr.SKIRT, Atr.FACE]] = COLOURS[[Atr.FACE, Atr.SKIRT]]

# Joints of the painted person, as shares of the width and height of a photo of 3:4.
SHARES = {
    Joint.NOSE: (0.5, 0.13), Joint.NECK: (0.5, 0.22), Joint.CHIN: (0.5, 0.18),
    Joint.RIGHT_SHOULDER: (0.38, 0.23), Joint.RIGHT_ELBOW: (0.33, 0.36), Joint.RIGHT_WRIST: (0.33, 0.47),
    Joint.LEFT_SHOULDER: (0.62, 0.23), Joint.LEFT_ELBOW: (0.67, 0.36), Joint.LEFT_WRIST: (0.67, 0.47),
    Joint.RIGHT_HIP: (0.44, 0.5), Joint.RIGHT_KNEE: (0.43, 0.7), Joint.RIGHT_ANKLE: (0.43, 0.88),
    Joint.LEFT_HIP: (0.56, 0.5), Joint.LEFT_KNEE: (0.57, 0.7), Joint.LEFT_ANKLE: (0.57, 0.88),
    Joint.RIGHT_EYE: (0.48, 0.12), Joint.LEFT_EYE: (0.52, 0.12), Joint.RIGHT_EAR: (0.46, 0.12),
    Joint.LEFT_EAR: (0.54, 0.12),
}  # fmt: skip
BOXES = (
    (Atr.HAIR, 0.45, 0.06, 0.55, 0.14), (Atr.FACE, 0.45, 0.1, 0.55, 0.22), (Atr.UPPER, 0.36, 0.21, 0.64, 0.5),
    (Atr.RIGHT_ARM, 0.3, 0.22, 0.36, 0.52), (Atr.LEFT_ARM, 0.64, 0.22, 0.7, 0.52),
    (Atr.PANTS, 0.38, 0.5, 0.49, 0.9), (Atr.PANTS, 0.51, 0.5, 0.62, 0.9), (Atr.PANTS, 0.45, 0.5, 0.55, 0.55),
    (Atr.RIGHT_SHOE, 0.38, 0.9, 0.49, 0.94), (Atr.LEFT_SHOE, 0.51, 0.9, 0.62, 0.94),
)  # fmt: skip


def painted(width: int, height: int, shift: float = 0.0, down: float = 0.0, scale: float = 1.0) -> Pixels:
    """Labels of a blocky person, as high as the photo; shift and down move it, scale shrinks it, in shares of it."""
    labels = np.zeros((height, width), np.uint8)
    add_person(labels, shift, down, scale)
    return labels


def add_person(labels: Pixels, shift: float, down: float = 0.0, scale: float = 1.0) -> None:
    height, width = labels.shape
    for label, left, top, right, bottom in BOXES:
        across = across_shares(np.array([left, right]), width, height, scale)
        x = np.rint((across + shift) * width).astype(int).clip(0, width)
        y = np.rint((np.array([top, bottom]) * scale + down) * height).astype(int).clip(0, height)
        labels[y[0] : y[1], x[0] : x[1]] = label


def across_shares(x: NDArray[np.float64], width: int, height: int, scale: float = 1.0) -> NDArray[np.float64]:
    """Shares of a 3:4 photo's width as shares of this photo's, so that the person keeps its proportions."""
    return 0.5 + (x * scale - 0.5) * 0.75 * height / width


def joints(width: int, height: int, shift: float = 0.0) -> NDArray[np.float32]:
    points = np.ones((19, 3), np.float32)
    for joint, (x, y) in SHARES.items():
        points[joint] = (across_shares(np.array([x]), width, height)[0] + shift) * width, y * height, 0.95
    return points


def photo(labels: Pixels) -> Pixels:
    """With a little noise and nothing burnt, as photos are."""
    noise = np.random.default_rng(5).integers(-3, 4, (*labels.shape, 3))
    return np.asarray(np.minimum(COLOURS[labels] + noise, 249), np.uint8)


def in_canvas(points: NDArray[np.float32], labels: Pixels) -> NDArray[np.float32]:
    """Photo pixels to pixels of the net's input, of its last look, worked out independently of the engine."""
    rows, columns = closer_window(labels > 0, labels.shape, INPUT_SIZE) or (
        slice(0, len(labels)),
        slice(0, labels.shape[1]),
    )
    width, height = columns.stop - columns.start, rows.stop - rows.start
    scale = min(INPUT_SIZE[0] / width, INPUT_SIZE[1] / height)
    inner = np.array([max(1, round(width * scale)), max(1, round(height * scale))])
    moved = points - np.array([columns.start, rows.start, 0], np.float32)
    moved[:, :2] = moved[:, :2] * inner / (width, height) + (np.array(INPUT_SIZE) - inner) // 2
    return moved


def write_net(path: Path, keypoints: NDArray[np.float32]) -> Path:
    """A net in the contract's shape: the nearest class colour, these keypoints, and brightness for depth."""
    colours = COLOURS / 255
    weight, bias = 2 * colours[:, :, None, None], -(colours**2).sum(1)
    tensors = {"weight": weight, "bias": bias, "points": keypoints[None]}
    nodes = [
        onnx.helper.make_node("Conv", ["image", "weight", "bias"], ["labels"]),
        onnx.helper.make_node("Identity", ["points"], ["keypoints"]),
        onnx.helper.make_node("ReduceMean", ["image"], ["depth"], axes=[1], keepdims=0),
    ]
    value, kind = onnx.helper.make_tensor_value_info, onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        nodes,
        "colours",
        [value("image", kind, [1, 3, 256, 192])],
        [
            value("labels", kind, [1, 18, 256, 192]),
            value("keypoints", kind, [1, 19, 3]),
            value("depth", kind, [1, 256, 192]),
        ],
        [onnx.numpy_helper.from_array(array.astype(np.float32), name) for name, array in tensors.items()],
    )
    opset = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return path


def parse(path: Path, labels: Pixels, points: NDArray[np.float32] | None = None) -> Body | Refused:
    height, width = labels.shape
    points = joints(width, height) if points is None else points
    parser: BodyParser = StudioParser(write_net(path / "net.onnx", in_canvas(points, labels)))
    [answer] = parser.parse([photo(labels)])
    return answer


def code(answer: Body | Refused) -> str:
    assert isinstance(answer, Refused)
    assert answer.message.endswith(".")
    return answer.code


@pytest.mark.parametrize("size", [(240, 320), (384, 512), (768, 1024), (500, 700), (480, 800), (700, 600)])
def test_labels_and_joints_come_back_at_the_photos_size(tmp_path: Path, size: tuple[int, int]) -> None:
    truth = painted(*size)
    body = parse(tmp_path, truth)
    assert isinstance(body, Body), body
    assert body.labels.dtype == np.uint8
    assert body.labels.shape == truth.shape
    # The first look finds the person to about half of its pixels, which moves the window of the second.
    np.testing.assert_allclose(body.keypoints, joints(*size), atol=max(size[0] / 192, size[1] / 256))
    # Mixed colours along edges may be any class; a net pixel away from them everything is exact.
    reach = 2 * (int(np.ceil(max(size[0] / 192, size[1] / 256))) * 2) + 1
    window = np.ones((reach, reach), np.uint8)
    flat = cv2.erode(truth, window) == cv2.dilate(truth, window)
    assert np.array_equal(body.labels[flat], truth[flat])
    assert flat.mean() > 0.5


def test_a_photo_of_the_nets_size_is_read_exactly_but_for_rounded_corners(tmp_path: Path) -> None:
    truth = painted(*INPUT_SIZE)
    net = write_net(tmp_path / "net.onnx", in_canvas(joints(*INPUT_SIZE), truth))
    [answer] = StudioParser(net).parse([photo(truth)])
    assert code(answer) == "too_small"
    body = BodyNet(net, 1).see(photo(truth)).body
    assert np.mean(body.labels == truth) > 0.999


@pytest.mark.parametrize("size", [(240, 320), (768, 1024)])
def test_depth_comes_in_the_pixels_of_the_photo(tmp_path: Path, size: tuple[int, int]) -> None:
    """The net answers in its own pixels, of which the window with the person has fewer."""
    truth = painted(*size)
    net = write_net(tmp_path / "net.onnx", in_canvas(joints(*size), truth))
    [view] = StudioParser(net).views([photo(truth)])
    rows, columns = closer_window(truth > 0, truth.shape, INPUT_SIZE) or (
        slice(0, size[1]),
        slice(0, size[0]),
    )
    shrunk = min(INPUT_SIZE[0] / (columns.stop - columns.start), INPUT_SIZE[1] / (rows.stop - rows.start))
    flat = cv2.erode((truth == Atr.UPPER).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert view.depth is not None
    np.testing.assert_allclose(view.depth[flat] * shrunk, COLOURS[Atr.UPPER].mean() / 255, rtol=0.03)


@settings(deadline=None, max_examples=25)
@given(st.integers(20, 300), st.integers(20, 300), st.integers(0, 2**32 - 1))
def test_the_running_maximum_is_the_argmax_of_enlarged_logits(width: int, height: int, seed: int) -> None:
    _, place = letterbox(np.zeros((height, width, 3), np.uint8), (48, 64))
    logits = np.random.default_rng(seed).normal(size=(18, 64, 48)).astype(np.float32)
    inner = logits[:, place.top :, place.left :][:, : place.inner_height, : place.inner_width]
    enlarged = np.stack(
        [cv2.resize(channel, (width, height), interpolation=cv2.INTER_LINEAR) for channel in inner]
    )
    assert np.array_equal(place.labels(logits), enlarged.argmax(0))


@given(st.integers(8, 4000), st.integers(8, 4000))
def test_corners_of_the_photo_map_to_corners_of_its_place(width: int, height: int) -> None:
    scale = min(192 / width, 256 / height)
    inner = max(1, round(width * scale)), max(1, round(height * scale))
    place = Letterbox(width, height, (192 - inner[0]) // 2, (256 - inner[1]) // 2, *inner)
    low = np.array([place.left, place.top, 0.5], np.float32)
    mapped = place.keypoints(np.stack([low, low + np.array([*inner, 0], np.float32)]))
    np.testing.assert_allclose(mapped, [[0, 0, 0.5], [width, height, 0.5]], atol=0.05)


def test_the_bars_have_the_colour_of_the_photos_edge() -> None:
    image = np.full((100, 30, 3), (10, 200, 90), np.uint8)
    image[40:60, 10:20] = 255
    canvas, place = letterbox(image, INPUT_SIZE)
    assert (canvas[:, : place.left] == (10, 200, 90)).all()
    assert (place.inner_width, place.inner_height) == (77, 256)


def test_a_parsed_person_has_every_mask(tmp_path: Path) -> None:
    body = parse(tmp_path, painted(384, 512))
    assert isinstance(body, Body)
    assert not [mask for mask in make_masks(body).values() if isinstance(mask, Refused)]


def test_photos_that_cannot_be_used_are_refused_by_name(tmp_path: Path) -> None:
    size = 384, 512
    two = painted(*size, shift=-0.22)
    add_person(two, 0.22)
    pieces = painted(*size)
    pieces[round(0.3 * 512) : round(0.55 * 512)] = 0
    unsure, far, upside_down = joints(*size), joints(*size), joints(*size)
    unsure[list(TORSO), 2] = 0.2
    far[:, 0] = (far[:, 0] + 190) % 384
    upside_down[:, 1] = 0.97 * 512 - upside_down[:, 1]
    cases = {
        "no_person": (painted(*size, scale=0.1), None),
        "several_people": (two, None),
        "head_out_of_frame": (painted(*size, down=-0.1), None),
        "feet_out_of_frame": (painted(*size, down=0.1), None),
        "person_cut_off": (painted(*size, shift=0.35), None),
        "pose_unclear": (painted(*size), unsure),
    }
    assert {name: code(parse(tmp_path, *case)) for name, case in cases.items()} == {
        name: name for name in cases
    }
    assert code(parse(tmp_path, pieces)) in {"fragmented", "several_people"}
    for points in (far, upside_down):
        assert code(parse(tmp_path, painted(*size), points)) in {
            "pose_unlikely",
            "tilted",
            "back_view",
            "seated",
        }


def test_a_busy_backdrop_is_refused_and_a_gradient_is_not() -> None:
    labels = painted(384, 512)
    body = Body(labels, joints(384, 512))
    y, x = np.mgrid[0:512, 0:384].astype(np.float32)
    wall = np.repeat((200 - 40 * (y / 512) ** 2 - 20 * x / 384)[..., None], 3, 2).astype(np.uint8)
    assert check_photo(np.where(labels[..., None] > 0, photo(labels), wall), body) is None
    rough = np.random.default_rng(5).integers(0, 255, (16, 12, 3), dtype=np.uint8)
    street = np.asarray(cv2.resize(rough, (384, 512), interpolation=cv2.INTER_LINEAR), np.uint8)
    refused = check_photo(np.where(labels[..., None] > 0, photo(labels), street), body)
    assert refused is not None
    assert refused.code == "busy_backdrop"


def test_one_bad_photo_does_not_fail_the_batch(tmp_path: Path) -> None:
    net = write_net(tmp_path / "net.onnx", in_canvas(joints(384, 512), painted(384, 512)))
    good, bad = photo(painted(384, 512)), photo(np.zeros((512, 384), np.uint8))
    answers = StudioParser(net, threads=1).parse([bad, good, bad])
    assert [type(answer) for answer in answers] == [Refused, Body, Refused]


def test_the_net_is_loaded_once_and_only_when_needed(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    parser = StudioParser(path)
    with pytest.raises(InvalidSetting, match=r"net\.onnx is missing"):
        parser.parse([photo(painted(384, 512))])
    write_net(path, in_canvas(joints(384, 512), painted(384, 512)))
    assert isinstance(parser.parse([photo(painted(384, 512))])[0], Body)
    path.unlink()
    assert isinstance(parser.parse([photo(painted(384, 512))])[0], Body)


def test_a_weight_file_that_was_changed_is_not_loaded(tmp_path: Path) -> None:
    net = write_net(tmp_path / "net.onnx", in_canvas(joints(384, 512), painted(384, 512)))
    card = tmp_path / "net.json"
    card.write_text(json.dumps({"sha256": sha256(net.read_bytes()).hexdigest()}))
    assert isinstance(StudioParser(net).parse([photo(painted(384, 512))])[0], Body)
    card.write_text(json.dumps({"sha256": "0" * 64}))
    with pytest.raises(BlobCorrupted, match=r"net\.json describes"):
        StudioParser(net).parse([photo(painted(384, 512))])


@pytest.mark.parametrize("path", USERS, ids=lambda path: path.stem)
def test_the_catalogues_photos_with_their_true_parse_pass_every_rule(path: Path) -> None:
    assert check_photo(np.array(Image.open(path).convert("RGB")), true_body(path.stem)) is None


def true_body(user: str) -> Body:
    named = json.loads((CATALOGUE / "truth" / "users" / f"{user}.keypoints.json").read_text())
    labels = np.array(Image.open(CATALOGUE / "truth" / "users" / f"{user}.labels.png"))
    return Body(labels, np.array(list(named.values()), np.float32))


@pytest.mark.parametrize("path", USERS, ids=lambda path: path.stem)
def test_the_trained_net_reads_the_catalogues_people(path: Path) -> None:
    [body] = StudioParser().parse([np.array(Image.open(path).convert("RGB"))])
    assert isinstance(body, Body), body
    truth = true_body(path.stem)
    masks = make_masks(body), make_masks(truth)
    for kind in (MaskKind.UPPER, MaskKind.LOWER, MaskKind.FULL_BODY):
        mine, true = (np.asarray(made[kind]) > 0 for made in masks)
        assert (mine & true).sum() / (mine | true).sum() >= 0.85, kind
    away = np.linalg.norm(body.keypoints[:, :2] - truth.keypoints[:, :2], axis=1)
    assert away.mean() < 0.02 * truth.labels.shape[0]
