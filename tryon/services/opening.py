"""Name -> service: its app, its engine room and its front. Both doors come here: the command line and Modal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cached_property

from starlette.types import ASGIApp

from tryon.core.errors import InvalidSetting
from tryon.core.guests import Guests
from tryon.core.images import MASKS
from tryon.core.pipeline import Pipeline
from tryon.core.ports import scenic
from tryon.services import crops, lookbook, masks, splats, tryon
from tryon.services.engine_room import EngineRoom, engine_thread
from tryon.services.front import Front, Limits, Shape, behind, detail, envelope, status_error
from tryon.services.front.access import Access, to_stderr
from tryon.services.front.keys import Keys
from tryon.services.front.limits import MEGABYTE
from tryon.services.front.metrics import Metrics
from tryon.services.front.sites import LOOPBACK
from tryon.settings import Settings
from tryon.wiring import Workshop, workshop_of


class Service(StrEnum):
    CROP = "crop"
    MASKS = "masks"
    TRYON = "tryon"
    SPLATS = "splats"
    LOOKBOOK = "lookbook"


SHAPES: Mapping[Service, Shape] = {
    Service.CROP: detail,
    Service.MASKS: status_error,
    Service.TRYON: detail,
    Service.SPLATS: detail,
    Service.LOOKBOOK: envelope,
}
PATIENT = 16
"""Requests that may wait in the crop and mask services, whose callers do not ask again by themselves."""


class House:
    """Everything the services share: one pipeline, whose engines are loaded once whichever service uses them.
    tell: hears the access log."""

    def __init__(
        self, settings: Settings, pipeline: Callable[[], Pipeline], tell: Access = to_stderr
    ) -> None:
        self.settings, self.tell = settings, tell
        self._open = pipeline
        self._thread = engine_thread()

    @cached_property
    def pipeline(self) -> Pipeline:
        return self._open()

    @cached_property
    def workshop(self) -> Workshop:
        return workshop_of(self.pipeline, self.settings)

    def room(self, service: Service, load: Callable[[], None], metrics: Metrics) -> EngineRoom:
        patient = service in (Service.CROP, Service.MASKS)
        usual = PATIENT if patient else 0
        waiting = usual if self.settings.waiting is None else self.settings.waiting
        return EngineRoom(load, waiting, patient, metrics.loaded, metrics.queued, self._thread)


def open_service(service: Service, house: House) -> ASGIApp:
    metrics = Metrics(service.value)
    return behind(front_of(service, house, metrics), _APPS[service](house, metrics))


def front_of(service: Service, house: House, metrics: Metrics) -> Front:
    settings = house.settings
    pages = service is Service.LOOKBOOK
    return Front(
        name=service.value,
        shape=SHAPES[service],
        keys=Keys(settings.api_keys, basic=pages),
        origins=settings.cors_origins,
        limits=Limits(settings.request_mb * MEGABYTE, settings.request_seconds, settings.requests_per_minute),
        public=frozenset({"/health"} if pages else {"/", "/health"}),
        # Answered to apps that show it in a page; its digest cannot be guessed.
        given=("/guests/",),
        tell=house.tell,
        metrics=metrics,
    )


def check_keys(settings: Settings, host: str) -> None:
    """Raises InvalidSetting for a service that other machines could ask without a key."""
    if host not in LOOPBACK and not settings.api_keys:
        raise InvalidSetting(
            f"on {host} other machines can ask the service: set FASHION_API_KEYS (make one with "
            "`openssl rand -hex 24`), or leave --host out"
        )


def _crops(house: House, metrics: Metrics) -> ASGIApp:
    settings, workshop = house.settings, house.workshop
    room = house.room(Service.CROP, crops.loader(workshop, settings.device), metrics)
    diagnosis = crops.Diagnosis(bool(settings.openai_api_key), bool(settings.supabase_url))
    return crops.create_app(workshop, room, diagnosis)


def _masks(house: House, metrics: Metrics) -> ASGIApp:
    workshop = house.workshop
    load = masks.loader(workshop, house.settings.device)
    return masks.create_app(workshop, house.room(Service.MASKS, load, metrics))


def _tryon(house: House, metrics: Metrics) -> ASGIApp:
    workshop = house.workshop
    load = tryon.loader(workshop.stages, workshop.journal, house.settings.device)
    room = house.room(Service.TRYON, load, metrics)
    files = tryon.MaskFiles(Guests(workshop.blobs), lambda url: workshop.fetcher.get(url, MASKS.max_bytes))
    return tryon.create_app(workshop.stages, room, workshop.journal, files)


def _splats(house: House, metrics: Metrics) -> ASGIApp:
    splatter, journal = scenic(house.workshop.stages.splat.splatter), house.workshop.journal
    load = splats.loader(splatter, journal, house.settings.device)
    return splats.create_app(splatter, house.room(Service.SPLATS, load, metrics), journal)


def _lookbook(house: House, metrics: Metrics) -> ASGIApp:
    return lookbook.create_app(house.pipeline, house.settings.ui_address)


_APPS: Mapping[Service, Callable[[House, Metrics], ASGIApp]] = {
    Service.CROP: _crops,
    Service.MASKS: _masks,
    Service.TRYON: _tryon,
    Service.SPLATS: _splats,
    Service.LOOKBOOK: _lookbook,
}
