"""Commands that show and switch what starts runs by itself."""

from __future__ import annotations

from typing import Annotated

import typer

from fashion_assets.cli.app import Json, app, terminal

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME]...", help="Sensors or schedules; without one, all of them."),
]


@app.command()
def automation(context: typer.Context, as_json: Json = False) -> None:
    """List the sensors and schedules: running or paused, and their last tick."""
    from fashion_assets.commands import automation as command

    raise typer.Exit(command.automation(terminal(context)))


@app.command()
def pause(context: typer.Context, names: Names = None, as_json: Json = False) -> None:
    """Switch sensors and schedules off. Runs that are going on go on."""
    from fashion_assets.commands import automation as command

    raise typer.Exit(command.turn(terminal(context), names or [], running=False))


@app.command()
def resume(context: typer.Context, names: Names = None, as_json: Json = False) -> None:
    """Switch sensors and schedules on."""
    from fashion_assets.commands import automation as command

    raise typer.Exit(command.turn(terminal(context), names or [], running=True))
