"""The closer look: the window around the person in a net's proportions."""

from __future__ import annotations

import numpy as np
import pytest

from tryon.core.areas import Area
from tryon.engines.studio_parser.closer import AIR, Window, closer_window

SIZE = 192, 384


def person(left: int, top: int, right: int, bottom: int, width: int = 768, height: int = 1024) -> Area:
    found = np.zeros((height, width), bool)
    found[top:bottom, left:right] = True
    return found


def window(person: Area) -> Window | None:
    """Of a photo of the same size as what was found in it."""
    return closer_window(person, (person.shape[0], person.shape[1]), SIZE)


def ends(found: Window | None) -> tuple[int, int, int, int]:
    assert found is not None
    rows, columns = found
    return columns.start, rows.start, columns.stop, rows.stop


def test_a_narrow_person_decides_by_height() -> None:
    left, top, right, bottom = ends(window(person(300, 100, 400, 900)))
    assert bottom - top == pytest.approx(AIR * 800, abs=1)
    assert right - left == pytest.approx((bottom - top) / 2, abs=1)
    assert (left + right) / 2 == pytest.approx(350, abs=1)


def test_wide_arms_decide_by_width() -> None:
    left, top, right, bottom = ends(window(person(200, 300, 600, 700)))
    assert right - left == pytest.approx(AIR * 400, abs=1)
    assert bottom - top == pytest.approx(2 * AIR * 400, abs=1)


def test_the_window_ends_where_the_photo_does() -> None:
    assert ends(window(person(0, 500, 200, 1024)))[::3] == (0, 1024)


def test_specks_are_no_part_of_the_person() -> None:
    found = person(300, 200, 450, 900)
    found[5:8, 5:8] = found[1000:1010, 760:768] = True
    assert window(found) == window(person(300, 200, 450, 900))


@pytest.mark.parametrize("found", [person(0, 0, 0, 0), person(10, 10, 60, 60)])
def test_nobody_or_nearly_nobody_is_not_looked_at_again(found: Area) -> None:
    assert window(found) is None


def test_a_person_who_fills_the_photo_is_not_looked_at_again() -> None:
    assert window(person(10, 10, 374, 758, 384, 768)) is None


def test_what_was_found_may_be_coarser_than_the_photo() -> None:
    coarse = person(75, 25, 100, 225, 192, 256)
    assert closer_window(coarse, (1024, 768), SIZE) == window(person(300, 100, 400, 900))
