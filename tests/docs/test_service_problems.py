"""The troubleshooting page's part about services: its messages are those of the code."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT, TROUBLESHOOTING, rows, sections

SOURCES = "\n".join(
    path.read_text() for room in ("tryon", "fashion_assets") for path in (ROOT / room).rglob("*.py")
)
WORDS = " ".join(re.sub(r'"\s*\n\s*f?"', "", SOURCES).split())
"""Sentences that are written over several lines stand in one."""
MESSAGES = (
    "show an API key",
    "other machines can ask the service",
    "a key is shorter than",
    "within a minute",
    "pages of other sites may not ask",
    "ask this service by its loopback address",
    "cannot be used",
    "Models are still loading",
    "GPU is busy processing another request",
    "GPU out of memory",
    "the address does not lead to a public server",
    "names another port than 80 and 443",
    "the address's server cannot be read",
    "the address's server answers",
    "there was no answer within",
    "would be about",
    "torch sees no GPU",
    "Using device:",
)


def table() -> list[list[str]]:
    return rows(sections(TROUBLESHOOTING)["Services"])[1:]


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_is_the_codes_own_and_is_explained(message: str) -> None:
    assert message in WORDS
    assert message in " ".join(cell for row in table() for cell in row)


def test_every_problem_has_a_cause_and_a_way_out() -> None:
    assert len(table()) >= 30
    assert [row for row in table() if len(row) != 3 or not all(row)] == []
