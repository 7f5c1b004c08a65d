"""The command line `fashion`: names and options only; fashion_assets/commands/ does the work.

Exit codes: 0 done, 1 something is missing or failed (and said), 2 bad use.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from fashion_assets.commands.terminal import Guarded, Terminal
from tryon.core.words import Category

app = typer.Typer(
    cls=Guarded,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Every user in every outfit, generated ahead of time. Begin with `fashion demo`.",
)


def _terminal(context: typer.Context) -> Terminal:
    found: Terminal = context.find_root().obj
    return found


def _as_json(context: typer.Context, value: bool) -> bool:
    _terminal(context).as_json = value
    return value


def _zoned(value: str | None) -> datetime | None:
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


Json = Annotated[bool, typer.Option("--json", callback=_as_json, help="One JSON object on standard output.")]
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

    raise typer.Exit(command.demo(_terminal(context), report, users))


@app.command()
def plan(context: typer.Context, as_json: Json = False) -> None:
    """Say what is missing, and what it will take to make."""
    from fashion_assets.commands import reports

    raise typer.Exit(reports.plan(_terminal(context)))


@app.command("add-user")
def add_user(
    context: typer.Context,
    user: Annotated[str, typer.Argument(help="An opaque id, never a person's name.")],
    photo: Photo,
    consent_version: Annotated[
        str | None, typer.Option("--consent-version", help="The consent text the person agreed to.")
    ] = None,
    consent_at: Annotated[
        str | None, typer.Option("--consent-at", help="When they agreed; without it now.")
    ] = None,
    replace: Replace = False,
    as_json: Json = False,
) -> None:
    """Add a full-body photo of somebody who consented."""
    from fashion_assets.commands import uploads

    agreed = _zoned(consent_at)
    raise typer.Exit(uploads.add_user(_terminal(context), user, photo, consent_version, agreed, replace))


@app.command("add-item")
def add_item(
    context: typer.Context,
    item: Annotated[str, typer.Argument(help="The item's id.")],
    photo: Photo,
    category: Annotated[list[Category], typer.Option("--category", "-c", help="What it shows; repeatable.")],
    replace: Replace = False,
    as_json: Json = False,
) -> None:
    """Add a product photo with the garments it shows."""
    from fashion_assets.commands import uploads

    names = [one.value for one in category]
    raise typer.Exit(uploads.add_item(_terminal(context), item, photo, names, replace))


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

    raise typer.Exit(command.pregenerate(_terminal(context), force))


@app.command()
def status(context: typer.Context, as_json: Json = False) -> None:
    """Say how much of each user's outfits is there, and what was refused."""
    from fashion_assets.commands import reports

    raise typer.Exit(reports.status(_terminal(context)))


@app.command()
def why(
    context: typer.Context,
    user: Annotated[str, typer.Argument(help="A user id, as in u1.")],
    outfit: Annotated[str, typer.Argument(help="An outfit id, as in tee-sun.tops+jeans-blue.bottoms.")],
    as_json: Json = False,
) -> None:
    """Say why one outfit can be shown, or exactly why it cannot (exit code 1)."""
    from fashion_assets.commands import reports

    raise typer.Exit(reports.why(_terminal(context), user, outfit))


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
        bool, typer.Option("--json", callback=_as_json, help="One JSON object a line.")
    ] = False,
) -> None:
    """Show the newest events of the log, or those after a position."""
    from fashion_assets.commands import logs as command

    raise typer.Exit(command.logs(_terminal(context), user, follow, after, limit))


@app.command()
def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Where to write, one folder a user.")],
    user: User = None,
    as_json: Json = False,
) -> None:
    """Copy every published image and splat, verified, with a manifest for each user."""
    from fashion_assets.commands import export as command

    raise typer.Exit(command.export(_terminal(context), folder, user))


@app.command()
def doctor(context: typer.Context, as_json: Json = False) -> None:
    """Check everything the pipeline stands on, and say what to do."""
    from fashion_assets.commands import doctor as command

    raise typer.Exit(command.doctor(_terminal(context)))
