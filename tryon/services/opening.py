"""Name -> service: its app, its engine room and its front. Both doors come here: the command line and Modal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cached_property

from starlette.types import ASGIApp

from tryon.core.errors import InvalidSetting
from tryon.core.pipeline import Pipeline
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

    @cached_property
    def pipeline(self) -> Pipeline:
        return self._open()

    @cached_property
    def workshop(self) -> Workshop:
        return workshop_of(self.pipeline, self.settings)

    def waiting(self, service: Service) -> int:
        usual = PATIENT if service in (Service.CROP, Service.MASKS) else 0
        return usual if self.settings.waiting is None else self.settings.waiting


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


def _lookbook(house: House, metrics: Metrics) -> ASGIApp:
    from tryon.services.lookbook import create_app

    settings = house.settings
    return create_app(house.pipeline, settings.ui_url or f"http://127.0.0.1:{settings.ui_port}")


_APPS: Mapping[Service, Callable[[House, Metrics], ASGIApp]] = {Service.LOOKBOOK: _lookbook}
