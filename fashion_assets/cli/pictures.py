"""The command that serves the pictures in Dagster's UI."""

from __future__ import annotations

import typer

from fashion_assets.cli.app import Json, app, terminal


@app.command()
def pictures(context: typer.Context, as_json: Json = False) -> None:
    """Serve the pictures that Dagster's UI shows, on the loopback, until Ctrl-C."""
    from fashion_assets.commands import pictures as command

    raise typer.Exit(command.pictures(terminal(context)))
