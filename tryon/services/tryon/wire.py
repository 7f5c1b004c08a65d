"""What the try-on service takes and answers."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import File, Form, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from tryon.core.words import MaskKind

MOST_STEPS = 200
LARGEST_SEED = 2**63 - 1
"""torch takes no larger one."""


class ClothType(StrEnum):
    UPPER = "upper"
    LOWER = "lower"
    OVERALL = "overall"

    @property
    def kind(self) -> MaskKind:
        return MaskKind(self.value)


PersonImage = Annotated[UploadFile, File(description="photo of one person; JPEG, PNG, WebP and others")]
ClothImage = Annotated[
    UploadFile, File(description="photo of one garment on a plain backdrop, or cut out (with alpha)")
]
Kind = Annotated[ClothType, Form(description="what the garment is worn on")]
Steps = Annotated[
    int, Form(ge=1, le=MOST_STEPS, description="denoising steps; engines that do not denoise ignore it")
]
Guidance = Annotated[
    float,
    Form(
        ge=0,
        le=30,
        allow_inf_nan=False,
        description="how strictly the garment is followed; up to 1: not at all; ignored as the steps are",
    ),
]
Seed = Annotated[
    int, Form(ge=-1, le=LARGEST_SEED, description="of the noise; -1: a random one, told in X-Seed")
]

MaskUrl = Annotated[
    str | None,
    Form(
        min_length=1,
        max_length=8192,
        description="address of the mask of this photo and cloth_type, as the mask service made it; unset: it is made",
    ),
]


class Health(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"example": {"status": "healthy", "message": "Service is ready"}}
    )

    status: str
    message: str


class TryOn(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "success": True,
                "imageBase64": "iVBORw0KGgo...",
                "message": "Try-on completed successfully",
            }
        }
    )

    success: bool
    imageBase64: str = Field(
        description="a PNG with the mark that it is AI-generated, without a data: prefix"
    )
    message: str
