"""What goes over the wire of the mask service."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from tryon.core.direct.masks import Format, Size
from tryon.core.words import MaskKind

PHOTO = "https://example.com/person.jpg"
MOST = 64
"""Photos of one batch."""
Address = Annotated[str, Field(min_length=1, max_length=8192)]


class Wishes(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True)

    kinds: Annotated[
        tuple[MaskKind, ...], Field(min_length=1, max_length=16, description="which masks, in which order")
    ] = (MaskKind.UPPER, MaskKind.LOWER)
    size: Annotated[
        Size,
        Field(
            description="`source`: the photo's own. `768x1024`: exactly that, the whole photo fitted in the middle "
            "with its aspect kept and 0 around it"
        ),
    ] = Size.SOURCE
    format: Annotated[
        Format, Field(description="`png`: one channel. `webp`: lossless, three equal channels")
    ] = Format.PNG


class MaskRequest(Wishes):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"user_image_url": PHOTO}, {"user_image_url": PHOTO, "kinds": ["face"]}]
        }
    )

    user_image_url: Annotated[
        Address,
        Field(
            validation_alias=AliasChoices("user_image_url", "userImageUrl"),
            description="http(s) address of the photo; `userImageUrl` is taken too",
        ),
    ]


class BatchRequest(Wishes):
    model_config = ConfigDict(json_schema_extra={"examples": [{"user_image_urls": [PHOTO]}]})

    user_image_urls: Annotated[
        tuple[Address, ...],
        Field(
            min_length=1,
            max_length=MOST,
            validation_alias=AliasChoices("user_image_urls", "userImageUrls"),
            description=f"http(s) addresses of photos, {MOST} at most",
        ),
    ]


class Timing(BaseModel):
    """Seconds. setup_model_symlinks: until the models were there and free."""

    setup_model_symlinks: float
    download_image: float
    generate_masks: float
    upload_masks: float


class MaskAnswer(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "success",
                    "masks": {
                        "upper": "https://example.com/guests/masks/0a1b.png",
                        "lower": "https://example.com/guests/masks/2c3d.png",
                    },
                    "total_time": 3.19,
                    "timing": {
                        "setup_model_symlinks": 0.0,
                        "download_image": 0.7,
                        "generate_masks": 1.77,
                        "upload_masks": 0.72,
                    },
                }
            ]
        }
    )

    status: Literal["success"] = "success"
    masks: dict[MaskKind, str]
    total_time: float
    timing: Timing


class Problem(BaseModel):
    code: str
    message: str


class MaskFailure(BaseModel):
    status: Literal["error"] = "error"
    error: Problem


class BatchAnswer(BaseModel):
    """One answer for each photo, in the order of the photos."""

    results: list[MaskAnswer | MaskFailure]


class Status(BaseModel):
    status: Literal["online"] = "online"
    masks_available: Annotated[bool, Field(description="false: the engine cannot start; POST / says why")]
    endpoint: Literal["/"] = "/"


class Health(BaseModel):
    status: Literal["healthy"] = "healthy"
