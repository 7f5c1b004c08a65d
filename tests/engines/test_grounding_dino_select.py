"""Scored boxes -> one answer a garment, without a net: who gets which box, and why somebody gets none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tryon.core.ports import Detected
from tryon.core.quality import judge_crop
from tryon.core.words import Refused
from tryon.engines.grounding_dino.overlap import iou
from tryon.engines.grounding_dino.phrases import Question
from tryon.engines.grounding_dino.select import Found, Limits, padded, select

SIZE = 400, 600
EXACT = Limits(padding=0)
SWEATER, JEANS, SHIRT = "striped sweater", "blue jeans", "white shirt"
UPPER, LOWER, ALL = (60, 40, 340, 300), (80, 310, 320, 590), (0, 0, 400, 600)

Row = tuple[tuple[int, int, int, int], list[float]]


def found(*rows: Row, phrases: int = 0) -> Found:
    boxes = np.array([box for box, _ in rows], np.float32).reshape(-1, 4)
    scores = np.array([scores for _, scores in rows], np.float32).reshape(len(rows), -1 if rows else phrases)
    return Found(boxes, scores)


def one(phrase: str, *others: str) -> Question:
    return Question((phrase, *others), 1, (0,))


def told(answer: Detected | Refused) -> str | tuple[int, int, int, int]:
    """The box, or the refusal's code."""
    if isinstance(answer, Refused):
        assert answer.message.endswith(".")
        return answer.code
    assert answer.alpha is None
    return answer.box


def asked(question: Question, *rows: Row, limits: Limits = EXACT) -> list[str | tuple[int, int, int, int]]:
    given = found(*rows, phrases=len(question.phrases))
    return [told(answer) for answer in select(given, question, SIZE, limits)]


# Who gets which box


def test_each_garment_gets_the_box_that_fits_it_best() -> None:
    question = Question((SWEATER, JEANS), 2, (0, 1))
    rows: list[Row] = [(LOWER, [0.3, 0.8]), (UPPER, [0.7, 0.2]), ((70, 60, 200, 200), [0.5, 0.1])]
    assert asked(question, *rows) == [UPPER, LOWER]
    assert asked(Question((SWEATER, JEANS), 2, (1, 0)), *rows) == [LOWER, UPPER]


def test_the_score_is_that_of_the_phrase() -> None:
    [answer] = select(found((UPPER, [0.625])), one(SWEATER), SIZE, EXACT)
    assert answer == Detected(UPPER, None, 0.625)


def test_phrases_of_the_same_words_are_two_phrases() -> None:
    question = Question(("dress shirt", "shirt dress", "dress"), 3, (0, 1, 2))
    rows: list[Row] = [(UPPER, [0.6, 0.5, 0.4]), (LOWER, [0.55, 0.58, 0.5])]
    assert asked(question, *rows) == [UPPER, LOWER, "won_by_another"]


def test_two_garments_of_the_same_words_get_the_two_best_boxes() -> None:
    question = Question(("white shoe",), 1, (0, 0, 0))
    rows: list[Row] = [((10, 10, 110, 110), [0.5]), ((200, 10, 300, 110), [0.9]), ((12, 10, 112, 110), [0.4])]
    assert asked(question, *rows) == [(200, 10, 300, 110), (10, 10, 110, 110), "garment_not_found"]


def test_a_garment_without_words_is_refused_and_its_neighbour_is_not() -> None:
    assert asked(Question((SWEATER,), 1, (None, 0)), (UPPER, [0.9])) == ["no_phrase", UPPER]
    assert asked(Question((), 0, (None,))) == ["no_phrase"]
    assert asked(Question(("hanger",), 0, (None,)), (UPPER, [0.9])) == ["no_phrase"]


def test_nobody_asked() -> None:
    assert asked(Question((), 0, ())) == []


# Who gets none


@pytest.mark.parametrize(("score", "answer"), [(0.25, UPPER), (0.2499, "garment_not_found")])
def test_the_threshold_itself_is_enough(score: float, answer: object) -> None:
    assert asked(one(SWEATER), (UPPER, [score])) == [answer]


def test_no_box_at_all_is_a_refusal_too() -> None:
    assert asked(one(SWEATER, SHIRT)) == ["garment_not_found"]


def test_the_sliver_of_a_shirt_is_not_taken_for_the_sweater() -> None:
    [answer] = select(found((UPPER, [0.5, 0.6])), one(SHIRT, SWEATER), SIZE, EXACT)
    assert told(answer) == "won_by_another"
    assert isinstance(answer, Refused)
    assert SHIRT in answer.message
    assert SWEATER in answer.message


def test_a_better_box_of_another_thing_takes_its_like_away() -> None:
    near = (62, 42, 342, 302)
    assert asked(one(SHIRT, SWEATER), (near, [0.5, 0.4]), (UPPER, [0.3, 0.8])) == ["won_by_another"]
    assert asked(one(SHIRT, SWEATER), (near, [0.9, 0.4]), (UPPER, [0.3, 0.8])) == [near]


def test_a_better_box_elsewhere_does_not() -> None:
    assert asked(one(SHIRT, SWEATER), (UPPER, [0.5, 0.4]), (LOWER, [0.3, 0.8])) == [UPPER]


