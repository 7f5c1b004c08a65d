"""The table of `fashion check`."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape

from fashion_assets.commands import screens
from fashion_assets.commands.check.forms import Outcome, counted

COLUMNS = ("form", "pictures", "failed", "busy", "seconds", "mean", "slowest", "")
SHOWN = 5
"""Different failures of a form; --json has all."""


def draw(title: str, outcomes: Sequence[Outcome]) -> screens.Screen:
    found = screens.table(title, *COLUMNS, numbers=COLUMNS[1:7])
    for outcome in outcomes:
        failed = str(len(outcome.failures))
        found.add_row(
            outcome.name,
            str(outcome.pictures),
            f"[bold red]{failed}[/]" if outcome.failures else failed,
            str(outcome.busy),
            f"{outcome.wall:.2f}",
            _seconds(outcome.mean),
            _seconds(outcome.slowest),
            _words(outcome),
        )
    return found


def _words(outcome: Outcome) -> str:
    failures = counted(outcome.failures)
    lines = [f"[green]{escape(text)}[/]" for text in counted(outcome.said)]
    lines += [f"[bold red]fail[/] {escape(text)}" for text in failures[:SHOWN]]
    if len(failures) > SHOWN:
        lines.append(f"{len(failures) - SHOWN} more kinds of failure")
    return "\n".join(lines)


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
