"""What every call of a service does beside its work: it is logged, and its answer is sent in pieces."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import StreamingResponse

from tryon.core.errors import DeviceMissing
from tryon.core.events import EventKind, Journal, LogEvent
from tryon.core.ports import device_of
from tryon.core.stages.telling import said
from tryon.core.words import Refused
from tryon.services.front import request_id, user_id

T = TypeVar("T")
PIECE = 256 * 1024
"""Bytes that are handed to the network at a time: it takes the next ones when these are gone."""


@dataclass(frozen=True, slots=True)
class Caller:
    """run_id: of the request. user_id: for whom it is asked, where the caller says so."""

    run_id: str
    user_id: str | None

    @classmethod
    def of(cls, request: Request) -> Caller:
        return cls(request_id(request), user_id(request))


@dataclass(frozen=True)
class Logged:
    """One step of a service in the log: its start, and its end, refusal or failure."""

    journal: Journal
    component: str
    step: str
    caller: Caller

    def run(self, work: Callable[[], T | Refused], done: Callable[[T], str] | None = None) -> T | Refused:
        """Blocks: the log is durable before the work begins. done: what its last line says."""
        self._write(EventKind.STARTED, f"{self.step} started")
        begun = time.perf_counter()
        try:
            found = work()
        except Exception as error:
            self._write(EventKind.FAILED, said(error), begun)
            raise
        if isinstance(found, Refused):
            self._write(EventKind.REFUSED, f"{found.code}: {found.message}", begun)
        else:
            self._write(EventKind.FINISHED, done(found) if done else f"{self.step} is done", begun)
        return found

    def _write(self, kind: EventKind, message: str, begun: float | None = None) -> None:
        took = None if begun is None else 1000 * (time.perf_counter() - begun)
        now, who = self.journal.timestamp(), self.caller
        line = LogEvent(
            now, who.user_id, None, self.component, self.step, kind, who.run_id, None, took, message
        )
        write = self.journal.write_or_say if kind is EventKind.FAILED else self.journal.write
        write([line])


def loading(journal: Journal, component: str, asked: str, load: Callable[[], object]) -> Callable[[], None]:
    """What an engine room does at its start: load, and say where the engine really runs.

    asked: FASHION_DEVICE. load: answers the engine whose device counts. Raises DeviceMissing where a GPU was asked for
    and the CPU would be used.
    """

    def begin() -> None:
        step = Logged(journal, component, "load", Caller(f"start-{uuid4().hex}", None))
        step.run(lambda: _checked(asked, device_of(load())), lambda device: f"Using device: {device}")

    return begin


def _checked(asked: str, device: str) -> str:
    if asked == "cuda" and device != "cuda":
        raise DeviceMissing(
            "FASHION_DEVICE=cuda, but this engine runs on the CPU only; choose another engine, or set it to cpu"
        )
    return device


def in_pieces(data: bytes, media_type: str, headers: dict[str, str] | None = None) -> StreamingResponse:
    """A large answer: what a slow reader has not taken yet is kept once, and not again by the network."""

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(data), PIECE):
            yield data[start : start + PIECE]

    length = {"Content-Length": str(len(data))}
    return StreamingResponse(pieces(), media_type=media_type, headers={**length, **(headers or {})})
