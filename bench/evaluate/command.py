"""What the command line asks for, and what is written."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import typer

from bench.evaluate.cast import Cast
from bench.evaluate.held_out import HELD_OUT
from bench.evaluate.measure import PARTS, Results, parts_of, run
from bench.evaluate.page import PICTURE, page
from bench.evaluate.summary import report
from bench.evaluate.tuning import TUNING
from bench.evaluate.worst import rows
from tryon.core.contact_sheet import Heading, paint

log = logging.getLogger(__name__)

DOCS = Path(__file__).parents[2] / "docs"
SCRATCH = Path(__file__).parents[2] / "build" / "evaluation" / "tuning"
"""Of the tuning set's page, which is published nowhere."""

HEADING = Heading("The worst cases", "What the means hide: green is right, red is too much, blue is missing")


def measure(tuning: bool = False, only: str = "", workers: int | None = None) -> dict[str, object]:
    """The report of a cast as JSON values; a whole run also writes its page.

    only: names of figures with commas between, or nothing for all."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    cast = TUNING if tuning else HELD_OUT
    results = run(cast, _parts(only), workers)
    if not only:
        write(cast, results, SCRATCH if tuning else DOCS)
    return report(cast, results)


def write(cast: Cast, results: Results, folder: Path) -> None:
    """The page and its picture."""
    picture = folder / PICTURE
    picture.parent.mkdir(parents=True, exist_ok=True)
    shown = [row for row in rows(cast, results) if row]
    sheet = paint(shown, max(len(row) for row in shown), heading=HEADING)
    sheet.save(picture, "JPEG", quality=82, optimize=True)
    (folder / "evaluation.md").write_text(page(cast, results), encoding="utf-8")
    log.info("written: %s and %s", folder / "evaluation.md", picture)


def _parts(only: str) -> set[str]:
    names = {name.strip() for name in only.split(",") if name.strip()}
    try:
        return parts_of(names) if names else set(PARTS)
    except KeyError as error:
        known = ", ".join(name for names in PARTS.values() for name in names)
        raise typer.BadParameter(f"{error.args[0]} is no figure; ask for some of {known}") from error
