"""Pictures through the splatter, and what comes out as bytes."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tryon.containers.gpus import gigabytes, larger
from tryon.core.direct.splats import Listing, Scene, as_json, check_listed, listing, splat, thinned
from tryon.core.errors import FashionError, InvalidSetting, OutOfMemory
from tryon.core.events import Journal
from tryon.core.ply import write_ply
from tryon.core.ports import Splatter, device_of
from tryon.core.words import Refused
from tryon.services.calls import Caller, Logged
from tryon.services.engine_room import EngineRoom
from tryon.services.front import ServiceError, detail
from tryon.services.front.errors import of
from tryon.services.sent_files import read_photo

COMPONENT = "service.splats"


@dataclass(frozen=True, slots=True)
class Made:
    """seconds: that the engine took."""

    scene: Scene
    seconds: float

    def listing(self, most: int) -> Listing:
        return listing(self.scene, most, self.seconds)

    def ply(self, most: int | None) -> bytes:
        found = self.scene.gaussians
        return write_ply(found if most is None else thinned(found, most))


Answer = Listing | ServiceError
"""Of one picture in a batch."""


@dataclass(frozen=True)
class Maker:
    """The work of one request."""

    splatter: Splatter
    room: EngineRoom
    journal: Journal
    caller: Caller

    async def one(self, data: bytes, f_px: float | None) -> Made:
        """Raises ServiceError, and what the room raises."""
        return await self.room.run(lambda: self._make(data, f_px))

    async def several(self, files: Sequence[bytes], f_px: float | None, most: int) -> list[Answer]:
        """One turn of the engine for all of them. Raises what the room raises."""
        return await self.room.run(lambda: [self._answer(data, f_px, most) for data in files])

    def _answer(self, data: bytes, f_px: float | None, most: int) -> Answer:
        """Of all that was made no more is kept than is listed. What is wrong with one picture is an answer: its
        neighbours go on."""
        try:
            return self._make(data, f_px).listing(most)
        except ServiceError as error:
            return error
        except FashionError as error:
            return of(error)
        except Exception as error:  # noqa: BLE001 - the log has it, under the request's id
            said = f"something failed that nobody foresaw; the service's log names it by {self.caller.run_id}"
            return ServiceError(500, "internal", f"{said} ({type(error).__name__})")

    def _make(self, data: bytes, f_px: float | None) -> Made:
        begun = time.perf_counter()
        photo = read_photo("file", data)
        step = Logged(self.journal, COMPONENT, "splat", self.caller)
        try:
            found = step.run(lambda: splat(self.splatter, photo, f_px))
        except OutOfMemory as error:
            raise ServiceError(503, "out_of_memory", advice(self.splatter, error)) from error
        if isinstance(found, Refused):
            raise ServiceError(422, found.code, found.message)
        return Made(found, time.perf_counter() - begun)


def as_bytes(found: Listing) -> bytes:
    return b"".join(as_json(found))


def joined(answers: Sequence[Answer]) -> bytes:
    """`{"results": [...]}`."""
    return b'{"results":[' + b",".join(map(_one, answers)) + b"]}"


def _one(answer: Answer) -> bytes:
    if isinstance(answer, ServiceError):
        return json.dumps(detail(answer.status_code, answer.code, answer.message)).encode()
    return as_bytes(answer)


def advice(splatter: Splatter, error: OutOfMemory) -> str:
    if device_of(splatter) != "cuda":
        return f"out of memory: {error}; use a machine with more memory, or a GPU"
    return (
        f"CUDA out of memory: {error}; use a larger GPU: {larger(gigabytes())} (FASHION_SPLAT_GPU on Modal)"
    )


def check_count(asked: int) -> None:
    """Raises ServiceError 400 for more than a JSON answer may hold, with the size that it would have."""
    try:
        check_listed(asked)
    except InvalidSetting as error:
        raise ServiceError(400, "bad_request", str(error)) from None
