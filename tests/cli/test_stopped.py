"""After a run that stopped, `why` and `status` say what stopped it, not only what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

import pytest

from bench.null_engines import NullAnalyzer
from bench.uploads import write_item, write_user
from tests.cli.conftest import LOOK, Fashion
from tryon.core.errors import AccessDenied
from tryon.core.ports import Analysis, ProductPhoto
from tryon.core.words import Refused

NO_KEY = "AccessDenied: OPENAI_API_KEY is not set; set it, then run it again"


def refuse(self: NullAnalyzer, batch: Sequence[ProductPhoto]) -> list[Analysis | Refused]:
    raise AccessDenied(NO_KEY.partition(": ")[2])


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fashion]:
    """Nothing was ever made: the first run met a service that it has no key for. To be read only."""
    fashion = Fashion(tmp_path_factory.mktemp("stopped") / "data")
    write_item(fashion.data / "uploads", "t1", ["tops"], 1)
    write_item(fashion.data / "uploads", "b1", ["bottoms"], 2)
    write_user(fashion.data / "uploads", "u1", 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(NullAnalyzer, "analyze", refuse)
        assert fashion("pregenerate").code == 1
        yield fashion


def test_why_names_the_failure_though_the_masks_come_first(stopped: Fashion) -> None:
    answer = stopped("why", "u1", "t1.tops", "--json")
    assert (answer.code, answer.facts["cause"]) == (1, "failed")
    assert answer.facts["reason"].startswith("crop t1.tops failed at 20")
    assert answer.facts["reason"].endswith(NO_KEY)
    (crop,) = [made for made in answer.facts["inputs"] if made["name"] == "t1.tops"]
    assert crop["failure"]["message"] == NO_KEY
    assert crop["failure"]["run_id"]
    assert [made["failure"] for made in answer.facts["inputs"] if made["stage"] == "mask"] == [None, None]


def test_the_screen_of_why_says_it_too(stopped: Fashion) -> None:
    screen = " ".join(stopped("why", "u1", LOOK).out.split())
    assert "the last try failed" in screen
    assert "OPENAI_API_KEY is not set" in screen
    assert "remove what the message names" in screen


def test_status_counts_the_products_of_each_reason(stopped: Fashion) -> None:
    (failure,) = stopped("status", "--json").facts["failures"]
    assert (failure["message"], failure["products"]) == (NO_KEY, 2)
    screen = " ".join(stopped("status").out.split())
    assert "Failed the last time" in screen
    assert "OPENAI_API_KEY is not set" in screen
    assert "remove what made the last try fail" in screen


def test_neither_tells_a_digest_of_a_photo_or_an_address(stopped: Fashion) -> None:
    crop = stopped("why", "u1", "t1.tops", "--json").facts["inputs"][-1]
    told = f"{crop['failure']} {stopped('status', '--json').facts['failures']}"
    photos = [sha256(photo.read_bytes()).hexdigest()[:8] for photo in stopped.data.rglob("*.png")]
    assert len(photos) == 3
    assert not any(digest in told for digest in photos)
    assert "://" not in told
