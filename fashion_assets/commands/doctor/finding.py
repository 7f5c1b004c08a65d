"""One check of `fashion doctor`: what it found, and what to do where it failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.markup import escape

from fashion_assets.commands import screens
from tryon.core.errors import FashionError
from tryon.settings import Settings

NOT_YET = "not there yet; it is made at first use"


class Unwell(Exception):
    """A check failed. advice: what to do."""

    def __init__(self, detail: str, advice: str) -> None:
        super().__init__(detail)
        self.advice = advice


@dataclass(frozen=True)
class Finding:
    check: str
    ok: bool
    detail: str
    advice: str = ""


Check = Callable[[Settings], str]
"""Says what it found, or raises: Unwell, or whatever broke."""


def examine(name: str, check: Check, settings: Settings) -> Finding:
    try:
        return Finding(name, True, check(settings))
    except Unwell as error:
        return Finding(name, False, str(error), error.advice)
    except Exception as error:  # noqa: BLE001 - whatever breaks a check is its finding
        advice = "" if isinstance(error, FashionError) else "see docs/troubleshooting.md"
        return Finding(name, False, f"{type(error).__name__}: {error}", advice)


def screen(findings: list[Finding]) -> screens.Screen:
    found = screens.table("Doctor", "", "check", "found", "what to do")
    for finding in findings:
        state = "[green]ok[/]" if finding.ok else "[bold red]fail[/]"
        found.add_row(state, finding.check, escape(finding.detail), escape(finding.advice))
    return found
