"""Commands that erase, and prove it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fashion_assets.cli.app import Json, app, terminal
from tryon.core.uploads import UploadKind

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command("erase-user")
def erase_user(
    context: typer.Context,
    user: Annotated[str, typer.Argument(help="A user id, as in u1.")],
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Erase a person: photo, consent, every result, log. Verified, with a signed receipt."""
    from fashion_assets.commands import erasing

    raise typer.Exit(erasing.erase(terminal(context), UploadKind.USER, user, yes))


@app.command("erase-item")
def erase_item(
    context: typer.Context,
    item: Annotated[str, typer.Argument(help="An item id, as in tee-sun.")],
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Erase an item, with every outfit of every user that it is part of."""
    from fashion_assets.commands import erasing

    raise typer.Exit(erasing.erase(terminal(context), UploadKind.ITEM, item, yes))


@app.command("erase-expired")
def erase_expired(
    context: typer.Context,
    sure: Annotated[
        bool, typer.Option("--all", help="Also when more than half of all users or items are gone.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Finish unfinished erasures, and erase what may not be kept any longer."""
    from fashion_assets.commands import erasing

    raise typer.Exit(erasing.erase_expired(terminal(context), sure))


@app.command("verify-receipt")
def verify_receipt(
    context: typer.Context,
    receipt: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A receipt of an erasure.")],
    as_json: Json = False,
) -> None:
    """Say whether a receipt is ours and unaltered (exit code 1 if not)."""
    from fashion_assets.commands import erasing

    raise typer.Exit(erasing.verify(terminal(context), receipt))
