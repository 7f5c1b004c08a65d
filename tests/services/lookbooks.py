"""A small lookbook that was made once, behind its front, on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.core.lookbooks import copied
from tests.core.workshop import Workshop
from tests.services.serving import served
from tryon.services.front import Front, behind, envelope
from tryon.services.lookbook import create_app
from tryon.services.lookbook.stream import Pace

ANN, BEN = "u0000", "u0001"
LOOK, TOP, BOTTOM, DRESS = "t0000.tops+b0001.bottoms", "t0000.tops", "b0001.bottoms", "d0000.dress"
DAGSTER = "http://dagster.test"
QUICK = Pace(first=0.02, last=0.05, heartbeat=0.2, streams=4)
RUN = "5b1ff2f4-2d0e-4a38-9d2c-0c5a2b6d5a10"


@dataclass(frozen=True)
class Book:
    """The open service. client: goes to it."""

    shop: Workshop
    client: httpx.Client

    def get(self, path: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers=named)

    def json(self, path: str) -> Any:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def error(self, path: str, status: int) -> dict[str, str]:
        """What is inside the envelope."""
        answer = self.get(path)
        assert answer.status_code == status, answer.text
        assert list(answer.json()) == ["error"]
        found: dict[str, str] = answer.json()["error"]
        return found


@contextmanager
def opened(shop: Workshop, convert: Any = None) -> Iterator[Book]:
    more = {"convert": convert} if convert else {}
    app = create_app(shop.open(), DAGSTER, pace=QUICK, **more)
    front = Front("lookbook", envelope, public=frozenset({"/health"}), tell=lambda _: None)
    with served(behind(front, app)) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield Book(shop, client)


def made() -> Workshop:
    shop = Workshop()
    shop.run(RUN)
    return shop


def fresh(shop: Workshop) -> Workshop:
    """One to change."""
    return copied(shop)