def test_a_box_of_nearly_everything_counts_only_where_nothing_else_is() -> None:
    assert asked(one(SWEATER), (ALL, [0.9])) == [ALL]
    assert asked(one(SWEATER, "hat"), (ALL, [0.9, 0.1])) == ["not_told_apart"]
    assert asked(Question((SWEATER, JEANS), 2, (0, 1)), (ALL, [0.9, 0.5]), (LOWER, [0.1, 0.4])) == [
        "not_told_apart",
        LOWER,
    ]
    assert asked(one(SWEATER, "hat"), (ALL, [0.9, 0.1]), (UPPER, [0.3, 0.1])) == [UPPER]


@pytest.mark.parametrize(("side", "fits"), [(64, True), (63, False)])
def test_a_crop_that_could_not_be_published_is_refused_before(side: int, fits: bool) -> None:
    box = (10, 10, 10 + side, 300)
    assert asked(one(SWEATER), (box, [0.9])) == [box if fits else "garment_too_small"]


def test_the_least_side_is_that_of_a_publishable_crop() -> None:
    crop = np.random.default_rng(0).integers(0, 255, (200, Limits().min_side, 4), dtype=np.uint8)
    assert judge_crop(crop, SIZE) is None
    refused = judge_crop(crop[:, 1:], SIZE)
    assert refused is not None
    assert refused.code == "crop_size"


def test_a_small_box_does_not_hide_a_large_one() -> None:
    assert asked(one(SWEATER), ((5, 5, 25, 25), [0.9]), (UPPER, [0.5])) == [UPPER]


def test_padding_counts_towards_the_size() -> None:
    assert asked(one(SWEATER), ((10, 10, 70, 110), [0.9]), limits=Limits()) == [(6, 6, 74, 114)]


# Padding


@pytest.mark.parametrize(
    ("box", "answer"),
    [
        ((100, 100, 200, 300), (92, 92, 208, 308)),
        ((0, 0, 400, 600), (0, 0, 400, 600)),
        ((0.4, 500.5, 99.6, 600), (0, 496, 104, 600)),
    ],
)
def test_a_box_is_padded_by_its_longer_side_and_clipped(
    box: tuple[float, ...], answer: tuple[int, ...]
) -> None:
    assert padded(box, SIZE, 0.04) == answer


# Whatever the net says

SCORES = st.integers(0, 1000).map(lambda value: value / 1000)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Found, Question]:
    wanted, others = draw(st.integers(1, 3)), draw(st.integers(0, 3))
    phrases = wanted + others
    box = st.tuples(st.integers(0, 399), st.integers(0, 599), st.integers(0, 400), st.integers(0, 600))
    rows = draw(st.lists(st.tuples(box, st.lists(SCORES, min_size=phrases, max_size=phrases)), max_size=12))
    inside = [((x, y, min(x + w, 400), min(y + h, 600)), scores) for (x, y, w, h), scores in rows]
    asked = draw(st.lists(st.one_of(st.none(), st.integers(0, wanted - 1)), min_size=1, max_size=4))
    names = tuple(f"thing {place}" for place in range(phrases))
    return found(*inside, phrases=phrases), Question(names, wanted, tuple(asked))


@given(scenes())
def test_every_garment_has_one_answer_and_every_box_can_be_cropped(scene: tuple[Found, Question]) -> None:
    given, question = scene
    answers = select(given, question, SIZE, Limits())
    assert len(answers) == len(question.asked)
    for answer in answers:
        if isinstance(answer, Detected):
            left, top, right, bottom = answer.box
            assert 0 <= left < right <= 400
            assert 0 <= top < bottom <= 600
            assert min(right - left, bottom - top) >= 64
            assert all(isinstance(side, int) for side in answer.box)


@given(scenes())
def test_a_box_is_given_once_to_the_phrase_that_fits_it_best(scene: tuple[Found, Question]) -> None:
    given, question = scene
    boxes: list[tuple[int, int, int, int]] = []
    for phrase, answer in zip(question.asked, select(given, question, SIZE, EXACT), strict=True):
        if isinstance(answer, Detected):
            same = (given.boxes == np.array(answer.box, np.float32)).all(axis=1)
            best = [row for row in given.scores[same] if abs(row.max() - answer.score) < 1e-6]
            assert any(int(row.argmax()) == phrase for row in best)
            assert answer.score >= EXACT.threshold
            boxes.append(answer.box)
    for rank, box in enumerate(boxes):
        rest = np.array(boxes[rank + 1 :], np.float32).reshape(-1, 4)
        assert (iou(np.array(box, np.float32), rest) <= EXACT.overlap).all()


@given(scenes())
def test_a_thing_that_is_everywhere_leaves_nothing(scene: tuple[Found, Question]) -> None:
    given, question = scene
    everywhere = np.ones((len(given.boxes), 1), np.float32)
    scores = np.concatenate([given.scores * 0.99, everywhere], axis=1)
    more = replace(question, phrases=(*question.phrases, "wall"))
    answers = select(replace(given, scores=scores), more, SIZE, EXACT)
    assert all(isinstance(answer, Refused) for answer in answers)


@given(scenes())
def test_the_order_of_the_boxes_does_not_matter(scene: tuple[Found, Question]) -> None:
    given, question = scene
    tops = given.scores.max(axis=1) if len(given.scores) else np.zeros(0)
    _, distinct = np.unique(tops, return_index=True)  # equal scores go by place
    turned = distinct[::-1]
    answers = [
        select(Found(given.boxes[rows], given.scores[rows]), question, SIZE, EXACT)
        for rows in (distinct, turned)
    ]
    assert [told(a) for a in answers[0]] == [told(a) for a in answers[1]]
