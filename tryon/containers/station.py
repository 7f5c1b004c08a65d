"""What a container does when it starts: look at its device, fetch the models it lacks, make the worker."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir

from tryon.console import json_console
from tryon.containers.keys import write_google_key
from tryon.core.errors import CallFailed
from tryon.core.models import Model
from tryon.core.recipes import Stage
from tryon.core.stages.remote_worker import RemoteWorker
from tryon.engines.torch_runtime import Device, choose_device
from tryon.profiles.engines import needed_models
from tryon.settings import Settings
from tryon.stores.model_cache import ModelCache, State
from tryon.stores.models.hub import Hub
from tryon.wiring import build_worker

PORTS = {
    Stage.CROP: ("analyzer", "detector"),
    Stage.MASK: ("body_parser",),
    Stage.TRYON: ("dresser",),
    Stage.SPLAT: ("splatter", "body_parser"),
}
"""Whose engines a stage runs."""

Commit = Callable[[], None]
"""Makes what was written to the volume durable, and visible to other containers."""


def start(stage: Stage, commit: Commit) -> RemoteWorker:
    """Raises CallFailed with what is wrong, in words that need no class of ours to be read elsewhere."""
    with told():
        write_google_key(Path(gettempdir()) / "fashion-keys")
        settings = prepare(stage, commit)
        worker = build_worker(settings, json_console)
        worker.warm(stage)
        return worker


def prepare(stage: Stage, commit: Commit, ports: Sequence[str] | None = None) -> Settings:
    """ports: whose engines will work, where they are not the stage's. Raises DeviceMissing, and what
    tryon.stores.model_cache raises."""
    settings = Settings()
    say(f"Using device: {device_of(settings.device)}")
    fetch(settings, models_of(settings, stage, ports), commit)
    return settings


def device_of(asked: Device) -> str:
    """Raises DeviceMissing when a GPU was asked for and there is none. A container without torch has none."""
    return "cpu" if asked == "cpu" else choose_device(asked).type


def fetch(settings: Settings, models: Sequence[Model], commit: Commit) -> None:
    """Those that are not on the volume yet; a complete one is not read."""
    cache = ModelCache(settings.models, Hub(settings.hub, settings.hub_token, settings.hub_offline))
    for model in models:
        if cache.standing(model).state is not State.COMPLETE:
            say(f"Downloading model {model.id} to {cache.root}")
            cache.pull(model)
            commit()


def models_of(settings: Settings, stage: Stage, ports: Sequence[str] | None = None) -> tuple[Model, ...]:
    return needed_models(settings, PORTS[stage] if ports is None else ports)


def run(worker: RemoteWorker, order_id: str, call_id: str | None) -> str:
    """call_id: None only where a test calls the method in its own process."""
    with told():
        return worker.run(order_id, call_id or "local")


@contextmanager
def told() -> Iterator[None]:
    """What is raised is raised again where the call is waited for: as text, since not every error can travel, and a
    TimeoutError would be taken there for a call that still runs."""
    try:
        yield
    except CallFailed:
        raise
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        raise CallFailed(told) from error


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
