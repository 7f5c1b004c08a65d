"""Commands that show what is there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fashion_assets.cli.app import Json, User, app, set_json, terminal


@app.command()
def status(context: typer.Context, as_json: Json = False) -> None:
    """Say how much of each user's outfits is there, and what was refused."""
    from fashion_assets.commands import reports

    raise typer.Exit(reports.status(terminal(context)))


@app.command()
def why(
    context: typer.Context,
    user: Annotated[str, typer.Argument(help="A user id, as in u1.")],
    outfit: Annotated[str, typer.Argument(help="An outfit id, as in tee-sun.tops+jeans-blue.bottoms.")],
    as_json: Json = False,
) -> None:
    """Say why one outfit can be shown, or exactly why it cannot (exit code 1)."""
    from fashion_assets.commands import reports

    raise typer.Exit(reports.why(terminal(context), user, outfit))


@app.command()
def logs(
    context: typer.Context,
    user: User = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    after: Annotated[
        int | None, typer.Option("--after", min=0, help="Oldest first, after this position.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="At most this many; 0 is all.")] = 100,
    as_json: Annotated[
        bool, typer.Option("--json", callback=set_json, help="One JSON object a line.")
    ] = False,
) -> None:
    """Show the newest events of the log, or those after a position."""
    from fashion_assets.commands import logs as command

    raise typer.Exit(command.logs(terminal(context), user, follow, after, limit))


@app.command()
def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Where to write, one folder a user.")],
    user: User = None,
    sog: Annotated[
        bool, typer.Option("--sog", help="Also write each splat as a SOG file (needs splat-transform).")
    ] = False,
    as_json: Json = False,
) -> None:
    """Copy every published image and splat, verified, with a manifest for each user."""
    from fashion_assets.commands import export as command

    raise typer.Exit(command.export(terminal(context), folder, user, sog))


@app.command()
def doctor(
    context: typer.Context,
    online: Annotated[bool, typer.Option("--online", help="Also ask the model hub for an answer.")] = False,
    as_json: Json = False,
) -> None:
    """Check everything the pipeline stands on, and say what to do."""
    from fashion_assets.commands import doctor as command

    raise typer.Exit(command.doctor(terminal(context), online))
