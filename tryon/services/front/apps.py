"""An app of a service: every error of it has the service's shape, and its schema says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from tryon import VERSION
from tryon.core.errors import FashionError
from tryon.services.front.errors import ServiceError, of
from tryon.services.front.requests import request_id
from tryon.services.front.shapes import Shape


def new_app(title: str, summary: str, shape: Shape, listed: bool = True) -> FastAPI:
    """listed: whether /openapi.json says what there is. No pages of FastAPI's own: they load their scripts from another
    host."""
    app = _App(
        title=title,
        summary=summary,
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if listed else None,
        responses=documented(shape),
    )

    def told(request: Request, error: Exception) -> JSONResponse:
        return answer(shape, _as_service_error(request, error))

    for kind in (HTTPException, FashionError, RequestValidationError, Exception):
        app.add_exception_handler(kind, told)
    return app


class _App(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """With the keys, which the front asks for where the service has some."""
        schema = super().openapi()
        schema.setdefault("components", {})["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        return schema | {"security": [{"bearer": []}, {"header": []}, {}]}


def answer(shape: Shape, error: ServiceError) -> JSONResponse:
    body = shape(error.status_code, error.code, error.message, **error.ids)
    return JSONResponse(body, error.status_code, headers=dict(error.headers or {}))


def _as_service_error(request: Request, error: Exception) -> ServiceError:
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, FashionError):
        # What is wrong with an address of the path is told with the ids that it names.
        return of(error, **{name: str(value) for name, value in request.path_params.items()})
    if isinstance(error, RequestValidationError):
        return ServiceError(400, "bad_request", _fault(error.errors()))
    if isinstance(error, HTTPException):
        return ServiceError(error.status_code, _code(error.status_code), _said(error), error.headers)
    said = f"something failed that nobody foresaw; the service's log names it by {request_id(request)}"
    return ServiceError(500, "internal", said)


def _fault(errors: Sequence[Mapping[str, Any]]) -> str:
    """`seed: Input should be a valid integer`: the field first. What was given stays out: it may be a photo."""
    first = errors[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    if "UploadFile" in first["msg"]:
        return f"{field}: send a file, with its name, not text"
    return f"{field}: {first['msg'].removeprefix('Value error, ')}"


def _code(status: int) -> str:
    return {404: "not_found", 405: "method_not_allowed"}.get(status, "bad_request")


def _said(error: HTTPException) -> str:
    if error.status_code == 404:
        return "there is nothing at this address; /openapi.json lists what there is"
    if error.status_code == 405:
        return "this address does not take this method; /openapi.json lists what it takes"
    return str(error.detail)


def documented(shape: Shape) -> dict[int | str, dict[str, Any]]:
    """For OpenAPI: the body of each error, as an example and as a schema."""
    example = shape(400, "bad_request", "what was wrong, and what to do", user=None)
    body = {"application/json": {"schema": schema_of(example), "example": example}}
    return {
        "4XX": {"description": "What was wrong with the request", "content": body},
        "5XX": {"description": "What the service cannot do now", "content": body},
    }


def schema_of(example: Mapping[str, object]) -> dict[str, object]:
    """The JSON schema of an object that has strings and objects."""
    properties = {
        name: schema_of(value) if isinstance(value, Mapping) else {"type": "string"}
        for name, value in example.items()
    }
    return {"type": "object", "properties": properties, "required": [*properties]}
