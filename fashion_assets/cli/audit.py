"""`fashion audit`."""

from __future__ import annotations

from typing import Annotated

import typer

from fashion_assets.cli.app import Json, app, terminal


@app.command()
def audit(
    context: typer.Context,
    repair: Annotated[
        bool, typer.Option("--repair", help="Delete what nobody needs; withdraw what is damaged.")
    ] = False,
    grace_days: Annotated[
        float, typer.Option("--grace-days", min=0, help="Keep superseded results this long.")
    ] = 7.0,
    as_json: Json = False,
) -> None:
    """Compare every stored file with its record, byte by byte (exit code 1 when something is wrong)."""
    from fashion_assets.commands import audit as command

    raise typer.Exit(command.audit(terminal(context), repair, grace_days))
