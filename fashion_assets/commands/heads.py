"""A connection must say what it wants within a while. uvicorn itself waits for ever, so that anybody, without a key,
could hold all connections by sending half a request."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEAD_SECONDS = 20.0
"""From the first byte, or from the beginning of a connection, to the empty line that ends a request's headers."""


class _Heads(asyncio.Protocol):
    """Over uvicorn's protocol, whichever parser it uses. cycle: of the newest request whose head is complete."""

    cycle: Any
    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._wait()
        else:
            self._done()

    def connection_lost(self, exc: Exception | None) -> None:
        self._done()
        super().connection_lost(exc)

    def _wait(self) -> None:
        # More bytes of the same head give it no more time.
        if self._late is None and not self.transport.is_closing():
            self._late = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _done(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


HTTP: type[asyncio.Protocol] = type("PatientHTTP", (_Heads, AutoHTTPProtocol), {})
"""Made here, since uvicorn chooses the parser when it is imported."""
