"""docs/photos.md lists every reason that the sample engines give, and no other."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from tests.docs.pages import ROOT, rows, sections
from tryon.engines.reasons import PERSON_REASONS, PRODUCT_REASONS

PAGE = ROOT / "docs/photos.md"
SOURCES = sorted((ROOT / "tryon/engines").rglob("*.py"))


@pytest.mark.parametrize(("heading", "reasons"), [("People", PERSON_REASONS), ("Products", PRODUCT_REASONS)])
def test_the_page_lists_the_reasons_of_the_code(heading: str, reasons: Mapping[str, str]) -> None:
    listed = rows(sections(PAGE)[heading])[1:]
    assert [row[0].strip("`") for row in listed] == list(reasons)
    assert all(len(row) == 3 and all(row) for row in listed)


def test_every_listed_reason_is_given_somewhere() -> None:
    code = "\n".join(source.read_text() for source in SOURCES)
    for call, reasons in (("of_person", PERSON_REASONS), ("of_product", PRODUCT_REASONS)):
        assert set(re.findall(rf'{call}\(\s*"(\w+)"', code)) == set(reasons)


@pytest.mark.parametrize("sentence", [*PERSON_REASONS.values(), *PRODUCT_REASONS.values()])
def test_a_reason_says_what_is_wrong_and_what_to_do(sentence: str) -> None:
    assert re.fullmatch(r"[^;]+; [^;]+\.", sentence)
