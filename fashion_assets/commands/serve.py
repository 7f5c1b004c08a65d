"""`fashion serve`: the services, each on its own port, in one process."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import typer

from fashion_assets.commands import opening
from fashion_assets.commands.listening import bound, run
from fashion_assets.commands.terminal import OK, Terminal
from tryon.console import json_console
from tryon.services.opening import House, Service, check_keys, open_service
from tryon.settings import Settings


def serve(terminal: Terminal, settings: Settings, names: Sequence[str], host: str, port: int | None) -> int:
    """names: of the services; none means all."""
    services = [Service(name) for name in names] or [*Service]
    check_keys(settings, host)
    # A lookbook of a mistyped folder would be an empty one; the others need no uploads.
    opened = opening.open_known if services == [Service.LOOKBOOK] else opening.open_pipeline
    house = House(settings, lambda: opened(settings, json_console))
    with _bound(settings, services, host, port) as doors:
        house.pipeline  # noqa: B018 - what is wrong with the stores is told instead of addresses
        _tell(terminal, {name.value: _address(host, door.getsockname()[1]) for name, door in doors.items()})
        apps = {service: open_service(service, house) for service in services}
        run([(apps[service], doors[service]) for service in services])
    return OK


@contextmanager
def _bound(
    settings: Settings, services: Sequence[Service], host: str, port: int | None
) -> Iterator[Mapping[Service, socket.socket]]:
    """All ports are taken before anything is loaded. Raises FashionError naming the setting of one that is taken."""
    found: dict[Service, socket.socket] = {}
    try:
        for service in services:
            found[service] = bound(port or ports(settings)[service], f"FASHION_{service.upper()}_PORT", host)
        yield found
    finally:
        for door in found.values():
            door.close()


def ports(settings: Settings) -> dict[Service, int]:
    return {service: getattr(settings, f"{service}_port") for service in Service}


def _tell(terminal: Terminal, urls: Mapping[str, str]) -> None:
    """One line of JSON at most: every later line of standard output is a step of the log."""
    if terminal.as_json:
        typer.echo(json.dumps(urls))
    else:
        terminal.answer(urls, "\n".join(f"{name}: {url}" for name, url in urls.items()), "Ctrl-C ends it")
    sys.stdout.flush()


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
