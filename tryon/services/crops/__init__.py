"""Garment crops of product photos, for apps: CONTRACT of `POST /crop`."""

from tryon.services.crops.app import Diagnosis, create_app

__all__ = ["Diagnosis", "create_app"]
