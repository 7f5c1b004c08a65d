"""Live logs have so many places; each is taken before anything is waited for, and given back however a stream ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.contract.verdicts import upload
from tests.core.workshop import Workshop
from tests.fakes import MemoryEventLog, MemoryRecords
from tryon.core.errors import UnknownUpload
from tryon.core.uploads import UploadKind
from tryon.services.front import ServiceError
from tryon.services.lookbook.stream import Pace, Streams

PLACES = 3


@pytest.fixture
def streams() -> Streams:
    records = MemoryRecords()
    records.register([upload(UploadKind.USER, "ann"), upload(UploadKind.ITEM, "tee")])
    shop = Workshop(records=records, log=MemoryEventLog())
    return Streams(shop.open(), Pace(first=0.01, last=0.02, streams=PLACES))


async def close(texts: AsyncIterator[str]) -> None:
    await texts.aclose()  # type: ignore[attr-defined]


def test_of_many_who_come_at_once_only_so_many_are_let_in(streams: Streams) -> None:
    async def come() -> None:
        found = await asyncio.gather(*(streams.open("ann", 0) for _ in range(10)), return_exceptions=True)
        refused = [one for one in found if isinstance(one, ServiceError)]
        assert [one.code for one in refused] == ["busy"] * (10 - PLACES)
        assert streams.open_now == PLACES

    asyncio.run(come())


def test_whoever_is_unknown_takes_no_place(streams: Streams) -> None:
    async def come() -> None:
        for _ in range(2 * PLACES):
            with pytest.raises(UnknownUpload):
                await streams.open("nobody", 0)

    asyncio.run(come())
    assert streams.open_now == 0


def test_a_stream_that_never_began_gives_its_place_back(streams: Streams) -> None:
    async def come() -> None:
        await close(await streams.open("ann", 0))
        assert streams.open_now == 0
        left = await streams.open("ann", 0)
        assert streams.open_now == 1
        del left
        assert streams.open_now == 0

    asyncio.run(come())


def test_a_reader_who_goes_gives_the_place_back(streams: Streams) -> None:
    async def come() -> None:
        texts = await streams.open("ann", 0)
        assert (await anext(texts)).startswith("retry: ")
        assert streams.open_now == 1
        await close(texts)
        assert streams.open_now == 0

    asyncio.run(come())


def test_streams_end_at_once_when_the_server_stops(streams: Streams) -> None:
    async def come() -> list[str]:
        stopping, heard = asyncio.Event(), list[str]()
        async for text in await streams.open("ann", 0, stopping):
            heard.append(text)
            stopping.set()
        return heard

    assert len(asyncio.run(come())) == 1
    assert streams.open_now == 0
