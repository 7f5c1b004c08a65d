"""Commands that keep a copy of everything, and put it back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fashion_assets.cli.app import Json, app, terminal

Kept = Annotated[Path, typer.Argument(file_okay=False, help="The backup's folder, on another disk.")]
Receipts = Annotated[
    Path | None,
    typer.Option("--receipts", exists=True, file_okay=False, help="The newest receipts of erasures."),
]


@app.command()
def backup(context: typer.Context, folder: Kept, as_json: Json = False) -> None:
    """Copy everything that cannot be made again into a folder, while runs go on."""
    from fashion_assets.commands import backup as command

    raise typer.Exit(command.backup(terminal(context), folder))


@app.command()
def restore(
    context: typer.Context,
    folder: Kept,
    receipts: Receipts = None,
    no_receipts: Annotated[
        bool, typer.Option("--no-receipts", help="Nobody was erased since the backup.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Put a backup into an empty data folder, every file compared; nobody who was erased since comes back."""
    from fashion_assets.commands import backup as command

    raise typer.Exit(command.restore_backup(terminal(context), folder, receipts, no_receipts))
