"""The command that starts the HTTP services."""

from __future__ import annotations

from typing import Annotated

import typer

from fashion_assets.cli.app import Json, app, terminal

Host = Annotated[
    str, typer.Option("--host", help="Address to listen on; beyond the loopback FASHION_API_KEYS is needed.")
]
Port = Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Port; unset: the setting's.")]

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

        raise typer.Exit(command.serve(terminal(context), [name], host, port))


_add("crop", "Garment crops of product photos.")
_add("masks", "Masks of people's photos.")
_add("tryon", "A person in a garment.")
_add("splats", "A picture as 3D Gaussians.")
_add("lookbook", "What was generated: pages and API.")


@serve.command("all")
def everything(context: typer.Context, host: Host = "127.0.0.1", as_json: Json = False) -> None:
    """All five, in one process over the same engines."""
    from fashion_assets.commands import serve as command

    raise typer.Exit(command.serve(terminal(context), [], host, None))
