"""The engine room: models are loaded once, one request works at a time, and the others wait or are told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from tryon.core.errors import EngineUnusable, ModelMissing
from tryon.services import engine_room
from tryon.services.engine_room import Busy, EngineRoom, StillLoading


class Gate:
    """Work that ends when it is let."""

    def __init__(self) -> None:
        self.begun, self.let = threading.Event(), threading.Event()
        self.times = 0

    def __call__(self) -> str:
        self.times += 1
        self.begun.set()
        assert self.let.wait(20)
        return "done"

    def loading(self) -> None:
        self()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.005)


async def ready(waiting: int = 0) -> EngineRoom:
    room = EngineRoom(lambda: None, waiting)
    room.open()
    await until(lambda: room.state == "ready")
    return room


def test_until_the_models_are_there_requests_are_told_to_wait() -> None:
    async def check() -> None:
        load = Gate()
        room = EngineRoom(load.loading)
        room.open()
        with pytest.raises(StillLoading, match="Models are still loading"):
            await room.run(lambda: 1)
        load.let.set()
        await until(lambda: room.state == "ready")
        assert await room.run(lambda: 1) == 1
        room.open()
        assert load.times == 1

    asyncio.run(check())


def test_a_patient_room_lets_them_wait() -> None:
    async def check() -> None:
        load = Gate()
        room = EngineRoom(load.loading, waiting=1, patient=True)
        asked = asyncio.ensure_future(room.run(lambda: 1))
        await until(load.begun.is_set)
        load.let.set()
        assert await asked == 1

    asyncio.run(check())


def test_one_works_as_many_wait_as_may_and_the_next_is_refused() -> None:
    async def check() -> None:
        room, work = await ready(waiting=1), Gate()
        first = asyncio.ensure_future(room.run(work))
        await until(work.begun.is_set)
        second = asyncio.ensure_future(room.run(lambda: "second"))
        await until(lambda: room.depth == 2)
        with pytest.raises(Busy, match="GPU is busy"):
            await room.run(lambda: "third")
        work.let.set()
        assert [await first, await second] == ["done", "second"]
        assert await room.run(lambda: "third") == "third"

    asyncio.run(check())


def test_the_loop_goes_on_while_the_engine_works() -> None:
    async def check() -> None:
        room, work = await ready(), Gate()
        asked = asyncio.ensure_future(room.run(work))
        await until(work.begun.is_set)
        for _ in range(10):
            await asyncio.sleep(0)
        assert not asked.done()
        work.let.set()
        await asked

    asyncio.run(check())


def test_who_goes_away_leaves_the_queue_but_begun_work_keeps_the_room_busy() -> None:
    async def check() -> None:
        room, work = await ready(waiting=1), Gate()
        never = Gate()
        first = asyncio.ensure_future(room.run(work))
        await until(work.begun.is_set)
        second = asyncio.ensure_future(room.run(never))
        await until(lambda: room.depth == 2)
        second.cancel()
        first.cancel()
        await until(lambda: room.depth == 1)
        work.let.set()
        await until(lambda: room.depth == 0)
        assert never.times == 0

    asyncio.run(check())


def test_what_work_raises_is_raised_and_the_room_is_free_again() -> None:
    async def check() -> None:
        room = await ready()

        def fails() -> None:
            raise ValueError("no")

        for _ in range(3):
            with pytest.raises(ValueError, match="no"):
                await room.run(fails)
        assert room.depth == 0

    asyncio.run(check())


@pytest.mark.parametrize(
    ("error", "told"),
    [(ModelMissing("pull it first"), ModelMissing), (KeyError("x"), EngineUnusable)],
)
def test_a_load_that_failed_is_told_and_tried_again_later(
    error: Exception, told: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check() -> None:
        failing = True

        def load() -> None:
            if failing:
                raise error

        room = EngineRoom(load)
        room.open()
        await until(lambda: room.state == "broken")
        with pytest.raises(told):
            await room.run(lambda: 1)
        failing = False
        monkeypatch.setattr(engine_room, "RETRY_SECONDS", 0.0)
        room.open()
        await until(lambda: room.state == "ready")
        assert await room.run(lambda: 1) == 1
        assert room.problem is None

    asyncio.run(check())


def test_it_tells_how_long_loading_took_and_who_is_inside() -> None:
    async def check() -> None:
        loaded, queued = list[float](), list[int]()
        room = EngineRoom(lambda: None, patient=True, loaded=loaded.append, queued=queued.append)
        await room.run(lambda: 1)
        await until(lambda: room.depth == 0)
        assert (len(loaded), queued) == (1, [1, 0])

    asyncio.run(check())


@pytest.mark.parametrize("patient", [False, True])
def test_a_full_room_is_told_before_anything_is_prepared(patient: bool) -> None:
    async def check() -> None:
        room, work = EngineRoom(lambda: None, waiting=0, patient=patient), Gate()
        room.open()
        await until(lambda: room.state == "ready")
        room.check_room()
        first = asyncio.ensure_future(room.run(work))
        await until(work.begun.is_set)
        with pytest.raises(Busy, match="GPU is busy"):
            room.check_room()
        work.let.set()
        await first
        await until(lambda: room.depth == 0)
        room.check_room()

    asyncio.run(check())


def test_a_room_whose_models_are_not_there_yet_says_so_unless_it_is_patient() -> None:
    async def check() -> None:
        load = Gate()
        hasty, patient = (EngineRoom(load.loading, patient=one) for one in (False, True))
        with pytest.raises(StillLoading):
            hasty.check_room()
        patient.check_room()
        load.let.set()

    asyncio.run(check())


@pytest.mark.parametrize("patient", [False, True])
def test_a_room_that_cannot_load_says_why_before_anything_is_prepared(patient: bool) -> None:
    async def check() -> None:
        def load() -> None:
            raise ModelMissing("pull it first")

        room = EngineRoom(load, patient=patient)
        room.open()
        await until(lambda: room.state == "broken")
        with pytest.raises(ModelMissing, match="pull it first"):
            room.check_room()

    asyncio.run(check())
