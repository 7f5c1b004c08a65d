"""What the command line asks for, and what is written."""

from __future__ import annotations

import logging
import sys

import typer

from bench.evaluate.held_out import HELD_OUT
from bench.evaluate.measure import PARTS, parts_of, run
from bench.evaluate.summary import report
from bench.evaluate.tuning import TUNING


def measure(tuning: bool = False, only: str = "", workers: int | None = None) -> dict[str, object]:
    """The report of a cast as JSON values. only: names of figures with commas between, or nothing for all."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    cast = TUNING if tuning else HELD_OUT
    return report(cast, run(cast, _parts(only), workers))


def _parts(only: str) -> set[str]:
    names = {name.strip() for name in only.split(",") if name.strip()}
    try:
        return parts_of(names) if names else set(PARTS)
    except KeyError as error:
        known = ", ".join(name for names in PARTS.values() for name in names)
        raise typer.BadParameter(f"{error.args[0]} is no figure; ask for some of {known}") from error
