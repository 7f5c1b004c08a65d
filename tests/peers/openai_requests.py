"""What a right request to the Responses API looks like, as our analyzer has to send it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from tryon.core.ports import Pixels

MOST_BYTES = 2 * 1024 * 1024
"""Of a picture's JPEG."""
LONG_SIDE, SHORT_SIDE = 2048, 768
PREFIX = "data:image/jpeg;base64,"
FIELDS = {"model", "instructions", "input", "text", "max_output_tokens", "store", "temperature"}
STRICT_WORDS = {
    "type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "$ref", "$defs",
}  # fmt: skip
"""Keywords that every model with structured outputs takes."""


@dataclass(frozen=True)
class Asked:
    """A right request. image: uint8 [H, W, 3], as the model gets it. at: when it came, monotonic seconds."""

    model: str
    instructions: str
    schema: Mapping[str, Any]
    image: Pixels
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    at: float


class WrongRequest(Exception):
    def __init__(self, message: str, status: int = 400, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.problem = {"message": message, "type": "invalid_request_error", "param": None, "code": code}


def read_request(
    path: str, headers: Mapping[str, str], body: bytes, key: str, models: Sequence[str], at: float
) -> Asked:
    """Raises WrongRequest."""
    if path != "/v1/responses":
        raise WrongRequest(f"Invalid URL (POST {path})", 404)
    _check_key(headers.get("authorization", ""), key)
    asked = json.loads(body)
    _require(headers.get("content-type") == "application/json", "not sent as JSON")
    _require(set(asked) <= FIELDS and set(asked) >= FIELDS - {"temperature"}, f"fields {sorted(asked)}")
    if asked["model"] not in models:
        raise WrongRequest(f"The model `{asked['model']}` does not exist", 404, "model_not_found")
    _require(asked["store"] is False, "store is not false")
    _require(16 <= asked["max_output_tokens"] <= 16_384, "max_output_tokens")
    _require(0 <= asked.get("temperature", 0) <= 2, "temperature")
    _require(len(asked["instructions"]) > 100, "no instructions")
    schema = _schema(asked["text"])
    image = _image(asked["input"])
    return Asked(asked["model"], asked["instructions"], schema, image, headers, asked, at)


def read_model(path: str, authorization: str, key: str, models: Sequence[str]) -> str:
    """Which model is asked about. Raises WrongRequest."""
    name = path.removeprefix("/v1/models/")
    if name == path:
        raise WrongRequest(f"Invalid URL (GET {path})", 404)
    _check_key(authorization, key)
    if name not in models:
        raise WrongRequest(f"The model `{name}` does not exist", 404, "model_not_found")
    return name


def _check_key(authorization: str, key: str) -> None:
    """As the real service does: it quotes both ends of the key."""
    if authorization != f"Bearer {key}":
        given = authorization.removeprefix("Bearer ")
        raise WrongRequest(f"Incorrect API key provided: {given[:8]}***{given[-4:]}.", 401, "invalid_api_key")


def _require(right: bool, message: str) -> None:
    if not right:
        raise WrongRequest(message)


def _schema(text: Mapping[str, Any]) -> Mapping[str, Any]:
    _require(set(text) == {"format"}, "text holds more than a format")
    asked = text["format"]
    _require(set(asked) == {"type", "name", "strict", "schema"}, f"format {sorted(asked)}")
    _require(asked["type"] == "json_schema" and asked["strict"] is True, "no strict json_schema")
    _require(re.fullmatch("[a-zA-Z0-9_-]{1,64}", asked["name"]) is not None, "the format's name")
    schema: Mapping[str, Any] = asked["schema"]
    _require(schema.get("type") == "object", "the schema's root is no object")
    _check_strict(schema)
    return schema


def _check_strict(schema: Mapping[str, Any]) -> None:
    _require(set(schema) <= STRICT_WORDS, f"not in strict mode: {sorted(set(schema) - STRICT_WORDS)}")
    if schema.get("type") == "object":
        _require(schema.get("additionalProperties") is False, "additionalProperties is not false")
        _require(sorted(schema["required"]) == sorted(schema["properties"]), "not every property is required")
    inner = [
        *schema.get("properties", {}).values(),
        *schema.get("$defs", {}).values(),
        *schema.get("anyOf", ()),
    ]
    for part in [*inner, *([schema["items"]] if "items" in schema else [])]:
        _check_strict(part)


def _image(messages: Sequence[Mapping[str, Any]]) -> Pixels:
    _require(len(messages) == 1 and messages[0]["role"] == "user", "not one message of the user")
    kinds = [part["type"] for part in messages[0]["content"]]
    _require(kinds == ["input_text", "input_image"], f"content {kinds}")
    part = messages[0]["content"][1]
    _require(part["detail"] == "high", f"detail {part['detail']}")
    _require(
        part["image_url"].startswith(PREFIX), f"image_url {part['image_url'][:40]!r} is no JPEG data URI"
    )
    return _decoded(base64.b64decode(part["image_url"].removeprefix(PREFIX), validate=True))


def _decoded(jpeg: bytes) -> Pixels:
    _require(len(jpeg) <= MOST_BYTES, f"the picture has {len(jpeg)} bytes")
    with Image.open(BytesIO(jpeg), formats=["JPEG"]) as image:
        _require(image.mode == "RGB", f"mode {image.mode}")
        _require(max(image.size) <= LONG_SIDE and min(image.size) <= SHORT_SIDE, f"size {image.size}")
        _require(not image.getexif() and "icc_profile" not in image.info, "metadata")
        return np.asarray(image.convert("RGB"))
