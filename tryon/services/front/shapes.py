"""The three shapes of an error's body. Which one a service has is part of its contract."""

from __future__ import annotations

from typing import Protocol


class Shape(Protocol):
    """ids: which user, outfit ... it is about; None is left out."""

    def __call__(self, status: int, code: str, message: str, **ids: str | None) -> dict[str, object]: ...


def detail(status: int, code: str, message: str, **ids: str | None) -> dict[str, object]:
    """Of the crop, try-on and splat services."""
    return {"detail": message}


def status_error(status: int, code: str, message: str, **ids: str | None) -> dict[str, object]:
    """Of the mask service."""
    return {"status": "error", "error": {"code": code, "message": message}}


def envelope(status: int, code: str, message: str, **ids: str | None) -> dict[str, object]:
    """Of the services that are new."""
    return {"error": {"code": code, "message": message, **named(ids)}}


def named(ids: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in ids.items() if value is not None}
