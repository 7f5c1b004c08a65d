"""One person is meant, and only their pixels count."""

from __future__ import annotations

import numpy as np
import pytest

from tryon.core.ports import Pixels
from tryon.core.words import Refused
from tryon.engines.human_parser.choose import Choice, choose, keep_own, weight, window_of
from tryon.engines.human_parser.yolox import Found

WIDTH, HEIGHT = 600, 800
Box = tuple[float, float, float, float]
MAIN = Found((200, 50, 400, 780), 0.9)


def labels(*people: tuple[int, Box]) -> Pixels:
    """Rectangles of one label each."""
    found = np.zeros((HEIGHT, WIDTH), np.uint8)
    for label, (left, top, right, bottom) in people:
        found[int(top) : int(bottom), int(left) : int(right)] = label
    return found


def kept(found: Pixels, *others: Found) -> set[int]:
    return set(np.unique(keep_own(found, Choice(MAIN, others))).tolist()) - {0}


def test_nobody_is_no_person() -> None:
    refused = choose([], WIDTH, HEIGHT)
    assert isinstance(refused, Refused)
    assert refused.code == "no_person"
    outside = choose([Found((-300, 0, -10, 500), 0.9)], WIDTH, HEIGHT)
    assert isinstance(outside, Refused)
    assert outside.code == "no_person"


def test_the_weight_is_area_times_centrality_times_score() -> None:
    whole = Found((0, 0, WIDTH, HEIGHT), 0.8)
    assert weight(whole, WIDTH, HEIGHT) == pytest.approx(0.8)
    corner = Found((0, 0, 60, 80), 1.0)
    assert weight(corner, WIDTH, HEIGHT) == pytest.approx(0.01 * 0.1)
    beyond = Found((-600, -800, WIDTH, HEIGHT), 0.8)
    assert weight(beyond, WIDTH, HEIGHT) == pytest.approx(0.8)


def test_a_large_central_sure_person_is_chosen_among_passers_by() -> None:
    people = [Found((0, 300, 60, 480), 0.95), MAIN, Found((520, 250, 600, 500), 0.5)]
    choice = choose(people, WIDTH, HEIGHT)
    assert isinstance(choice, Choice)
    assert choice.person == MAIN
    assert set(choice.others) == {people[0], people[2]}


@pytest.mark.parametrize("other", [(20, 60, 190, 780), (520, 100, 600, 700), (230, 300, 390, 780)])
def test_two_comparable_people_are_refused(other: Box) -> None:
    refused = choose([MAIN, Found(other, 0.8)], WIDTH, HEIGHT)
    assert isinstance(refused, Refused)
    assert refused.code == "several_people"


def test_pixels_beyond_the_box_and_its_margin_are_nobodys() -> None:
    found = keep_own(labels((4, (0, 100, WIDTH, 700))), Choice(MAIN, ()))
    columns = np.flatnonzero(found.any(0))
    assert (columns[0], columns[-1]) == (180, 419)
    assert window_of(MAIN, WIDTH, HEIGHT) == (slice(0, HEIGHT), slice(180, 420))


def test_a_neighbour_who_reaches_into_the_margin_is_left_out() -> None:
    found = labels((4, (210, 60, 390, 770)), (6, (405, 60, 590, 770)))
    assert kept(found) == {4}
    assert kept(found, Found((404, 55, 595, 775), 0.4)) == {4}


def test_a_touching_neighbour_is_cut_at_their_box() -> None:
    found = labels((4, (210, 60, 400, 770)), (6, (400, 60, 590, 770)))
    assert kept(found, Found((395, 55, 595, 775), 0.4)) == {4}


def test_a_passer_by_behind_is_left_out_and_a_bag_is_not() -> None:
    passer_by, bag = (210, 60, 240, 200), (405, 500, 418, 560)
    found = labels((4, (260, 60, 390, 770)), (6, passer_by), (16, (380, 500, 415, 560)), (9, bag))
    assert kept(found) == {4, 6, 9, 16}
    assert kept(found, Found((205, 55, 242, 205), 0.5)) == {4, 9, 16}


def test_pieces_of_the_person_need_not_hang_together() -> None:
    """A dark belt or a strap of backdrop between bare legs parts a person."""
    assert kept(labels((4, (210, 60, 390, 400)), (6, (210, 420, 290, 770)), (9, (300, 700, 390, 770)))) == {
        4,
        6,
        9,
    }


def test_the_largest_piece_stays_even_under_another_box() -> None:
    assert kept(labels((4, (210, 60, 390, 770))), Found((0, 0, WIDTH, HEIGHT), 0.31)) == {4}


@pytest.mark.parametrize("value", [0, 4])
def test_an_empty_and_a_full_map(value: int) -> None:
    found = keep_own(np.full((HEIGHT, WIDTH), value, np.uint8), Choice(Found((0, 0, WIDTH, HEIGHT), 1.0), ()))
    assert (found == value).all()
