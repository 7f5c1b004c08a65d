"""Whether a photo shows one whole person: somebody, nobody else, large enough, inside the frame, in one piece.

Ranges are what the committed net gives on 225 good renders of people, and on 53 pictures of garments, clouds and
nothing.
"""

from __future__ import annotations

import cv2
import numpy as np

from tryon.core import anatomy
from tryon.core.anatomy import Atr
from tryon.core.areas import Area, dilate, labelled
from tryon.core.ports import Body
from tryon.core.words import Refused
from tryon.engines.person_parts import HEAD_JOINTS, head_area, mean_score, person_area
from tryon.engines.reasons import of_person

SMALLEST_PERSON = 0.02
"""Share of the photo: the face of so small a person has the area of 23 to 34 pixels squared at 768x1024."""

SMALLEST_HEAD, FEWEST_LIMBS = 0.03, 0.015
"""Least share of the person's area in hat, hair and face (0.050 and more on people, 0 to 0.03 on most garments), and in
bare arms and legs (hands in long sleeves: 0.003 to 0.03; garments have up to 0.025, clouds up to 0.28)."""

SEEN_PERSON = 0.5
"""Least mean score of the head's or the torso's joints: 0.90 and more on people, at most 0.45 on shoes, trousers and
skirts. Tops, whose torso has up to 0.88, have no head."""

SURE_PERSON = 0.8
"""From here on nobody needs bare limbs: hands hide behind hips. People have 0.90 and more, things that are no person at
most 0.45."""

SECOND_PERSON, SECOND_HEAD = 0.25, 0.4
"""Area of the second largest person, or head, over the largest: a reflection or a hand is smaller. People alone have 0
and up to 0.09, two people 0.31 and 0.51 or more."""

SMALLEST_HEIGHT = 256
"""Pixels of the person, top to toe: two thirds of the height at which the net looks."""

TOUCHING, EDGE = 0.02, 0.005
"""Share of the photo's width (height for the sides) along which a body that leaves the frame touches its outer EDGE, a
share of the height (width): 0 on whole people, nine in ten times 0.09 to 0.29 on those cut off at the knees, 0.03 to
0.11 on those without a head. The outermost row alone is too little: the net may leave it to the backdrop.
"""

SHOD = 0.012
"""Least share of a person without a head in shoes: 0.019 and more on people cut off below the eyes or the chin, at most
0.005 on garments."""

CONNECTED = 0.85
"""Least share of the person's pixels in its largest piece: 1.00 on people, 0.5 to 0.75 on two of them."""


def check_somebody(body: Body) -> Refused | None:
    """A person fills some of the photo, has a head, and bare limbs unless the net is very sure of head and torso."""
    person = np.count_nonzero(person_area(body))
    found = person >= SMALLEST_PERSON * body.labels.size
    head = np.count_nonzero(head_area(body)) >= SMALLEST_HEAD * person
    limbs = labelled(body.labels, Atr.LEFT_ARM, Atr.RIGHT_ARM, Atr.LEFT_LEG, Atr.RIGHT_LEG)
    scores = mean_score(body, HEAD_JOINTS), mean_score(body, anatomy.TORSO)
    bare = np.count_nonzero(limbs) >= FEWEST_LIMBS * person or min(scores) >= SURE_PERSON
    if found and head and bare and max(scores) >= SEEN_PERSON:
        return None
    if _headless(body, int(person)):
        return of_person("head_out_of_frame")
    two = found and head and bare and _two_people(body)
    return of_person("several_people" if two else "no_person")


def _two_people(body: Body) -> bool:
    """Between two people a net is unsure of every joint. Clouds have no second piece of this size."""
    people, heads = (_second(_sizes(area)) for area in (person_area(body), head_area(body)))
    return people >= SECOND_PERSON and heads >= SECOND_HEAD


def _headless(body: Body, person: int) -> bool:
    """Somebody in shoes, who garments are not, reaches the upper edge."""
    area = person_area(body)
    top = np.count_nonzero(area[: max(1, round(EDGE * area.shape[0]))].any(0))
    shoes = np.count_nonzero(labelled(body.labels, Atr.LEFT_SHOE, Atr.RIGHT_SHOE))
    return bool(top > TOUCHING * area.shape[1] and shoes >= SHOD * max(person, 1))


def check_alone(body: Body) -> Refused | None:
    """No second person and no second head of a comparable size."""
    people = _sizes(person_area(body))
    heads = _sizes(head_area(body))
    if _second(people) < SECOND_PERSON and _second(heads) < SECOND_HEAD:
        return None
    return of_person("several_people")


def check_large(body: Body) -> Refused | None:
    """The person is at least SMALLEST_HEIGHT high."""
    box = anatomy.person_box(body)
    if box is not None and box[3] - box[1] >= SMALLEST_HEIGHT:
        return None
    return of_person("too_small", pixels=SMALLEST_HEIGHT)


def check_in_frame(body: Body) -> Refused | None:
    """The person leaves the photo on no side."""
    area = person_area(body)
    height, width = area.shape
    rows, columns = (max(1, round(EDGE * length)) for length in area.shape)
    if area[:rows].any(0).sum() > TOUCHING * width:
        return of_person("head_out_of_frame")
    if area[-rows:].any(0).sum() > TOUCHING * width:
        return of_person("feet_out_of_frame")
    sides = area[:, :columns], area[:, -columns:]
    if max(side.any(1).sum() for side in sides) > TOUCHING * height:
        return of_person("person_cut_off")
    return None


def check_connected(body: Body) -> Refused | None:
    """Most of the person is one piece."""
    sizes = _sizes(person_area(body))
    if sizes[0] >= CONNECTED * sum(sizes):
        return None
    return of_person("fragmented")


def _sizes(area: Area) -> list[int]:
    """Pixels of each connected piece, largest first; gaps up to 1% of the longer side part nobody."""
    reach = max(1, round(0.005 * max(area.shape)))
    _, piece = cv2.connectedComponents(dilate(area, reach, reach).astype(np.uint8))
    return sorted(np.bincount(piece[area]).tolist(), reverse=True)


def _second(sizes: list[int]) -> float:
    return sizes[1] / sizes[0] if len(sizes) > 1 else 0.0
