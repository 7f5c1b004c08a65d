"""Commands that take in photos."""

from __future__ import annotations

from typing import Annotated

import typer

from fashion_assets.cli.app import Json, Photo, Replace, app, terminal, zoned
from tryon.core.words import Category


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

    agreed = zoned(consent_at)
    raise typer.Exit(uploads.add_user(terminal(context), user, photo, consent_version, agreed, replace))


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
    raise typer.Exit(uploads.add_item(terminal(context), item, photo, names, replace))
