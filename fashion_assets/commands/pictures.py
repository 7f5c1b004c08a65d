"""`fashion pictures`: the thumbnails of Dagster's UI, on the loopback."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress

from fashion_assets.commands import opening
from fashion_assets.commands.terminal import OK, Terminal
from tryon.core.errors import FashionError
from tryon.core.events import utc_now

HOST = "127.0.0.1"


def pictures(terminal: Terminal) -> int:
    import uvicorn

    from tryon.services.pictures import create_app

    settings = terminal.settings
    app = create_app(opening.open_known(settings), access_log)
    with bound(settings.pictures_port, "FASHION_PICTURES_PORT") as server:
        terminal.answer({"pictures": settings.pictures_url}, f"pictures on {settings.pictures_url}")
        sys.stdout.flush()
        # Our own access log has ids only; uvicorn's would print whatever a caller wrote into an address.
        config = uvicorn.Config(app, access_log=False, log_config=None, server_header=False)
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[server])
    return OK


def access_log(facts: Mapping[str, object]) -> None:
    """One JSON line on standard error: standard output has the command's answer."""
    now = utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = {"timestamp": now, "event": "picture", **facts}
    print(json.dumps(line), file=sys.stderr, flush=True)  # noqa: T201


def bound(port: int, setting: str) -> socket.socket:
    """Listening on the loopback alone. Raises FashionError naming the setting when the port is taken."""
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        said = f"port {port} of {HOST} cannot be used ({error.strerror}); end what uses it, or set {setting}"
        raise FashionError(said) from None
