"""Tops x bottoms of a person as a table of pictures, and of words where there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tryon.core.lookbook import Cell, CoverageMatrix, State, coverage_matrix
from tryon.core.pipeline import Pipeline
from tryon.core.records import Verdict
from tryon.core.words import Garment
from tryon.services.lookbook.pages import links, words
from tryon.services.lookbook.pages.outfits import wearing

MOST_CELLS = 400
"""On a page; each is a picture."""
MOST_REASONS = 12


def matrix_page(pipeline: Pipeline, user: str, after: str) -> dict[str, object]:
    found = coverage_matrix(pipeline, user, after, MOST_CELLS)
    crops = _crops(pipeline, user, (*found.tops, *found.bottoms))
    rows = zip(found.tops, found.tops_alone, found.pairs, strict=True)
    path = f"{links.person(user)}/matrix"
    return {
        "here": "people",
        "user": user,
        "counts": found.counts,
        "partly": bool(after or found.next),
        "reasons": _reasons(found),
        "bottoms": [_named(bottom, crops) for bottom in found.bottoms],
        "bottoms_alone": [_cell(user, cell) for cell in found.bottoms_alone],
        "rows": [
            {
                "top": _named(top, crops),
                "alone": _cell(user, alone),
                "cells": [_cell(user, cell) for cell in cells],
            }
            for top, alone, cells in rows
        ],
        "dresses": [_cell(user, cell) for cell in found.dresses],
        "first": path if after else "",
        "next": links.listed(path, after=found.next) if found.next else "",
    }


def _crops(pipeline: Pipeline, user: str, garments: Sequence[str]) -> dict[str, str]:
    """Addresses of the crops that are published."""
    wanted = pipeline.shown_shelf(user).wanted
    crops = [wanted.crop(Garment.parse(garment)) for garment in garments]
    found = pipeline.records.find([crop.input for crop in crops])
    shown = [record for record in found.values() if record.verdict is Verdict.PUBLISHED]
    return {record.name: links.crop(user, record.name) for record in shown}


def _named(garment: str, crops: dict[str, str]) -> dict[str, str]:
    return {"id": garment, "crop": crops.get(garment, "")}


def _cell(user: str, cell: Cell) -> dict[str, str]:
    return {
        "outfit": cell.outfit,
        "state": cell.state.value,
        "reason": words.why_not(cell.code, cell.reason),
        "href": links.outfit(user, cell.outfit),
        "thumb": links.small(user, cell.outfit),
        "srcset": links.sizes(user, cell.outfit),
        "alt": wearing(cell.outfit.split("+")),
    }


def _reasons(found: CoverageMatrix) -> list[dict[str, object]]:
    """Each reason once, with how many outfits of this page it keeps away, the most frequent first."""
    alone = (*found.tops_alone, *found.bottoms_alone, *found.dresses)
    absent = [cell for row in (*found.pairs, alone) for cell in row if cell.state is not State.PUBLISHED]
    counts = Counter((cell.state.value, words.why_not(cell.code, cell.reason)) for cell in absent)
    return [
        {"state": state, "count": count, "reason": reason}
        for (state, reason), count in counts.most_common(MOST_REASONS)
    ]
