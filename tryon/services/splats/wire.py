"""What the splat service takes and answers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import File, Form, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from tryon.core.direct.splats import MOST_LISTED

MOST_FILES = 8
"""Of a batch: its answer is some 70 MB of JSON when each of them is listed in full."""

Picture = Annotated[UploadFile, File(description="a photo; JPEG, PNG, WebP and others")]
Pictures = Annotated[
    list[UploadFile], File(description=f"1 to {MOST_FILES} photos, all named `file`", alias="file")
]
FocalPx = Annotated[
    float | None,
    Form(
        allow_inf_nan=False,
        description="focal length in pixels of this picture; left out: its EXIF, else 1.2 times its longer side",
    ),
]
MaxListed = Annotated[
    int, Form(description=f"Gaussians to list, evenly chosen; 1 to {MOST_LISTED}. A PLY file has them all")
]
MaxWritten = Annotated[int | None, Form(ge=1, description="Gaussians to write, evenly chosen; left out: all")]


class Info(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "service": "splats",
                "version": "0.1.0",
                "endpoints": ["GET /health", "POST /predict", "POST /predict/ply", "POST /predict/batch"],
            }
        }
    )

    service: str
    version: str
    endpoints: list[str]


class Health(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"status": "healthy", "device": "cuda"}})

    status: str
    device: str = Field(description="where the engine really runs: cuda or cpu")


_EXAMPLE: dict[str, Any] = {
    "positions": [[0.12, -0.4, 2.51]],
    "scales": [[0.004, 0.004, 0.001]],
    "rotations": [[1.0, 0.0, 0.0, 0.0]],
    "opacities": [[0.95]],
    "colors": [[0.8, 0.7, 0.6]],
    "metadata": {
        "generator": "sharp",
        "licence": "Apple Machine Learning Research Model License",
        "count": 1,
        "total": 1179648,
        "sampled": True,
        "image_size": [768, 1024],
        "f_px": 1228.8,
        "f_px_source": "default",
        "bounding_box": [[-1.0, -1.4, 2.4], [1.0, 1.4, 2.7]],
        "seconds": 4.2,
    },
}


class Metadata(BaseModel):
    """What is known of a splat; engines add more."""

    model_config = ConfigDict(extra="allow")

    generator: str
    licence: str
    count: int = Field(description="Gaussians in this answer")
    total: int = Field(description="Gaussians that the engine made")
    sampled: bool = Field(description="whether some were left out")
    image_size: list[int] = Field(description="width and height in pixels")
    f_px: float
    f_px_source: str = Field(description="given, exif or default")
    bounding_box: list[list[float]] = Field(description="lowest and highest corner of all, metres")
    seconds: float


class Splat(BaseModel):
    """OpenCV axes: x right, y down, z forward; the camera is at the origin."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    positions: list[list[float]] = Field(description="[N, 3], metres")
    scales: list[list[float]] = Field(description="[N, 3], linear standard deviations, metres")
    rotations: list[list[float]] = Field(description="[N, 4], unit quaternions w x y z")
    opacities: list[list[float]] = Field(description="[N, 1], 0 to 1")
    colors: list[list[float]] = Field(description="[N, 3], sRGB 0 to 1")
    metadata: Metadata


class Failed(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"example": {"detail": "file: the file is empty; upload it again"}}
    )

    detail: str


class Batch(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"example": {"results": [_EXAMPLE, {"detail": "no person was found"}]}}
    )

    results: list[Splat | Failed] = Field(description="one for each file, in their order")
