"""The sample engines behind a service, and clients that send it photos of the sample catalogue."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from fastapi import FastAPI

from tests.fakes import MemoryBlobs, MemoryEventLog, MemoryRecords, MemoryUploads
from tests.services.serving import served
from tryon.core.events import Journal, utc_now
from tryon.core.materials import Materials
from tryon.core.pipeline import Stages
from tryon.profiles.engines import stages_of
from tryon.services.engine_room import EngineRoom
from tryon.services.front import Front, behind, detail
from tryon.settings import Settings

UPLOADS = Path(__file__).parents[2] / "studio/catalogue/uploads"
PERSON = (UPLOADS / "users/u1.jpg").read_bytes()
SHIRT = (UPLOADS / "items/tee-sun.jpg").read_bytes()


def sample_stages() -> Stages:
    records = MemoryRecords()
    return stages_of(Materials(MemoryUploads(), MemoryBlobs(), records), Settings(), records)


def journal_of(log: MemoryEventLog) -> Journal:
    return Journal(log, lambda _: None, utc_now)


def nothing() -> None:
    """Loads nothing."""


@contextmanager
def asked(make: Callable[[EngineRoom], FastAPI], room: EngineRoom | None = None) -> Iterator[httpx.Client]:
    """A client of the service behind its front, whose models are loaded."""
    room = room or EngineRoom(nothing)
    app = behind(Front("tests", detail, tell=lambda facts: None), make(room))
    with served(app) as address, httpx.Client(base_url=address, timeout=60) as client:
        wait_for(client)
        yield client
    room.close()


def wait_for(client: httpx.Client, status: int = 200) -> httpx.Response:
    """Until /health answers so."""
    deadline = time.monotonic() + 30
    while (answer := client.get("/health")).status_code != status:
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.01)
    return answer
