"""SCHP's square input and the way of its logits back to the photo, against loops."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bench.parser_nets.script import logits as scripted
from tests.engines.slow_parsers import schp_pixel, schp_value
from tests.engines.test_human_parser_yolox import noise, places
from tryon.engines.human_parser.schp import ATR, DEVIATION, LIP, Parser, decode, photo_to_input, prepare

SIZES = [(480, 640), (512, 512), (33, 17), (2, 90), (2999, 2001), (473, 472)]
WHOLE = slice(None), slice(None)


def smooth(classes: int, cells: int, seed: int) -> NDArray[np.float32]:
    """Logits as a trained net gives them: a few large areas."""
    rough = np.random.default_rng(seed).normal(size=(classes, cells, cells)).astype(np.float32)
    return np.stack([cv2.GaussianBlur(channel, (0, 0), 6) for channel in rough])


@pytest.mark.parametrize("parser", [ATR, LIP], ids=["atr", "lip"])
@pytest.mark.parametrize("size", SIZES)
def test_the_input_is_the_photo_centred_on_black(size: tuple[int, int], parser: Parser) -> None:
    image, side = noise(*size), parser.side
    tensor = prepare(image, side)
    assert (tensor.shape, tensor.dtype.name) == ((1, 3, side, side), "float32")
    for column, row in places(side, side):
        off = (tensor[0, :, row, column] - schp_pixel(image, side, column, row)) * DEVIATION * 255
        assert np.abs(off).max() < 1.5, (column, row)


def test_one_pixel_is_in_the_middle() -> None:
    assert photo_to_input(1, 1, 473) == (472, 236, 236)


@given(st.integers(2, 5000), st.integers(2, 5000))
def test_the_longer_side_goes_from_edge_to_edge(width: int, height: int) -> None:
    scale, left, top = photo_to_input(width, height, 512)
    low, high = (left, left + (width - 1) * scale), (top, top + (height - 1) * scale)
    np.testing.assert_allclose(low if width >= height else high, (0, 511), atol=1e-6)
    np.testing.assert_allclose([sum(low), sum(high)], 511, atol=1e-6)


@pytest.mark.parametrize("parser", [ATR, LIP], ids=["atr", "lip"])
@pytest.mark.parametrize("size", [(96, 128), (700, 1000), (37, 11), (200, 3)])
def test_labels_are_the_argmax_of_logits_enlarged_twice(size: tuple[int, int], parser: Parser) -> None:
    logits = smooth(parser.classes, parser.cells, size[0])
    labels = decode(logits, *size, parser.side, WHOLE)
    assert (labels.shape, labels.dtype.name) == ((size[1], size[0]), "uint8")
    assert len(np.unique(labels)) > 3
    channels_last = np.moveaxis(logits, 0, -1)
    for column, row in places(*size):
        values = schp_value(channels_last, parser.side, size, column, row)
        assert values[labels[row, column]] >= values.max() - 1e-5, (column, row)


@settings(deadline=None, max_examples=15)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 2**32 - 1), st.booleans())
def test_leaving_classes_out_where_they_cannot_win_changes_nothing(
    width: int, height: int, seed: int, rough: bool
) -> None:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(18, 128, 128)).astype(np.float32) if rough else smooth(18, 128, seed)
    # A class so far below that it wins nowhere, and so large that with its rounding error nothing may be left out.
    everywhere = np.concatenate([logits, np.full((1, 128, 128), -1e6, np.float32)])
    np.testing.assert_array_equal(
        decode(logits, width, height, 512, WHOLE), decode(everywhere, width, height, 512, WHOLE)
    )


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_a_window_holds_the_labels_of_the_whole(seed: int) -> None:
    rng = np.random.default_rng(seed)
    top, left = (int(value) for value in rng.integers(0, 150, 2))
    window = slice(top, top + int(rng.integers(1, 90))), slice(left, left + int(rng.integers(1, 90)))
    logits = smooth(18, 128, seed)
    whole, part = decode(logits, 240, 160, 512, WHOLE), decode(logits, 240, 160, 512, window)
    assert part.shape == whole[window].shape
    assert np.mean(part == whole[window]) > 0.999


@pytest.mark.parametrize("parser", [ATR, LIP], ids=["atr", "lip"])
def test_a_known_map_comes_back(parser: Parser) -> None:
    labels = np.zeros((400, 300), np.uint8)
    labels[60:350, 80:220] = 4
    labels[200:390, 100:160] = 9
    found = decode(scripted(labels, parser.classes, parser.side)[0], 300, 400, parser.side, WHOLE)
    flat = cv2.erode(labels, np.ones((9, 9), np.uint8)) == cv2.dilate(labels, np.ones((9, 9), np.uint8))
    assert np.array_equal(found[flat], labels[flat])
    for label in (4, 9):
        assert np.count_nonzero((found == label) & (labels == label)) >= 0.97 * np.count_nonzero(
            labels == label
        )
