"""`fashion openapi`: the schema that each service answers at /openapi.json, as files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from fashion_assets.commands import opening
from fashion_assets.commands.terminal import OK, Terminal
from tryon.services.opening import House, Service, open_service
from tryon.settings import Profile, Settings


def openapi(terminal: Terminal, folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for service, schema in schemas().items():
        files[service.value] = str(folder / f"{service}.json")
        Path(files[service.value]).write_text(written(schema))
    terminal.answer(files, "\n".join(files.values()))
    return OK


def written(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, indent=2) + "\n"


def schemas() -> dict[Service, dict[str, Any]]:
    """They are the same whatever the settings are: asked of services over an empty folder, without a network."""
    with TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), profile=Profile.SAMPLE, api_keys=())
        house = House(settings, lambda: opening.open_pipeline(settings), tell=lambda line: None)
        return {service: asyncio.run(_asked(service, house)) for service in Service}


async def _asked(service: Service, house: House) -> dict[str, Any]:
    door = httpx.ASGITransport(app=open_service(service, house))
    async with httpx.AsyncClient(transport=door, base_url="http://127.0.0.1") as client:
        schema: dict[str, Any] = (await client.get("/openapi.json")).raise_for_status().json()
    return schema
