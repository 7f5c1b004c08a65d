"""The lookbook's web page: HTML that works by itself, and small scripts that make it nicer."""

from tryon.services.lookbook.pages.routes import add_pages

__all__ = ["add_pages"]
