"""Masks of people's photos, for apps: `POST /` and `POST /batch`."""

from tryon.services.masks.app import create_app, loader

__all__ = ["create_app", "loader"]
