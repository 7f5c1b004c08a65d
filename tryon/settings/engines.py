"""Settings of the engines: which stand behind each port, and how they work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings

from tryon.settings.types import Checkpoint, HttpAddress


def _as_the_hub_reads(value: object) -> bool:
    """As huggingface_hub's constants.py does, so that one variable means one thing; empty means no."""
    return str(value).upper() in ("1", "ON", "YES", "TRUE")


class EngineSettings(BaseSettings):
    """A part of tryon.settings.Settings."""

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
    base_model: Path | None = Field(
        default=None,
        description="folder laid out as booksforcharlie/stable-diffusion-inpainting, loaded instead of it by CatVTON",
    )
    resume_path: Path | None = Field(
        default=None, description="folder laid out as zhengchong/CatVTON, loaded instead of it"
    )
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
    sharp_checkpoint: Checkpoint = Field(
        default=None,
        validation_alias="SHARP_CHECKPOINT",
        description="another SHARP checkpoint: a file, or an address with its sha256",
    )
