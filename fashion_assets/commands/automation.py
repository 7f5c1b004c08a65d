"""`fashion automation`, `pause` and `resume`: what starts runs by itself, and switching it off and on."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape

from fashion_assets.commands import opening, screens
from fashion_assets.commands.terminal import OK, Terminal
from fashion_assets.switches import Switch, Switches


def automation(terminal: Terminal) -> int:
    found = _switches(terminal).read()
    terminal.answer({"automation": _facts(found)}, _screen(found))
    return OK


def turn(terminal: Terminal, names: Sequence[str], running: bool) -> int:
    """Pause (or resume) these, or all where none is named."""
    changed, found = _switches(terminal).turn(names, running)
    done = "resumed" if running else "paused"
    said = f"{done}: {', '.join(changed)}" if changed else f"nothing to do: {done} already"
    terminal.answer({"changed": changed, "automation": _facts(found)}, said, _screen(found))
    return OK


def _switches(terminal: Terminal) -> Switches:
    """Of a folder that is in use: pausing the wrong one must not look like success."""
    settings = terminal.settings
    opening.open_known(settings)
    return Switches(settings.data, opening.dagster_log(settings), url=settings.dagster_postgres_url)


def _facts(found: Sequence[Switch]) -> list[dict[str, object]]:
    return [
        {
            "name": switch.name,
            "kind": switch.kind,
            "running": switch.running,
            "last_tick": switch.last
            and {
                "at": switch.last.at.isoformat(timespec="seconds"),
                "result": switch.last.result,
                "detail": switch.last.detail,
            },
        }
        for switch in found
    ]


def _screen(found: Sequence[Switch]) -> screens.Screen:
    table = screens.table("Automation", "name", "kind", "state", "last tick (UTC)", "result")
    for switch in found:
        state = "[green]running[/]" if switch.running else "[yellow]paused[/]"
        at, result = "never", ""
        if switch.last:
            at = f"{switch.last.at:%Y-%m-%d %H:%M:%S}"
            result = ": ".join(filter(None, [switch.last.result, switch.last.detail]))
        table.add_row(switch.name, switch.kind, state, at, escape(result))
    return table
