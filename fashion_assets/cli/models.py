"""Commands about the weights of neural engines: `fashion models ...`."""

from __future__ import annotations

from typing import Annotated

import typer

from fashion_assets.cli.app import Json, app, terminal

models = typer.Typer(no_args_is_help=True, help="The published weights that neural engines load.")
app.add_typer(models, name="models")


@models.command()
def pull(
    context: typer.Context,
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Models; without one, what the settings' engines need."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Download models into the cache, checked; an interrupted download goes on where it stopped."""
    from fashion_assets.commands import models as command

    raise typer.Exit(command.pull(terminal(context), ids or []))


@models.command("list")
def list_models(context: typer.Context, as_json: Json = False) -> None:
    """Show every model: licence, commit, whether it is there, and whether the settings need it."""
    from fashion_assets.commands import models as command

    raise typer.Exit(command.list_models(terminal(context)))


@models.command()
def verify(
    context: typer.Context,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Models; without one, all that are there.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read and hash every file of the models that are there, without a network."""
    from fashion_assets.commands import models as command

    raise typer.Exit(command.verify(terminal(context), ids or []))
