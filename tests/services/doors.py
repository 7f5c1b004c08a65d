"""The five services as `fashion serve all` opens them, on real servers, over engines that cost nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from bench.shelf import Shelf, standing
from tests.core.workshop import Workshop
from tests.services.sampled import wait_for
from tests.services.serving import served
from tryon.services.opening import House, Service, open_service
from tryon.settings import Settings


@contextmanager
def opened(folder: Path, **settings: object) -> Iterator[tuple[Mapping[str, str], Shelf]]:
    """Addresses by the services' names, and the shelf that they may fetch from. The lookbook has two people."""
    shop = Workshop()
    shop.run()
    pipeline = shop.open()
    with ExitStack() as stack:
        shelf = stack.enter_context(standing())
        known = Settings(data=folder, fetch_allowed=(shelf.place,), waiting=16, **settings)  # type: ignore[arg-type]
        house = House(known, lambda: pipeline, tell=lambda line: None)
        urls = {
            service.value: stack.enter_context(served(open_service(service, house))) for service in Service
        }
        for url in urls.values():
            with httpx.Client(base_url=url) as client:
                wait_for(client)
        yield urls, shelf
