"""A connection whose request never comes is closed; one whose answer takes long is not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from fashion_assets.commands import heads, listening

HEAD_SECONDS = 0.3
WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
Caller = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "HEAD_SECONDS", HEAD_SECONDS)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the whole request, then takes longer than a head may."""
    if scope["type"] == "http":
        await Request(scope, receive).body()
        await asyncio.sleep(2 * HEAD_SECONDS)
        await PlainTextResponse("slow but well")(scope, receive, send)


def with_server(call: Callable[[Callable[[], Awaitable[Caller]]], Awaitable[None]]) -> None:
    async def work() -> None:
        door = listening.bound(0, "FASHION_X")
        host, port = door.getsockname()
        server = listening.Server(listening._config(app))
        running = asyncio.create_task(server.serve(sockets=[door]))
        callers: list[Caller] = []

        async def connect() -> Caller:
            callers.append(await asyncio.open_connection(host, port))
            return callers[-1]

        try:
            async with asyncio.timeout(20):
                await call(connect)
        finally:
            for _, write in callers:
                write.close()
                with suppress(ConnectionError):
                    await write.wait_closed()
            server.stop()
            await running

    asyncio.run(work())


async def drip(caller: Caller) -> None:
    """A byte of a header again and again, until the other side closes."""
    read, write = caller
    write.write(b"GET / HTTP/1.1\r\nX-Long: ")
    with suppress(ConnectionError):
        while not read.at_eof():
            write.write(b"a")
            await write.drain()
            with suppress(TimeoutError):
                assert await asyncio.wait_for(read.read(1), 0.05) == b""


async def said(caller: Caller) -> bytes:
    read, _ = caller
    head = await read.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length: "))
    return await read.readexactly(int(length.split()[1]))


def test_half_a_head_and_no_head_at_all_are_closed() -> None:
    async def call(connect: Callable[[], Awaitable[Caller]]) -> None:
        silent = await connect()
        await drip(await connect())
        assert await silent[0].read() == b""

    with_server(call)


def test_a_slow_answer_is_waited_for_and_the_next_head_has_its_own_time() -> None:
    async def call(connect: Callable[[], Awaitable[Caller]]) -> None:
        caller = await connect()
        for _ in range(2):
            caller[1].write(WHOLE)
            assert await said(caller) == b"slow but well"
        await drip(caller)

    with_server(call)


def test_a_body_may_take_longer_than_a_head() -> None:
    async def call(connect: Callable[[], Awaitable[Caller]]) -> None:
        caller = await connect()
        caller[1].write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n")
        for _ in range(8):
            await asyncio.sleep(HEAD_SECONDS / 4)
            caller[1].write(b"a")
        assert await said(caller) == b"slow but well"

    with_server(call)


def test_of_too_many_connections_the_last_ones_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "CONNECTIONS", 2)

    async def call(connect: Callable[[], Awaitable[Caller]]) -> None:
        first, second = await connect(), await connect()
        first[1].write(WHOLE)
        second[1].write(WHOLE)
        assert (await second[0].readline()).startswith(b"HTTP/1.1 503 ")

    with_server(call)
