"""Why a garment has no box, each with what to do about it."""

from __future__ import annotations

from tryon.core.words import Refused


def without_words() -> Refused:
    return Refused(
        "no_phrase", "The analysis has no words for this garment; describe it in two or three words."
    )


def not_found(name: str) -> Refused:
    return Refused("garment_not_found", f"No {name} was found; check the photo and the declared categories.")


def won_by_another(name: str, other: str) -> Refused:
    return Refused(
        "won_by_another",
        f"What looks most like {name} is rather {other}; use a photo that shows the garment more clearly.",
    )


def not_told_apart(name: str) -> Refused:
    return Refused(
        "not_told_apart",
        f"The {name} could not be told from the other things in the photo; photograph it on its own.",
    )


def too_small(name: str, sides: tuple[int, int], least: int) -> Refused:
    return Refused(
        "garment_too_small",
        f"The {name} is {sides[0]}x{sides[1]} px; each side must be at least {least}. Photograph it closer.",
    )


def odd_shape(width: int, height: int) -> Refused:
    return Refused("photo_shape", f"The photo is {width}x{height} px, too narrow to be searched; crop it.")
