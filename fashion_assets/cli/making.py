"""Commands that make things."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fashion_assets.cli.app import Json, User, app, terminal
from tryon.core.errors import BadInput, FashionError


@app.command()
def demo(
    context: typer.Context,
    report: Annotated[Path | None, typer.Option("--report", help="Write the result here too.")] = None,
    users: Annotated[
        int | None, typer.Option("--users", min=1, help="Only the first N sample users.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make every outfit of the sample catalogue and draw a contact sheet."""
    from fashion_assets.commands import demo as command

    raise typer.Exit(command.demo(terminal(context), report, users))


@app.command()
def plan(context: typer.Context, as_json: Json = False) -> None:
    """Say what is missing, and what it will take to make."""
    from fashion_assets.commands import reports

    raise typer.Exit(reports.plan(terminal(context)))


@app.command()
def pregenerate(
    context: typer.Context,
    force: Annotated[
        bool, typer.Option("--force", help="Make everything again, as a new generation.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make everything that is missing. Nothing missing: nothing is run."""
    from fashion_assets.commands import pregenerate as command

    raise typer.Exit(command.pregenerate(terminal(context), force))


@app.command()
def rollout(
    context: typer.Context,
    users: Annotated[
        list[str] | None,
        typer.Option("--user", help="For this user first; repeatable. Without it: everybody."),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Make everything again, as the next generation.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Confirm without being asked.")] = False,
    as_json: Json = False,
) -> None:
    """Show what a new engine or parameter changes and costs, and confirm it."""
    from fashion_assets.commands import rollout as command

    raise typer.Exit(command.rollout(terminal(context), users or [], again, yes))


@app.command()
def retry(
    context: typer.Context,
    user: User = None,
    item: Annotated[str | None, typer.Option("--item", help="Of this item only.")] = None,
    as_json: Json = False,
) -> None:
    """Let engines try again what they failed at too often."""
    from fashion_assets.commands import retry as command

    raise typer.Exit(command.retry(terminal(context), user, item))


@app.command()
def masks(
    context: typer.Context,
    data_json: Annotated[
        Path,
        typer.Option(
            "--data-json",
            exists=True,
            dir_okay=False,
            readable=True,
            help="A user's document; it is changed.",
        ),
    ],
    as_json: Json = False,
) -> None:
    """Make the masks of the photo that a data.json names, and write their addresses into it."""
    from fashion_assets.commands import data_json as command

    try:
        raise typer.Exit(command.write_masks(terminal(context), data_json))
    except BadInput as error:
        # Of the photo that the file names: no wrong use of this command.
        raise FashionError(str(error)) from None
