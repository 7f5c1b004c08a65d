"""What `modal deploy` decides: names, GPUs and containers of the apps on Modal. It is read when an app file is loaded;
every other setting is one of tryon.settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from tryon.core.recipes import Stage
from tryon.settings.services import listed


def _gpus(value: tuple[str, ...]) -> tuple[str, ...]:
    wrong = [name for name in value if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*!?", name)]
    if wrong or not value:
        raise ValueError("name one GPU of Modal or several, as in L40S,A100,A10; each container has one")
    return value


def _app_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]{0,63}", value):
        raise ValueError("an app's name has up to 64 letters, digits, dashes, dots and underscores")
    return value


Gpus = Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed), AfterValidator(_gpus)]
"""In the order in which they are wanted: the next one is taken where the first is not to be had."""


def _web_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z_]\w{0,31}", value):
        raise ValueError("a web function's name has up to 32 letters, digits and underscores")
    return value


def web_label(app: str, web: str) -> str:
    """What Modal calls a web function in its address, as in https://WORKSPACE--LABEL.modal.run, by the rule that it has
    for functions: those of a class have to say it."""
    return re.sub(r"[^a-z0-9]+", "-", f"{app}-{web}".lower()).strip("-")[:63].rstrip("-")


AppName = Annotated[str, AfterValidator(_app_name)]
WebName = Annotated[str, AfterValidator(_web_name)]


class Deployment(BaseSettings):
    """Every field is `FASHION_<NAME>` in the environment."""

    model_config = SettingsConfigDict(
        env_prefix="FASHION_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    crop_app: AppName = Field(default="fashion-crop-api-gpu", description="name of the app that makes crops")
    mask_app: AppName = Field(
        default="cpu-mask-generation-optimized", description="name of the app that makes masks"
    )
    tryon_app: AppName = Field(default="fashion-tryon", description="name of the app that makes try-ons")
    splat_app: AppName = Field(
        default="sharp-view-synthesis", description="name of the app that makes splats"
    )
    crop_web: WebName = Field(
        default="fastapi_app_v2", description="web function of the crop service; its address has this name"
    )
    mask_web: WebName = Field(
        default="main", description="web function of the mask service; its address has this name"
    )
    tryon_web: WebName = Field(
        default="fastapi_app", description="web function of the try-on service; its address has this name"
    )
    splat_api_app: AppName = Field(default="sharp-api", description="name of the app that gives out splats")
    splat_web: WebName = Field(
        default="fastapi_app", description="web function of the splat service; its address has this name"
    )
    lookbook_app: AppName = Field(
        default="fashion-lookbook", description="name of the app that gives out the lookbook"
    )
    lookbook_web: WebName = Field(
        default="fastapi_app", description="web function of the lookbook; its address has this name"
    )
    crop_gpu: Gpus = Field(default=("A10",), description="GPUs for crops, the one that is wanted most first")
    tryon_gpu: Gpus = Field(default=("L40S", "A100", "A10"), description="GPUs for try-ons")
    splat_gpu: Gpus = Field(default=("A100",), description="GPUs for splats")
    splat_checkpoint: str | None = Field(
        default=None,
        description="file on the volume sharp-model-cache, or an address with its sha256, in place of SHARP's weights",
    )
    min_containers: int = Field(
        default=0, ge=0, le=100, description="containers of each app that wait for work, and are paid for"
    )
    max_containers: int = Field(default=4, ge=1, le=1000, description="most containers of each app at a time")
    warm_seconds: int | None = Field(
        default=None,
        ge=2,
        le=1200,
        description="how long an idle container stays; unset: 600 for crops, else 300",
    )

    @property
    def apps(self) -> Mapping[Stage, str]:
        return {
            Stage.CROP: self.crop_app,
            Stage.MASK: self.mask_app,
            Stage.TRYON: self.tryon_app,
            Stage.SPLAT: self.splat_app,
        }


VARIABLES = frozenset(f"FASHION_{name.upper()}" for name in Deployment.model_fields)
