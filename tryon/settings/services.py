"""Settings of the HTTP services: who may ask, how much, how often, and where each one listens."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode

SHORTEST_KEY = 16
"""Characters of an API key: what cannot be guessed over a network."""


def listed(value: object) -> object:
    """`a, b` -> ("a", "b"); an empty variable is an empty list."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _long_enough(keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if any(len(key.get_secret_value()) < SHORTEST_KEY for key in keys):
        raise ValueError(
            f"a key is shorter than {SHORTEST_KEY} characters; make one with `openssl rand -hex 24`"
        )
    if not all(key.get_secret_value().isascii() and key.get_secret_value().isprintable() for key in keys):
        raise ValueError(
            "a key has characters that no header can carry; make one with `openssl rand -hex 24`"
        )
    return keys


def _origins(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or value != f"{parts.scheme}://{parts.netloc}":
            raise ValueError(f"{value!r} is no origin; write each as https://app.example.com, without a path")
    return values


def _places(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        host, _, port = value.rpartition(":")
        if not host or not port.isdecimal():
            raise ValueError(f"{value!r} is no place; write each as host:port, as in images.example.com:8443")
    return values


Keys = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(listed), AfterValidator(_long_enough)]
Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed), AfterValidator(_origins)]
Places = Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed), AfterValidator(_places)]
Port = Annotated[int, Field(ge=1, le=65535)]


class ServiceSettings(BaseSettings):
    """A part of tryon.settings.Settings."""

    api_keys: Keys = Field(
        default=(), description="keys that callers of the services show, separated by commas; secrets"
    )
    cors_origins: Origins = Field(
        default=(), description="pages that may call the services from a browser, as https://app.example.com"
    )
    requests_per_minute: int = Field(default=1200, ge=1, description="requests of one key in a minute")
    request_mb: int = Field(default=64, ge=1, le=1024, description="megabytes of one request")
    request_seconds: float = Field(
        default=600.0, gt=0, description="seconds after which a request without an answer is given up"
    )
    waiting: int | None = Field(
        default=None,
        ge=0,
        le=1000,
        description="requests that may wait for a busy engine; unset: 16 for crops and masks, else none",
    )
    guest_days: int = Field(
        default=30, ge=1, description="days until what the crop and mask services stored is deleted"
    )
    fetch_allowed: Places = Field(
        default=(), description="host:port of own servers that photos may be fetched from, wherever they are"
    )
    tryon_port: Port = Field(default=8000, description="port of the try-on service")
    crop_port: Port = Field(default=8001, description="port of the crop service")
    masks_port: Port = Field(default=8002, description="port of the mask service")
    splats_port: Port = Field(default=8003, description="port of the splat service")
    lookbook_port: Port = Field(default=8080, description="port of the lookbook")

    @property
    def masks_door(self) -> str:
        """Where `fashion serve masks` answers on this machine."""
        return f"http://127.0.0.1:{self.masks_port}/"
