"""`fashion check SERVICE URL`: requests as its clients send them, with times and failures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fashion_assets.commands.check import screen
from fashion_assets.commands.check.asking import Door
from fashion_assets.commands.check.forms import Form, Outcome, send
from fashion_assets.commands.terminal import INCOMPLETE, OK, Terminal


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send. quick: the health form alone. at_once: requests of a form with many. lent: host and port of the
    photos that are lent, if any are."""

    service: str
    health: Form
    rest: Sequence[Form]
    quick: bool = False
    at_once: int = 1
    lent: str = ""


PRIVATE = ("another port than", "public server")
"""In what services say of addresses that they do not fetch, as those of their own machine."""


def check(terminal: Terminal, door: Door, plan: Plan) -> int:
    """A service that is not healthy is not asked for more."""
    with door.client:
        outcomes = [send(door, plan.health)]
        for form in () if plan.quick or outcomes[0].failures else plan.rest:
            terminal.notes.print(f"{plan.service}: {form.name} ...")
            outcomes.append(send(door, form, plan.at_once))
    return _answer(terminal, door, plan, outcomes)


def _advice(outcomes: Sequence[Outcome], lent: str) -> str | None:
    """What to do where the service may not fetch the photos that are lent to it."""
    failures = [failure for outcome in outcomes for failure in outcome.failures]
    if not lent or not any(words in failure for failure in failures for words in PRIVATE):
        return None
    return (
        f"start the service with FASHION_FETCH_ALLOWED={lent}, or name photos with --photo that it can reach"
    )


def _answer(terminal: Terminal, door: Door, plan: Plan, outcomes: Sequence[Outcome]) -> int:
    well = not any(outcome.failures for outcome in outcomes)
    advice = _advice(outcomes, plan.lent)
    facts = {
        "ok": well,
        "service": plan.service,
        "url": door.url,
        "forms": [outcome.facts() for outcome in outcomes],
        "advice": advice,
    }
    table = screen.draw(f"{plan.service} at {door.url}", outcomes)
    terminal.answer(facts, table, *([advice] if advice else []))
    return OK if well else INCOMPLETE
