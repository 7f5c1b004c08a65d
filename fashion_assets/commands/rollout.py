"""`fashion rollout`: confirm what the running code makes, for everybody or for some users first."""

from __future__ import annotations

import sys

import typer
from rich.console import Group
from rich.markup import escape
from rich.text import Text

from fashion_assets.commands import opening, screens
from fashion_assets.commands.terminal import OK, Terminal
from tryon.core.errors import InvalidSetting
from tryon.core.pipeline import Pipeline
from tryon.core.recipes import Stage
from tryon.core.rollout import Rollout, confirm, prepare
from tryon.core.work import Prices


def rollout(terminal: Terminal, users: list[str], again: bool, yes: bool) -> int:
    pipeline = opening.open_known(terminal.settings)
    pipeline.reconcile()
    found = prepare(pipeline, users, again)
    agreed = bool(found.users) and (yes or _agreed(terminal, pipeline, found))
    if agreed:
        confirm(pipeline, found)
    answer = {**facts(found, pipeline.prices()), "confirmed": agreed}
    said = "Confirmed. Next: [bold]fashion pregenerate[/]" if agreed else "Nothing was changed."
    terminal.answer(answer, screen(found, pipeline.prices()), said)
    return OK


def _agreed(terminal: Terminal, pipeline: Pipeline, found: Rollout) -> bool:
    """Asked on a terminal only: a script must say that it means it."""
    if terminal.as_json or not sys.stdin.isatty():
        raise InvalidSetting("a rollout is paid for, so it needs a confirmation; add --yes")
    terminal.notes.print(screen(found, pipeline.prices()))
    return typer.confirm("Make this release for these users?", err=True)


def facts(found: Rollout, prices: Prices) -> dict[str, object]:
    return {
        "release": found.release.id,
        "generation": found.release.generation,
        "users": list(found.users),
        "changes": list(found.changes),
        "passes": {stage.value: found.plan.passes[stage] for stage in Stage},
        "predicted_seconds": round(found.plan.seconds(prices), 3),
        "predicted_usd": round(found.plan.usd(prices), 6),
    }


def screen(found: Rollout, prices: Prices) -> screens.Screen:
    if not found.users:
        return Text("Everybody has the release that the running code makes.", style="green")
    plan = found.plan
    words = {
        "release": f"{found.release.id}, generation {found.release.generation}",
        "for": f"{len(found.users)} users: {', '.join(found.users[: screens.SHOWN])}",
        "to make": ", ".join(f"{count} {stage}" for stage, count in plan.passes.items()),
        "predicted": f"{plan.seconds(prices):.0f} engine seconds, {plan.usd(prices):.4f} USD",
    }
    changes = [Text(f"  {escape(line)}") for line in found.changes]
    return Group(screens.facts_table("Rollout", words), Text("Changes:"), *changes)


def unconfirmed(pipeline: Pipeline) -> Rollout | None:
    """What the running code would make for users whose release it does not make; None when there are none."""
    waiting = pipeline.plan().unconfirmed
    return prepare(pipeline, waiting) if waiting else None


def notice(found: Rollout | None, prices: Prices) -> screens.Screen:
    if found is None:
        return screens.NOTHING
    advice = Text(
        "Not confirmed: nothing is made for these users before `fashion rollout`.", style="bold yellow"
    )
    return Group(screen(found, prices), advice)
