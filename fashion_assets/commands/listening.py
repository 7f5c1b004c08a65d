"""Servers of this process: their sockets, and how they run and end together."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from fashion_assets.commands.heads import HTTP
from fashion_assets.commands.server_log import tell_as_json
from tryon.core.errors import FashionError
from tryon.services import stopping

HOST = "127.0.0.1"
GRACE_SECONDS = 5
"""For requests under way when a service is stopped; streams end at once."""
CONNECTIONS = 500
"""Of one service; whoever comes then is answered 503. Each takes a file of the process, which usually has 1024."""


def bound(port: int, setting: str, host: str = HOST) -> socket.socket:
    """Listening. Raises FashionError naming the setting when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        door = socket.create_server((host, port), family=family)
    except OSError as error:
        said = f"port {port} of {host} cannot be used ({error.strerror}); end what uses it, or set {setting}"
        raise FashionError(said) from None
    # What it accepts inherits it. asyncio sets it only where a socket names its protocol, which this one does not; an
    # answer of two pieces would wait 40 ms for the caller's acknowledgement of the first one.
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door


def run(doors: Sequence[tuple[ASGIApp, socket.socket]]) -> None:
    """Every app on its socket, until SIGINT or SIGTERM."""
    # Whatever was imported stays for good: looking through all of it for garbage would hold up every request for some
    # 150 ms, again and again.
    gc.collect()
    gc.freeze()
    tell_as_json()
    # uvloop, where it is installed: a tenth less of a processor for each request.
    loop_factory = _config(doors[0][0]).get_loop_factory()
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(_run(doors))


class Server(uvicorn.Server):
    """Several run in one process: the process's signals are not one server's. stopping: heard by its requests."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopping = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.lifespan.state[stopping.KEY] = self.stopping
        await super().startup(sockets)

    def stop(self) -> None:
        self.stopping.set()
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _run(doors: Sequence[tuple[ASGIApp, socket.socket]]) -> None:
    servers = [Server(_config(app)) for app, _ in doors]

    def stop() -> None:
        for server in servers:
            server.stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    running = zip(servers, doors, strict=True)
    await asyncio.gather(*(server.serve(sockets=[door]) for server, (_, door) in running))


def _config(app: ASGIApp) -> uvicorn.Config:
    """Our own access log has ids only; uvicorn's would print whatever a caller wrote into an address."""
    return uvicorn.Config(
        app,
        http=HTTP,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
