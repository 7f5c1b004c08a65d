"""A service as its callers meet it: a real server on the loopback, asked over real HTTP."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from fashion_assets.commands.listening import Server
from tests.peers.serving import free_port


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The address of the running server. Afterwards nothing of it is left: streams end, connections are closed."""
    port, loops = free_port(), list[asyncio.AbstractEventLoop]()
    config = uvicorn.Config(
        app, port=port, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=5
    )
    server = Server(config)

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        await server.serve()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive(), "the server ended while it started"
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        loops[0].call_soon_threadsafe(server.stop)
        thread.join(20)
        assert not thread.is_alive(), "the server did not stop"
