"""The closer look: the window around the person in a net's proportions."""

from __future__ import annotations

import numpy as np
import pytest

from tryon.core.ports import Pixels
from tryon.engines.closer import AIR, Window, closer_window

SIZE = 192, 384


def labels(left: int, top: int, right: int, bottom: int, width: int = 768, height: int = 1024) -> Pixels:
    found = np.zeros((height, width), np.uint8)
    found[top:bottom, left:right] = 4
    return found


def ends(window: Window | None) -> tuple[int, int, int, int]:
    assert window is not None
    rows, columns = window
    return columns.start, rows.start, columns.stop, rows.stop


def test_a_narrow_person_decides_by_height() -> None:
    left, top, right, bottom = ends(closer_window(labels(300, 100, 400, 900), SIZE))
    assert bottom - top == pytest.approx(AIR * 800, abs=1)
    assert right - left == pytest.approx((bottom - top) / 2, abs=1)
    assert (left + right) / 2 == pytest.approx(350, abs=1)


def test_wide_arms_decide_by_width() -> None:
    left, top, right, bottom = ends(closer_window(labels(200, 300, 600, 700), SIZE))
    assert right - left == pytest.approx(AIR * 400, abs=1)
    assert bottom - top == pytest.approx(2 * AIR * 400, abs=1)


def test_the_window_ends_where_the_photo_does() -> None:
    assert ends(closer_window(labels(0, 500, 200, 1024), SIZE))[::3] == (0, 1024)


def test_specks_are_no_part_of_the_person() -> None:
    found = labels(300, 200, 450, 900)
    found[5:8, 5:8] = found[1000:1010, 760:768] = 2
    assert closer_window(found, SIZE) == closer_window(labels(300, 200, 450, 900), SIZE)


@pytest.mark.parametrize("found", [labels(0, 0, 0, 0), labels(10, 10, 60, 60)])
def test_nobody_or_nearly_nobody_is_not_looked_at_again(found: Pixels) -> None:
    assert closer_window(found, SIZE) is None


def test_a_person_who_fills_the_photo_is_not_looked_at_again() -> None:
    assert closer_window(labels(10, 10, 374, 758, 384, 768), SIZE) is None
