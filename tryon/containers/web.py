"""A service of tryon.services in a container: what `modal.asgi_app` gives out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir

from starlette.types import ASGIApp

from tryon.console import json_console
from tryon.containers.keys import write_google_key
from tryon.containers.station import Commit, prepare, say, told
from tryon.core.direct import tryons
from tryon.core.errors import FashionError
from tryon.core.pipeline import Stages
from tryon.core.ports import load_now, scenic
from tryon.core.recipes import Stage
from tryon.services.opening import House, Service, check_keys, open_service
from tryon.settings import Settings
from tryon.wiring import build


@dataclass(frozen=True, slots=True)
class Models:
    """Of a service. ports: whose engines it asks, where they are not the stage's. warm: loads them."""

    stage: Stage
    warm: Callable[[Stages], None]
    ports: tuple[str, ...] | None = None


LOADED: Mapping[Service, Models] = {
    Service.CROP: Models(Stage.CROP, lambda stages: stages.crop.warm()),
    Service.MASKS: Models(Stage.MASK, lambda stages: stages.mask.warm()),
    Service.TRYON: Models(Stage.TRYON, tryons.warm, ("detector", "body_parser", "dresser")),
    Service.SPLATS: Models(
        Stage.SPLAT, lambda stages: load_now(scenic(stages.splat.splatter)), ("splatter",)
    ),
}
"""The lookbook has none."""

EVERYWHERE = "0.0.0.0"
"""Nothing is bound here: Modal gives the container an address on the internet."""
AT_ONCE, WANTED = 20, 4
"""Requests that Modal sends one container: at most, so that its health is answered while others wait; and from how many
on it starts another container."""


@dataclass(frozen=True)
class Loaded:
    """A service whose models are in memory, and that has connected to nothing yet: what a snapshot may hold."""

    service: Service
    house: House

    def open(self) -> ASGIApp:
        """After the snapshot: a service writes to the log as soon as it is open."""
        with told():
            return open_service(self.service, self.house)


def load(name: str, commit: Commit) -> Loaded:
    """name: as in `fashion serve NAME`. commit: of the volume that has the models.

    What the engine lacks (a key, a GPU, a model that cannot be downloaded) stops no container: the service answers 503
    with the reason. Raises CallFailed where no keys are set: everybody could ask it.
    """
    with told():
        write_google_key(Path(gettempdir()) / "fashion-keys")
        settings, service = Settings(), Service(name)
        check_keys(settings, EVERYWHERE)
        house = House(settings, lambda: build(settings, json_console))
        if service in LOADED:
            _warm(house, LOADED[service], commit)
        return Loaded(service, house)


def serve(name: str, commit: Commit) -> ASGIApp:
    """Both at once, where there is no snapshot. As `load`."""
    return load(name, commit).open()


def _warm(house: House, models: Models, commit: Commit) -> None:
    """Before the first request, and before a snapshot is taken."""
    try:
        prepare(models.stage, commit, models.ports)
        models.warm(house.workshop.stages)
    except FashionError as error:
        say(f"the engine cannot start: {error}")
