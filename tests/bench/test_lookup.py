"""A small version of `python -m bench lookup`: the same code, a smaller lookbook."""

from __future__ import annotations

from pathlib import Path

from bench import lookup_fill
from bench.lookup import measure
from tryon.core import lookbook
from tryon.core.lookbook import State
from tryon.settings import Settings
from tryon.wiring import build


def test_every_request_is_answered() -> None:
    """An answer other than 200 ends it."""
    found = measure(users=2, garments=2, seconds=1)
    assert found["records"] == 2 * (2 + 2 + 1 + 2 * 2)
    assert set(found) >= {"p50_ms", "p99_ms", "page_p99_ms", "rss_mb"}


def test_what_is_filled_in_is_what_the_lookbook_shows(tmp_path: Path) -> None:
    pipeline = build(Settings(data=tmp_path), lambda _: None)
    lookup_fill.register(pipeline, 1, 2)
    assert lookup_fill.publish(pipeline) == 9
    assert {card.state for card in lookbook.outfits(pipeline, "u0000").outfits} == {State.PUBLISHED}
    assert lookbook.coverage_matrix(pipeline, "u0000").counts.published == 9
