"""The only reader of the environment."""

from __future__ import annotations

import os
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from tryon.core.budget import Caps
from tryon.core.words import Order
from tryon.deployment import VARIABLES


def _as_the_hub_reads(value: object) -> bool:
    """As huggingface_hub's constants.py does, so that one variable means one thing; empty means no."""
    return str(value).upper() in ("1", "ON", "YES", "TRUE")


def _http_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it must be an address such as https://api.example.com/v1")
    return value


HttpAddress = Annotated[str, AfterValidator(_http_address)]


class Profile(StrEnum):
    """Which engines, stores and compute are used. Chosen explicitly, never fallen back to."""

    SAMPLE = "sample"
    WORKSTATION = "workstation"


class Settings(BaseSettings):
    """Every setting is `FASHION_<NAME>` in the environment; it cannot change after it was read."""

    model_config = SettingsConfigDict(
        env_prefix="FASHION_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    profile: Profile = Profile.SAMPLE
    data: Path = Field(
        default=Path("data"), description="folder of uploads, blobs, records and Dagster's storage"
    )
    order: Order = Field(default=Order.UNTUCKED, description="painter's order of two-piece outfits")
    chunk_seconds: float = Field(default=900.0, gt=0, description="predicted engine seconds of one run")
    threads: int | None = Field(
        default=None, ge=1, le=64, description="threads an engine may use; unset: what it can make use of"
    )
    models: Path = Field(
        default=Path("~/.cache/fashion-assets/models"),
        description="folder of downloaded weights",
    )
    analyzer: Literal["declared", "gpt-4o"] | None = Field(
        default=None, description="engine instead of the profile's that says what a product photo shows"
    )
    detector: Literal["packshot", "grounding-dino-tiny", "mm-grounding-dino-tiny"] | None = Field(
        default=None, description="engine instead of the profile's that finds garments"
    )
    body_parser: Literal["studio-parser", "dwpose-schp"] | None = Field(
        default=None, description="engine instead of the profile's that parses people"
    )
    dresser: Literal["warp", "catvton"] | None = Field(
        default=None, description="engine instead of the profile's that makes try-on images"
    )
    splatter: Literal["relief", "sharp"] | None = Field(
        default=None, description="engine instead of the profile's that makes splats"
    )
    width: int = Field(
        default=768, ge=64, le=2048, multiple_of=8, description="largest width of a try-on image, in pixels"
    )
    height: int = Field(
        default=1024, ge=64, le=2048, multiple_of=8, description="largest height of a try-on image, in pixels"
    )
    hub: HttpAddress = Field(
        default="https://huggingface.co", validation_alias="HF_ENDPOINT", description="model hub or a mirror"
    )
    hub_token: SecretStr | None = Field(
        default=None, validation_alias="HF_TOKEN", description="token of an account, for models behind terms"
    )
    hub_offline: Annotated[bool, BeforeValidator(_as_the_hub_reads)] = Field(
        default=False, validation_alias="HF_HUB_OFFLINE", description="download no models"
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", description="where neural engines run; auto: the GPU where there is one"
    )
    precision: Literal["auto", "no", "fp16", "bf16"] = Field(
        default="auto", description="of detector and CatVTON; auto: fp16 on a GPU, no (float32) on a CPU"
    )
    steps: int = Field(default=50, ge=1, le=1000, description="denoising steps of CatVTON")
    guidance: float = Field(default=2.5, ge=1, le=30, description="guidance scale of CatVTON")
    scheduler: Literal["ddim", "unipc", "dpm++"] = Field(default="ddim", description="of CatVTON's steps")
    variant: Literal["mix", "vitonhd", "dresscode"] = Field(
        default="mix", description="which of CatVTON's published attention weights"
    )
    safety: bool = Field(
        default=False, description="refuse images that Stable Diffusion's safety checker takes for unsafe"
    )
    compile: bool = Field(
        default=False, description="compile CatVTON at its first batch: minutes, then faster on a GPU"
    )
    openai_api_key: SecretStr | None = Field(
        default=None, validation_alias="OPENAI_API_KEY", description="key of the product photo analyzer"
    )
    openai_base_url: HttpAddress | None = Field(
        default=None, validation_alias="OPENAI_BASE_URL", description="another address of the OpenAI API"
    )
    openai_model: str = Field(default="gpt-4o-2024-11-20", description="model that looks at product photos")
    lip: bool = Field(default=False, description="let a second SCHP net (LIP) check the first one's labels")
    sharp_checkpoint: Path | None = Field(
        default=None, validation_alias="SHARP_CHECKPOINT", description="another SHARP checkpoint, a file"
    )
    commercial: bool = Field(
        default=False,
        description="refuse to start with an engine, and to export pictures, whose licence forbids commercial use",
    )
    usd_per_second: float = Field(
        default=0.0, ge=0, description="price of one engine second, for cost records"
    )
    max_failures: int = Field(
        default=3, ge=1, description="runs that may pay for a product in vain before it is quarantined"
    )
    budget_run: float | None = Field(default=None, ge=0, description="US dollars that one run may cost")
    budget_day: float | None = Field(default=None, ge=0, description="US dollars that one UTC day may cost")
    budget_catalogue: float | None = Field(
        default=None, ge=0, description="US dollars that all work may cost together"
    )
    tryon_url: str = Field(
        default="http://127.0.0.1:8000/api/try-on",
        description="try-on service that data.json tells apps to call",
    )
    ui_port: int = Field(default=3000, ge=1, le=65535, description="loopback port of Dagster's UI")
    pictures_port: int = Field(
        default=3001, ge=1, le=65535, description="loopback port of the pictures in Dagster's UI"
    )
    quality: int = Field(default=92, ge=1, le=100, description="WebP quality of try-on images")
    retention_days: int | None = Field(default=None, ge=1, description="age at which a consent runs out")
    erase_suspended_days: int = Field(
        default=30, ge=1, description="days until an upload that was taken away is erased"
    )
    receipt_key: SecretStr | None = Field(default=None, description="key that signs receipts of erasures")
    alert_webhook: SecretStr | None = Field(
        default=None, description="address that is told of every failed run; a secret"
    )
    ui_url: str | None = Field(default=None, description="where Dagster's UI is, for links in alerts")

    @property
    def caps(self) -> Caps:
        return Caps(self.budget_run, self.budget_day, self.budget_catalogue)

    @model_validator(mode="after")
    def _no_mistyped_variable(self) -> Settings:
        """Nothing is taken in place of what was chosen: a setting that nobody reads was meant for something."""
        known = {f"FASHION_{name.upper()}" for name in type(self).model_fields} | VARIABLES
        for name in sorted(map(str.upper, os.environ)):
            if name.startswith("FASHION_") and name not in known:
                near = get_close_matches(name, known, 1, cutoff=0.8)
                raise ValueError(f"there is no setting {name}{f'; is {near[0]} meant?' if near else ''}")
        return self

    @model_validator(mode="after")
    def _caps_need_a_price(self) -> Settings:
        if self.caps.any and not self.usd_per_second:
            raise ValueError(
                "FASHION_BUDGET_RUN, _DAY and _CATALOGUE need FASHION_USD_PER_SECOND, what a second costs"
            )
        return self

    @property
    def ui_address(self) -> str:
        return self.ui_url or f"http://127.0.0.1:{self.ui_port}"

    @property
    def pictures_url(self) -> str:
        return f"http://127.0.0.1:{self.pictures_port}"
