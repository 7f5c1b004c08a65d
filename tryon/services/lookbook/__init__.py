"""What shoppers see, over HTTP: the JSON API, files, and live logs."""

from tryon.services.lookbook.app import create_app

__all__ = ["create_app"]
