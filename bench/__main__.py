"""`python -m bench NAME --json`."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(add_completion=False, help=__doc__, no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="print one JSON object as the last line")]


def _show(figures: dict[str, object], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(figures))
    else:
        Console().print(figures)


@app.callback()
def _named() -> None:
    """A callback keeps the command's name required while there is only one."""


@app.command()
def overhead(users: int = 23, tops: int = 20, bottoms: int = 20, naive: bool = True, as_json: Json = False) -> None:
    """Milliseconds of machinery per outfit, with a null engine."""
    from bench.overhead import measure

    _show(measure(users, tops, bottoms, naive), as_json)


if __name__ == "__main__":
    app()
