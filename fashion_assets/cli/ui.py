"""The command that starts everything a team looks at."""

from __future__ import annotations

import typer

from fashion_assets.cli.app import Json, app, terminal


@app.command()
def ui(context: typer.Context, as_json: Json = False) -> None:
    """Start Dagster's UI, its daemon and its pictures, until Ctrl-C."""
    from fashion_assets.commands import ui as command

    raise typer.Exit(command.ui(terminal(context)))
