"""The try-on service: a person and a garment, as two files, become one picture."""

from tryon.services.tryon.app import create_app, loader

__all__ = ["create_app", "loader"]
