"""An error as a page."""

from __future__ import annotations

from tryon.core.errors import FashionError, UnknownOutfit, UnknownUpload
from tryon.services.front.errors import of
from tryon.services.lookbook.pages import words


def failure_page(error: FashionError) -> tuple[dict[str, object], int]:
    """The template's values, and the status that the API answers too."""
    known = of(error)
    title = "Something is wrong"
    if isinstance(error, UnknownUpload):
        title = "Nobody of this name"
    if isinstance(error, UnknownOutfit):
        title = "No such outfit"
    context: dict[str, object] = {
        "title": title,
        "message": words.sentence(known.message),
        "code": known.code,
        "back": "/",
        "back_word": "Everybody there is",
    }
    return context, known.status_code
