"""Token columns -> phrases, shares -> pixels, sizes -> batches: the arithmetic around the net."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers.image_transforms import get_size_with_aspect_ratio

from tryon.engines.grounding_dino.batching import Row, buckets, resized, searchable
from tryon.engines.grounding_dino.overlap import iou, suppress
from tryon.engines.grounding_dino.prompts import Prompt
from tryon.engines.grounding_dino.scores import columns, corners, phrase_scores

NOTHING = Prompt("", (), ())


def test_phrases_that_share_words_keep_their_own_tokens() -> None:
    """ "dress shirt. shirt dress. dress." """
    offsets = [
        (0, 0),
        (0, 5),
        (6, 11),
        (11, 12),
        (13, 18),
        (19, 24),
        (24, 25),
        (26, 31),
        (31, 32),
        (0, 0),
        (0, 0),
    ]
    assert columns(offsets, [(0, 11), (13, 24), (26, 31)]) == [[1, 2], [4, 5], [7]]


def test_a_score_is_the_best_token_and_unused_columns_do_not_count() -> None:
    logits = np.full((2, 256), -np.inf, np.float32)
    logits[0, :4] = [9, 0, 2, -1]
    logits[1, :4] = [9, -800, -800, 800]
    scores = phrase_scores(logits, ((1, 2), (3,), (), (200,)))
    assert scores.dtype == np.float32
    wanted = np.array([[0.8807971, 0.26894143, 0, 0], [0, 1, 0, 0]])
    np.testing.assert_allclose(scores, wanted, atol=1e-6)


def test_corners_are_clipped_to_the_photo() -> None:
    boxes = np.array([[0.5, 0.5, 0.5, 1.0], [0.0, 1.0, 0.2, 0.2]], np.float32)
    np.testing.assert_allclose(corners(boxes, (200, 100)), [[50, 0, 150, 100], [0, 90, 20, 100]], rtol=1e-6)


# Overlap


def test_iou_by_hand() -> None:
    boxes = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [10, 0, 20, 10], [3, 3, 3, 9]], np.float32)
    np.testing.assert_allclose(iou(boxes[0], boxes), [1, 1 / 3, 0, 0])
    assert iou(boxes[3], boxes[3:])[0] == 0


def test_the_best_box_takes_its_like_away_and_equal_ones_go_by_place() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [50, 50, 60, 60], [0, 0, 9, 10]], np.float32)
    stay, taker = suppress(boxes, np.array([0.5, 0.5, 0.4, 0.9], np.float32), 0.6)
    assert (stay, taker.tolist()) == ([3, 2], [3, 3, 2, 3])


@given(st.lists(st.tuples(*[st.integers(0, 50)] * 5), max_size=25), st.sampled_from([0.0, 0.3, 0.6, 0.9]))
def test_what_stays_does_not_overlap_and_what_goes_fell_to_something_better(
    rows: list[tuple[int, ...]], most: float
) -> None:
    table = np.array(rows, np.float32).reshape(-1, 5)
    boxes = np.concatenate([table[:, :2], table[:, :2] + table[:, 2:4]], axis=1)
    stay, taker = suppress(boxes, table[:, 4], most)
    assert sorted(set(taker.tolist())) == sorted(stay)
    for place, owner in enumerate(taker):
        assert table[owner, 4] >= table[place, 4]
        assert place == owner or iou(boxes[owner], boxes[place : place + 1])[0] > most
    for rank, place in enumerate(stay):
        assert (iou(boxes[place], boxes[stay[rank + 1 :]]) <= most).all()


# Sizes


@given(
    st.integers(8, 5000),
    st.floats(1, 8),
    st.booleans(),
    st.sampled_from([(480, 800), (640, 1066), (64, 106)]),
)
def test_photos_are_resized_as_the_models_image_processor_does(
    short: int, aspect: float, tall: bool, edges: tuple[int, int]
) -> None:
    """Every upload: none is narrower than 1:8."""
    width, height = (short, int(short * aspect)) if tall else (int(short * aspect), short)
    mine = resized((width, height), *edges)
    theirs = get_size_with_aspect_ratio((height, width), *edges)[::-1]
    assert np.abs(np.subtract(mine, theirs)).max() <= 1
    assert min(mine) >= 1
    assert max(mine) <= max(edges)


@pytest.mark.parametrize("size", [(600, 800), (800, 600), (3000, 4000), (500, 500), (97, 531)])
def test_everyday_photos_are_resized_exactly_so(size: tuple[int, int]) -> None:
    theirs = get_size_with_aspect_ratio(size[::-1], 480, 800)[::-1]
    assert resized(size, 480, 800) == theirs


def test_a_sliver_has_fewer_places_than_the_net_picks() -> None:
    assert searchable((640, 480), 900)
    assert searchable((80, 640), 900)  # 1:8, the narrowest upload
    assert not searchable((20, 1066), 900)
    assert searchable((8, 8), 4)
    assert not searchable((8, 8), 5)


def test_only_photos_of_one_size_share_a_pass() -> None:
    sizes = [(64, 80), (80, 64), (64, 80), (64, 80), (80, 64)]
    rows = [Row(place, NOTHING, size) for place, size in enumerate(sizes)]
    assert [[row.job for row in group] for group in buckets(rows, 2)] == [[0, 2], [3], [1, 4]]
    assert [[row.job for row in group] for group in buckets(rows, 1)] == [[0], [2], [3], [1], [4]]
    assert [*buckets([], 8)] == []
