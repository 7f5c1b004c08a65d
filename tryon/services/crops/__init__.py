"""Garment crops of product photos, for apps: `POST /crop`."""

from tryon.services.crops.app import Diagnosis, create_app, loader

__all__ = ["Diagnosis", "create_app", "loader"]
