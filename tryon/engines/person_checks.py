"""Which photos of people the sample engines can work with: plain rules, each with a sentence to pass on."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np

from tryon.core import anatomy
from tryon.core.anatomy import SEEN, Atr, Joint
from tryon.core.areas import Area, dilate, labelled, shape_of
from tryon.core.ports import Body, Pixels
from tryon.core.words import Refused
from tryon.engines.backdrop import fit_backdrop, to_lab

SMALLEST_PERSON = 0.02
"""Share of the photo: below it the face has less than about 20 pixels at 768x1024."""

SECOND_PERSON, SECOND_HEAD = 0.25, 0.4
"""Area of the second largest person, or head, over the largest: a reflection or a hand is smaller."""

TOUCHING = 0.02
"""Share of the photo's width (height for the sides) along which a body that leaves the frame touches it."""

CONNECTED = 0.85
"""Least share of the person's pixels in its largest piece."""

LONGEST_BONE = 1.3
"""In torso lengths; thigh and shin have 0.82 (Drillis and Contini 1966), and foreshortening only shortens."""

ON_BODY = 0.8
"""Least share of the seen joints that lie on the person (within 2% of its height)."""

BUSY, BUSY_SHARE = 12.0, 0.3
"""Most of the photo around the person that may differ by more than BUSY Lab units from a smooth backdrop."""


def check_photo(image: Pixels, body: Body) -> Refused | None:
    """The first rule that the photo (uint8 [H, W, 3] RGB) or its parse breaks, if any."""
    for rule in _RULES:
        refused = rule(body)
        if refused:
            return refused
    return _backdrop(image, body)


def _person(body: Body) -> Refused | None:
    if np.count_nonzero(body.labels) >= SMALLEST_PERSON * body.labels.size:
        return None
    return Refused("no_person", "No person was found; use a photo of one person from head to feet.")


def _alone(body: Body) -> Refused | None:
    people = _sizes(_person_area(body))
    heads = _sizes(labelled(body.labels, Atr.HAT, Atr.HAIR, Atr.FACE))
    if _second(people) < SECOND_PERSON and _second(heads) < SECOND_HEAD:
        return None
    return Refused("several_people", "More than one person was found; use a photo of one person.")


def _whole(body: Body) -> Refused | None:
    area = _person_area(body)
    height, width = area.shape
    if area[0].sum() > TOUCHING * width:
        return Refused("head_out_of_frame", "The head is cut off; use a photo with space above it.")
    if area[-1].sum() > TOUCHING * width:
        return Refused("feet_out_of_frame", "The feet are cut off; use a photo from head to feet.")
    if max(area[:, 0].sum(), area[:, -1].sum()) > TOUCHING * height:
        return Refused("person_cut_off", "The person is cut off at the side; use a photo with space around.")
    return None


def _connected(body: Body) -> Refused | None:
    sizes = _sizes(_person_area(body))
    if sizes[0] >= CONNECTED * sum(sizes):
        return None
    return Refused("fragmented", "The person could not be told from the backdrop; use a plainer backdrop.")


def _pose(body: Body) -> Refused | None:
    if np.mean(body.keypoints[list(anatomy.TORSO), 2]) < SEEN:
        return Refused("pose_unclear", "The pose is not clear; stand facing the camera with arms hanging.")
    neck, hips = anatomy.joint(body, Joint.NECK), anatomy.seen(body, *anatomy.HIPS)
    upright = neck is not None and bool(hips) and neck[1] < np.mean(hips, axis=0)[1]
    likely = upright and _longest_bone(body) <= LONGEST_BONE * anatomy.torso_length(body)
    if likely and _joints_on_body(body) >= ON_BODY:
        return None
    return Refused("pose_unlikely", "The pose could not be read; stand facing the camera, arms hanging.")


_RULES: tuple[Callable[[Body], Refused | None], ...] = (_person, _alone, _whole, _connected, _pose)


def _backdrop(image: Pixels, body: Body) -> Refused | None:
    """The net was trained on plain backdrops, and dressing repaints them."""
    height, width = image.shape[:2]
    size = round(width * 256 / height), 256
    lab = to_lab(np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8))
    person = cv2.resize((body.labels > 0).astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
    around = ~dilate(person, 6, 6)
    if np.count_nonzero(around) < 100:
        return Refused(
            "person_cut_off", "The person fills the photo; use a photo with space around the person."
        )
    residual = np.linalg.norm(fit_backdrop(lab, around).residual[around], axis=-1)
    if np.mean(residual > BUSY) <= BUSY_SHARE:
        return None
    return Refused("busy_backdrop", "The backdrop is not plain; stand in front of an even wall.")


def _person_area(body: Body) -> Area:
    area: Area = (body.labels > 0) & (body.labels != Atr.BAG)
    return area


def _sizes(area: Area) -> list[int]:
    """Pixels of each connected piece, largest first; gaps up to 1% of the longer side part nobody."""
    reach = max(1, round(0.005 * max(area.shape)))
    _, piece = cv2.connectedComponents(dilate(area, reach, reach).astype(np.uint8))
    return sorted(np.bincount(piece[area]).tolist(), reverse=True)


def _second(sizes: list[int]) -> float:
    return sizes[1] / sizes[0] if len(sizes) > 1 else 0.0


def _longest_bone(body: Body) -> float:
    """Pixels of the longest seen bone of arms and legs."""
    bones = [bone for chain in (*anatomy.ARMS, *anatomy.LEGS) for bone in pairwise(chain)]
    ends = [anatomy.seen(body, *bone) for bone in bones]
    return max((float(np.linalg.norm(pair[0] - pair[1])) for pair in ends if len(pair) == 2), default=0.0)


def _joints_on_body(body: Body) -> float:
    """Share of the seen joints whose pixel is on the person."""
    reach = max(1, round(0.02 * body.labels.shape[0]))
    near = dilate(body.labels > 0, reach, reach)
    height, width = shape_of(near)
    points = np.floor(np.array(anatomy.seen(body, *Joint)).reshape(-1, 2)).astype(int)
    inside = (points >= 0).all(1) & (points < (width, height)).all(1)
    return float(np.count_nonzero(near[points[inside, 1], points[inside, 0]])) / max(len(points), 1)
