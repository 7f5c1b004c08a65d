"""Commands that ask a running service: `fashion check ...`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from fashion_assets.cli.app import Json, app, terminal

checks = typer.Typer(
    no_args_is_help=True, help="Ask a running service as its clients do: times and failures."
)
app.add_typer(checks, name="check")

Url = Annotated[str, typer.Argument(help="The service's address, as in http://127.0.0.1:8001.")]
Key = Annotated[
    str | None, typer.Option("--key", envvar="FASHION_API_KEY", help="An API key of the service.")
]
Quick = Annotated[bool, typer.Option("--quick", help="Its health alone.")]
Many = Annotated[int, typer.Option("--many", min=0, help="Images of the long form; 0 leaves it out.")]
Timeout = Annotated[float, typer.Option("--timeout", min=1, help="Seconds that one request may take.")]
Lend = Annotated[
    int, typer.Option("--lend", min=1, max=65535, help="Port at which sample photos are lent to the service.")
]


class ClothType(StrEnum):
    UPPER = "upper"
    LOWER = "lower"
    OVERALL = "overall"


def photo_file(option: str, text: str) -> Any:
    return typer.Option(option, help=text, exists=True, dir_okay=False, readable=True)


@checks.command()
def crop(
    context: typer.Context,
    url: Url,
    photo: Annotated[
        list[str] | None,
        typer.Option(
            "--photo", help="An address, then what it shows: 'https://... tops bottoms'; repeatable."
        ),
    ] = None,
    key: Key = None,
    quick: Quick = False,
    many: Many = 64,
    at_once: Annotated[int, typer.Option("--at-once", min=1, max=64, help="Requests of the long form.")] = 4,
    timeout: Timeout = 600.0,
    lend: Lend = 8090,
    as_json: Json = False,
) -> None:
    """Ask the crop service for 1, 2 and 3 items, and for 64 images."""
    from fashion_assets.commands.check import runs

    door = runs.Door(url, key, timeout)
    raise typer.Exit(runs.crop(terminal(context), door, photo or [], many, at_once, quick, lend))


@checks.command()
def masks(
    context: typer.Context,
    url: Url,
    photo: Annotated[
        list[str] | None, typer.Option("--photo", help="Address of a person's photo; repeatable.")
    ] = None,
    key: Key = None,
    quick: Quick = False,
    many: Many = 64,
    timeout: Timeout = 600.0,
    lend: Lend = 8090,
    as_json: Json = False,
) -> None:
    """Ask the mask service for one person, for every kind of mask, and for 64 people at once."""
    from fashion_assets.commands.check import runs

    door = runs.Door(url, key, timeout)
    raise typer.Exit(runs.masks(terminal(context), door, photo or [], many, quick, lend))


@checks.command()
def tryon(
    context: typer.Context,
    url: Url,
    person: Annotated[Path | None, photo_file("--person", "A person's photo.")] = None,
    cloth: Annotated[Path | None, photo_file("--cloth", "A garment's photo.")] = None,
    cloth_type: Annotated[
        ClothType | None, typer.Option("--cloth-type", help="What the garment is; upper unless told.")
    ] = None,
    steps: Annotated[int, typer.Option("--steps", min=1, help="num_inference_steps of each request.")] = 50,
    key: Key = None,
    quick: Quick = False,
    many: Many = 64,
    timeout: Timeout = 600.0,
    as_json: Json = False,
) -> None:
    """Ask the try-on service for a top, a bottom and a whole outfit, and for 64 images one after the other."""
    from fashion_assets.commands.check import runs

    door = runs.Door(url, key, timeout)
    raise typer.Exit(runs.tryon(terminal(context), door, person, cloth, cloth_type, steps, many, quick))


@checks.command()
def splats(
    context: typer.Context,
    url: Url,
    photo: Annotated[Path | None, photo_file("--photo", "A finished look.")] = None,
    key: Key = None,
    quick: Quick = False,
    many: Many = 64,
    timeout: Timeout = 600.0,
    as_json: Json = False,
) -> None:
    """Ask the splat service for JSON, a PLY, a batch, and 64 images one after the other."""
    from fashion_assets.commands.check import runs

    door = runs.Door(url, key, timeout)
    raise typer.Exit(runs.splats(terminal(context), door, photo, many, quick))
