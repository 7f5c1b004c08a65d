"""Live logs over every log: a stream that is cut again and again gives each event once, in order."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest

from tests.contract.test_event_log import event
from tests.contract.verdicts import ANN, upload
from tests.core.workshop import Workshop
from tryon.core.errors import UnknownUpload
from tryon.core.events import EventLog
from tryon.core.ports import Records
from tryon.core.uploads import UploadKind
from tryon.services.lookbook.stream import Pace, Streams

EVENTS, CUT = 60, 7
QUICK = Pace(first=0.01, last=0.02, heartbeat=60)


def streams_over(records: Records, log: EventLog) -> Streams:
    records.register([upload(UploadKind.USER, "ann"), upload(UploadKind.ITEM, "tee")])
    return Streams(Workshop(records=records, log=log).open(), QUICK)  # type: ignore[arg-type]


async def take(streams: Streams, after: int, count: int) -> list[tuple[int, str]]:
    """Position and step of the next events; then the reader goes."""
    found: list[tuple[int, str]] = []
    texts = await streams.open("ann", after)
    async for text in texts:
        for frame in filter(None, text.split("\n\n")):
            fields = dict(line.split(": ", 1) for line in frame.splitlines())
            assert fields.get("event") is None, frame
            if "data" in fields:
                found.append((int(fields["id"]), json.loads(fields["data"])["step"]))
        if len(found) >= count:
            break
    await texts.aclose()  # type: ignore[attr-defined]
    # A page may hold more than this reader takes before the line is cut.
    return found[:count]


def test_a_stream_that_is_cut_gives_every_event_once(records_and_log: tuple[Records, EventLog]) -> None:
    records, log = records_and_log
    streams = streams_over(records, log)

    def write() -> None:
        for number in range(EVENTS):
            log.append([event(str(number)), event("other", "bob")])

    async def read() -> list[tuple[int, str]]:
        seen: list[tuple[int, str]] = []
        while len(seen) < EVENTS:
            after = seen[-1][0] if seen else 0
            seen += await take(streams, after, min(CUT, EVENTS - len(seen)))
        return seen

    writer = threading.Thread(target=write)
    writer.start()
    seen = asyncio.run(read())
    writer.join()
    assert [step for _, step in seen] == [str(number) for number in range(EVENTS)]
    assert [place for place, _ in seen] == sorted({place for place, _ in seen})
    assert streams.open_now == 0


def test_nobody_hears_of_the_erased(records_and_log: tuple[Records, EventLog]) -> None:
    records, log = records_and_log
    streams = streams_over(records, log)
    log.append([event("a")])

    async def hear() -> list[str]:
        texts, heard = await streams.open("ann", 0), list[str]()
        async for text in texts:
            heard.append(text)
            records.bury(ANN, "2026-11-21T12:00:00Z")
        return heard

    heard = asyncio.run(hear())
    assert heard[-1].startswith("event: gone\n")
    with pytest.raises(UnknownUpload):
        asyncio.run(streams.open("ann", 0))
