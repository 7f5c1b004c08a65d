"""What goes over the wire of the crop service."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from tryon.core.words import Category

PHOTO = "https://example.com/look.jpg"
CROP, OTHER = "https://example.com/guests/crops/0a1b.png", "https://example.com/guests/crops/2c3d.png"


class CropRequest(BaseModel):
    model_config = ConfigDict(
        frozen=True, json_schema_extra={"examples": [{"imageUrl": PHOTO, "categories": ["tops", "bottoms"]}]}
    )

    image_url: Annotated[
        str,
        Field(alias="imageUrl", min_length=1, max_length=8192, description="http(s) address of the photo"),
    ]
    categories: Annotated[
        tuple[Category, ...],
        Field(min_length=1, max_length=24, description="what to crop; nothing else comes back"),
    ]


class OneCrop(BaseModel):
    """One crop, or none: then the photo's own address, and the header `X-Crop-Result: none`."""

    model_config = ConfigDict(
        populate_by_name=True, json_schema_extra={"examples": [{"croppedImageUrl": CROP}]}
    )

    cropped_image_url: Annotated[str, Field(alias="croppedImageUrl")]


class SeveralCrops(BaseModel):
    """In the order of the asked categories."""

    model_config = ConfigDict(
        populate_by_name=True, json_schema_extra={"examples": [{"croppedImageUrls": [CROP, OTHER]}]}
    )

    cropped_image_urls: Annotated[list[str], Field(alias="croppedImageUrls")]


class Status(BaseModel):
    status: Literal["online"] = "online"
    cropper_available: Annotated[bool, Field(description="false: the engine cannot start; /crop says why")]
    endpoint: Literal["/crop"] = "/crop"


class Debug(BaseModel):
    cropper_available: bool
    cropper_instance: Annotated[bool, Field(description="whether the models are in memory")]
    has_openai_key: bool
    has_supabase_url: bool
    error: Annotated[str | None, Field(description="why the engine cannot start")]
    python_path: list[str]
    cwd: str


class Health(BaseModel):
    status: Literal["healthy"] = "healthy"
