"""The try-on service: a person and a garment, as two files, become one picture."""

from tryon.services.tryon.app import create_app, loader
from tryon.services.tryon.masks import MaskFiles

__all__ = ["MaskFiles", "create_app", "loader"]
