"""`fashion pictures`: the thumbnails of Dagster's UI, on the loopback."""

from __future__ import annotations

import sys

from fashion_assets.commands import opening
from fashion_assets.commands.terminal import OK, Terminal


def pictures(terminal: Terminal) -> int:
    from fashion_assets.commands.listening import bound, run
    from tryon.services.front.access import to_stderr
    from tryon.services.pictures import create_app

    settings = terminal.settings
    app = create_app(opening.open_known(settings), to_stderr)
    with bound(settings.pictures_port, "FASHION_PICTURES_PORT") as server:
        terminal.answer({"pictures": settings.pictures_url}, f"pictures on {settings.pictures_url}")
        sys.stdout.flush()
        run([(app, server)])
    return OK
