"""A burst of uploads, and real ticks that are killed at random: the benchmark of it, small."""

from __future__ import annotations

import pytest

from bench.uploads_burst import measure

pytestmark = pytest.mark.battery


def test_nothing_is_lost_and_nothing_is_made_twice() -> None:
    figures = measure(uploads=14, users=4, worn=4, kills=6)
    assert (figures["uploads"], figures["processed"], figures["lost"]) == (14, 14, 0)
    assert (figures["kills"], figures["outfits"]) == (6, 4 * 8)
    assert figures["wasted_engine_calls"] == 0
