"""`fashion serve`: the services, each on its own port, in one process."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from fashion_assets.commands import opening
from fashion_assets.commands.terminal import OK, Terminal
from tryon.console import json_console
from tryon.core.errors import FashionError
from tryon.services.opening import House, Service, check_keys, open_service
from tryon.settings import Settings

HOST = "127.0.0.1"
GRACE_SECONDS = 5
"""For requests under way when the service is stopped; streams never end by themselves."""


def serve(terminal: Terminal, names: Sequence[str], host: str, port: int | None) -> int:
    """names: of the services; none means all."""
    services = [Service(name) for name in names] or [*Service]
    settings = terminal.settings
    check_keys(settings, host)
    house = House(settings, lambda: opening.open_pipeline(settings, json_console))
    with _bound(settings, services, host, port) as doors:
        apps = {service: open_service(service, house) for service in services}
        urls = {name.value: _address(host, door.getsockname()[1]) for name, door in doors.items()}
        terminal.answer(urls, "\n".join(f"{name}: {url}" for name, url in urls.items()), "Ctrl-C ends it")
        sys.stdout.flush()
        asyncio.run(_run([(apps[service], doors[service]) for service in services]))
    return OK


class _Server(uvicorn.Server):
    """Several run in one process: the process's signals are not one server's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _run(doors: Sequence[tuple[ASGIApp, socket.socket]]) -> None:
    """Until SIGINT or SIGTERM. Our own access log has ids only; uvicorn's would print whatever a caller wrote into an
    address."""
    servers = [
        _Server(
            uvicorn.Config(
                app,
                access_log=False,
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        for app, _ in doors
    ]

    def stop() -> None:
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    running = zip(servers, doors, strict=True)
    await asyncio.gather(*(server.serve(sockets=[door]) for server, (_, door) in running))


@contextmanager
def _bound(
    settings: Settings, services: Sequence[Service], host: str, port: int | None
) -> Iterator[Mapping[Service, socket.socket]]:
    """All ports are taken before anything is loaded. Raises FashionError naming the setting of one that is taken."""
    found: dict[Service, socket.socket] = {}
    try:
        for service in services:
            found[service] = bind(host, port or ports(settings)[service], f"{service.upper()}_PORT")
        yield found
    finally:
        for door in found.values():
            door.close()


def ports(settings: Settings) -> dict[Service, int]:
    return {service: getattr(settings, f"{service}_port") for service in Service}


def bind(host: str, port: int, setting: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        said = (
            f"port {port} of {host} cannot be used ({error.strerror}); end what uses it, name another with --port, or "
            f"set FASHION_{setting}"
        )
        raise FashionError(said) from None


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
