"""Why the sample engines turn a photo down, and what to do: every reason by its code, as docs/photos.md lists them."""

from __future__ import annotations

from tryon.core.words import Refused

PERSON_REASONS = {
    "no_person": "No person was found; use a photo of one person from head to feet.",
    "several_people": "More than one person was found; use a photo of one person.",
    "head_out_of_frame": "The head is cut off; use a photo with space above it.",
    "feet_out_of_frame": "The feet are cut off; use a photo from head to feet.",
    "person_cut_off": "The person is cut off at the side; use a photo with space around.",
    "too_small": "The person is under {pixels} pixels high; use a larger photo.",
    "too_dark": "The photo is too dark; use one taken in daylight or under a bright lamp.",
    "overexposed": "The face or the clothes are burnt out; use a photo with less light or without flash.",
    "no_colour": "The photo is black and white; use one in colour.",
    "noisy": "The photo is full of noise; use one taken in more light.",
    "few_colours": "The photo has too few colours left; use the original, less compressed.",
    "blurred": "The photo is blurred; hold the camera still and focus on the person.",
    "sideways": "The photo lies on its side; turn it so that the head is at the top.",
    "upside_down": "The person is upside down; turn the photo so that the head is at the top.",
    "tilted": "The photo is tilted; hold the camera upright.",
    "back_view": "The person is seen from behind; use a photo facing the camera.",
    "side_view": "The person is turned to the side; use a photo facing the camera.",
    "no_face": "No face was found; use a photo in natural colours, facing the camera.",
    "seated": "The person is not standing; use a photo of the person standing upright.",
    "arms_in_front": "An arm covers the clothes; let both arms hang beside the body, hands empty.",
    "pose_unclear": "The pose is not clear; stand facing the camera with arms hanging.",
    "pose_unlikely": "The pose could not be read; stand facing the camera, arms hanging.",
    "stretched": "The body's proportions are unusual; use a photo that is not stretched, facing the camera.",
    "fragmented": "The person could not be told from the backdrop; use a plainer backdrop.",
    "busy_backdrop": "The backdrop is not plain; stand in front of an even wall.",
}

PRODUCT_REASONS = {
    "busy_backdrop": "The backdrop is not plain; photograph the garment on an even, light surface.",
    "dark_backdrop": "The backdrop is dark; photograph the garment on a white or light grey surface, in good light.",
    "coloured_backdrop": "The backdrop is strongly coloured; photograph the garment on a white or light grey surface.",
    "blurred": "The photo is blurred; hold the camera still and focus on the garment.",
    "nothing_stands_out": "No garment stands out; use a backdrop of another colour than the garment.",
    "fragments": "Parts of the garment look like the backdrop and would be lost; use a backdrop of another colour.",
    "cut_off": "The garment touches the photo's edge; leave a margin around all of it.",
    "garment_not_found": "No {category} found: {seen} seen; lay the garments apart or correct the item.",
    "worn_garment": "Somebody wears the garment; upload a photo of the garment alone, without a person.",
    "not_a_garment": "{what}; upload a photo of the garment alone.",
    "askew": "The garment lies {degrees} degrees askew; turn it, or the photo, until it is upright.",
    "upside_down": "The garment lies upside down; turn the photo so that its neck or waistband is at the top.",
    "wrong_category": "The photo looks like {likelier}, not {category}; "
    "correct the declared categories or upload another photo.",
}


def of_person(code: str, **figures: object) -> Refused:
    """Raises KeyError for a reason that is not listed."""
    return Refused(code, PERSON_REASONS[code].format(**figures))


def of_product(code: str, **figures: object) -> Refused:
    """Raises KeyError for a reason that is not listed."""
    return Refused(code, PRODUCT_REASONS[code].format(**figures))
