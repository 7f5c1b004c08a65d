"""The command that writes what the services promise."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fashion_assets.cli.app import Json, app, terminal


@app.command()
def openapi(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Where to write, one file a service.")],
    as_json: Json = False,
) -> None:
    """Write the OpenAPI schema of each service, for tools that make clients of them."""
    from fashion_assets.commands import openapi as command

    raise typer.Exit(command.openapi(terminal(context), folder))
