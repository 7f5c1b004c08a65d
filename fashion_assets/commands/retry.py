"""`fashion retry`: let engines try again what they failed at too often."""

from __future__ import annotations

from dataclasses import asdict

from rich.markup import escape
from rich.text import Text

from fashion_assets.commands import opening, screens
from fashion_assets.commands.terminal import OK, Terminal
from tryon.core.coverage import Coverage
from tryon.core.records import Attempt


def retry(terminal: Terminal, user: str | None, item: str | None) -> int:
    pipeline = opening.open_known(terminal.settings)
    chosen = [
        attempt
        for attempt in pipeline.records.attempts()
        if (user is None or attempt.user == user) and (item is None or attempt.item == item)
    ]
    pipeline.records.retry([attempt.input for attempt in chosen])
    said = f"{len(chosen)} products may be tried again: [bold]fashion pregenerate[/]"
    facts = {"retried": [asdict(attempt) for attempt in chosen]}
    terminal.answer(
        facts, screen(chosen), said if chosen else Text("There is nothing to retry.", style="green")
    )
    return OK


def screen(attempts: list[Attempt]) -> screens.Screen:
    if not attempts:
        return screens.NOTHING
    found = screens.table(
        "Failed engine work", "user", "what", "failures", "last", "reason", numbers=["failures"]
    )
    for attempt in attempts[: screens.SHOWN]:
        what = f"{attempt.stage} {attempt.name}"
        when = screens.clock(attempt.at)
        found.add_row(attempt.user or "-", what, str(attempt.failures), when, escape(attempt.reason))
    return screens.group(found, screens.more(len(attempts)))


def quarantine(coverage: Coverage) -> screens.Screen:
    if not coverage.quarantined:
        return screens.NOTHING
    advice = Text("Quarantined: not paid for again before `fashion retry`.", style="bold yellow")
    return screens.group(screen(coverage.quarantined), advice)
