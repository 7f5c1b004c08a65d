"""The command that starts the HTTP services."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from fashion_assets.cli.app import Json, app, terminal

Host = Annotated[
    str, typer.Option("--host", help="Address to listen on; beyond the loopback FASHION_API_KEYS is needed.")
]
Port = Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Port; unset: the setting's.")]


class Precision(StrEnum):
    no = "no"
    fp16 = "fp16"
    bf16 = "bf16"


serve = typer.Typer(
    no_args_is_help=True,
    help="Start the HTTP services, each on its own port, until Ctrl-C (docs/services.md).",
)
app.add_typer(serve, name="serve")


def _add(name: str, what: str) -> None:
    @serve.command(name, help=what)
    def start(
        context: typer.Context, host: Host = "127.0.0.1", port: Port = None, as_json: Json = False
    ) -> None:
        from fashion_assets.commands import serve as command

        term = terminal(context)
        raise typer.Exit(command.serve(term, term.settings, [name], host, port))


_add("crop", "Garment crops of product photos.")
_add("masks", "Masks of people's photos.")
_add("splats", "A picture as 3D Gaussians.")
_add("lookbook", "What was generated: pages and API.")


@serve.command("tryon")
def tryon(
    context: typer.Context,
    host: Host = "127.0.0.1",
    port: Port = None,
    base_model: Annotated[
        str | None,
        typer.Option("--base-model", help="CatVTON's base: its published id, or a folder like it."),
    ] = None,
    resume_path: Annotated[
        str | None,
        typer.Option("--resume-path", help="CatVTON's attention: its published id, or a folder like it."),
    ] = None,
    width: Annotated[int | None, typer.Option("--width", help="Largest working width, in pixels.")] = None,
    height: Annotated[int | None, typer.Option("--height", help="Largest working height, in pixels.")] = None,
    mixed_precision: Annotated[
        Precision | None, typer.Option("--mixed-precision", help="Arithmetic of the models.")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", help="1: one model on one GPU.")] = 1,
    queue: Annotated[
        int | None, typer.Option("--queue", min=0, help="Requests that may wait for another one to end.")
    ] = None,
    as_json: Json = False,
) -> None:
    """A person in a garment."""
    from fashion_assets.commands import serve as command
    from fashion_assets.commands.tryon_options import TryonOptions

    term = terminal(context)
    asked = TryonOptions(
        base_model,
        resume_path,
        width,
        height,
        mixed_precision.value if mixed_precision else None,
        workers,
        queue,
    )
    raise typer.Exit(command.serve(term, asked.settings(term.data), ["tryon"], host, port))


@serve.command("all")
def everything(context: typer.Context, host: Host = "127.0.0.1", as_json: Json = False) -> None:
    """All five, in one process over the same engines."""
    from fashion_assets.commands import serve as command

    term = terminal(context)
    raise typer.Exit(command.serve(term, term.settings, [], host, None))
