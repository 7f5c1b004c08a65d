"""The `fashion` app, what every command shares, and the options that several take."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from fashion_assets.commands.terminal import Guarded, Terminal

app = typer.Typer(
    cls=Guarded,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Every user in every outfit, generated ahead of time. Begin with `fashion demo`.",
)


def terminal(context: typer.Context) -> Terminal:
    found: Terminal = context.find_root().obj
    return found


def set_json(context: typer.Context, value: bool) -> bool:
    terminal(context).as_json = value
    return value


def zoned(value: str | None) -> datetime | None:
    """Consent needs an exact moment, so a time without its zone is refused."""
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise typer.BadParameter("write a time with its zone, as in 2026-11-01T09:00:00Z")
    return found.astimezone(UTC)


Json = Annotated[bool, typer.Option("--json", callback=set_json, help="One JSON object on standard output.")]
Photo = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="An image file.")]
Replace = Annotated[bool, typer.Option("--replace", help="Change the photo of an id that exists.")]
User = Annotated[str | None, typer.Option("--user", help="Of this user only.")]


@app.callback()
def main(
    context: typer.Context,
    data: Annotated[
        Path | None, typer.Option("--data", help="Data folder; without it FASHION_DATA, else ./data.")
    ] = None,
) -> None:
    context.obj = Terminal(data)
