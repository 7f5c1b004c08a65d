"""Which photos of people the sample engines can work with: plain rules, each with a sentence to pass on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import cv2
import numpy as np

from tryon.core import anatomy
from tryon.core.anatomy import SEEN, Atr, Joint
from tryon.core.areas import Area, Point, dilate, labelled, shape_of
from tryon.core.ports import Body, Pixels
from tryon.core.words import Refused
from tryon.engines.light_checks import check_backdrop, check_light
from tryon.engines.reasons import of_person
from tryon.engines.stance_checks import check_stance

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

HEAD_JOINTS = (Joint.NOSE, Joint.RIGHT_EYE, Joint.LEFT_EYE, Joint.CHIN)

SURE, UNSURE, CLEARER = 0.8, 0.9, 0.2
"""Clarity (see there): upright people have at least 0.94 and turned ones at most 0.55, things that are no person 0.37.
Below UNSURE it is worth looking at the photo turned; a turn that has SURE and is CLEARER by this much is the truth."""

SMALLEST_HEAD, FEWEST_LIMBS = 0.03, 0.015
"""Least share of the person's area in hat, hair and face, and in bare arms and legs (hands in long sleeves: 0.035)."""

SEEN_PERSON = 0.5
"""Least mean score of the head's or the torso's joints; it is less on shoes, trousers and noise."""

FACE_CLEAR = 0.6
"""Least mean score of the head's joints: 0.93 and more on people, 0.37 and less on garments and noise."""

FACE_SIZES = 0.09, 0.27
"""Face and neck in squared torso lengths: 0.12 to 0.19 on people, 0.05 to 0.07 on their colour negatives."""

MOST_TILTED = 9.0
"""Degrees between the torso and the vertical. Photos tilted by 5 degrees read as 3.6 to 6.5, by 12 as 9.6 to 12.3."""

SMALLEST_HEIGHT = 256
"""Pixels of the person, top to toe: the net's own resolution."""

SHOULDERS_PER_TORSO = 0.52, 0.85
"""Distance of the shoulder joints in torso lengths: 0.58 to 0.76 on people, 0.32 to 0.45 when the photo is stretched
upright by two, 0.9 to 1.24 when sideways."""

SHORTEST_LEGS = 1.0
"""Hip to ankle in torso lengths: 1.34 and more on people, 0.6 to 1.2 when the photo is stretched sideways by two."""


def check_photo(image: Pixels, body: Body) -> Refused | None:
    """The first rule that the photo (uint8 [H, W, 3] RGB) or its parse breaks, if any."""
    for rule in _RULES:
        refused = rule(body)
        if refused:
            return refused
    return check_light(image, body) or check_backdrop(image, body)


def clarity(body: Body) -> float:
    """How sure the net is of a person who stands upright, 0..1: the lower score of head and torso."""
    return min(_score(body, HEAD_JOINTS), _score(body, anatomy.TORSO))


def check_turned(upright: float, turned: Sequence[float]) -> Refused | None:
    """Whether the photo lies on its side or head. The clarity as it is, and turned by 90, 180, 270 degrees.

    A net that knows only standing people puts plausible joints on an inverted body too, but is never sure of them.
    """
    best = int(np.argmax(turned))
    if turned[best] < max(SURE, upright + CLEARER):
        return None
    if best == 1:
        return of_person("upside_down")
    return of_person("sideways")


def _score(body: Body, joints: Sequence[int]) -> float:
    return float(np.mean(body.keypoints[list(joints), 2]))


def _person(body: Body) -> Refused | None:
    person = np.count_nonzero(_person_area(body))
    found = person >= SMALLEST_PERSON * body.labels.size
    head = np.count_nonzero(_head(body)) >= SMALLEST_HEAD * person
    limbs = labelled(body.labels, Atr.LEFT_ARM, Atr.RIGHT_ARM, Atr.LEFT_LEG, Atr.RIGHT_LEG)
    clear = max(_score(body, HEAD_JOINTS), _score(body, anatomy.TORSO)) >= SEEN_PERSON
    if found and head and clear and np.count_nonzero(limbs) >= FEWEST_LIMBS * person:
        return None
    return of_person("no_person")


def _face(body: Body) -> Refused | None:
    if _score(body, HEAD_JOINTS) >= FACE_CLEAR:
        return None
    return of_person("no_face")


def _face_size(body: Body) -> Refused | None:
    face = np.count_nonzero(labelled(body.labels, Atr.FACE))
    least, most = (share * anatomy.torso_length(body) ** 2 for share in FACE_SIZES)
    if least <= face <= most:
        return None
    return of_person("no_face")


def _upright(body: Body) -> Refused | None:
    """By the labels: head over clothes over shoes, whatever the joints say."""
    worn = _centre(labelled(body.labels, Atr.UPPER, Atr.SKIRT, Atr.PANTS, Atr.DRESS))
    legs = labelled(body.labels, Atr.LEFT_SHOE, Atr.RIGHT_SHOE, Atr.LEFT_LEG, Atr.RIGHT_LEG)
    downs = [worn - _centre(_head(body)), _centre(legs) - worn]
    downs = [down for down in downs if not np.isnan(down).any()]
    if any(abs(down[0]) > abs(down[1]) for down in downs):
        return of_person("sideways")
    if any(down[1] < 0 for down in downs):
        return of_person("upside_down")
    return None


def _tilt(body: Body) -> Refused | None:
    """All joints of the torso count, unsure ones too: of two hips the seen one alone would lean the axis."""
    hips = np.mean(body.keypoints[list(anatomy.HIPS), :2], axis=0)
    right, down = hips - body.keypoints[Joint.NECK, :2]
    unclear = _score(body, anatomy.TORSO) < SEEN
    if unclear or down <= 0 or abs(np.degrees(np.arctan2(right, down))) <= MOST_TILTED:
        return None
    return of_person("tilted")


def _large(body: Body) -> Refused | None:
    box = anatomy.person_box(body)
    if box is not None and box[3] - box[1] >= SMALLEST_HEIGHT:
        return None
    return of_person("too_small", pixels=SMALLEST_HEIGHT)


def _proportions(body: Body) -> Refused | None:
    torso = anatomy.torso_length(body)
    least, most = (share * torso for share in SHOULDERS_PER_TORSO)
    shoulders = _lengths(body, [anatomy.SHOULDERS])
    legs = _lengths(body, [(leg[0], leg[-1]) for leg in anatomy.LEGS])
    if (
        all(least <= width <= most for width in shoulders)
        and max(legs, default=torso) >= SHORTEST_LEGS * torso
    ):
        return None
    return of_person("stretched")


def _alone(body: Body) -> Refused | None:
    people = _sizes(_person_area(body))
    heads = _sizes(_head(body))
    if _second(people) < SECOND_PERSON and _second(heads) < SECOND_HEAD:
        return None
    return of_person("several_people")


def _whole(body: Body) -> Refused | None:
    area = _person_area(body)
    height, width = area.shape
    if area[0].sum() > TOUCHING * width:
        return of_person("head_out_of_frame")
    if area[-1].sum() > TOUCHING * width:
        return of_person("feet_out_of_frame")
    if max(area[:, 0].sum(), area[:, -1].sum()) > TOUCHING * height:
        return of_person("person_cut_off")
    return None


def _connected(body: Body) -> Refused | None:
    sizes = _sizes(_person_area(body))
    if sizes[0] >= CONNECTED * sum(sizes):
        return None
    return of_person("fragmented")


def _pose(body: Body) -> Refused | None:
    if np.mean(body.keypoints[list(anatomy.TORSO), 2]) < SEEN:
        return of_person("pose_unclear")
    neck, hips = anatomy.joint(body, Joint.NECK), anatomy.seen(body, *anatomy.HIPS)
    upright = neck is not None and bool(hips) and neck[1] < np.mean(hips, axis=0)[1]
    likely = upright and _longest_bone(body) <= LONGEST_BONE * anatomy.torso_length(body)
    head = _head(body) | labelled(body.labels, Atr.SUNGLASSES)
    on_body = _joints_on(body, body.labels > 0, Joint) >= ON_BODY
    if likely and on_body and _joints_on(body, head, HEAD_JOINTS) >= ON_BODY:
        return None
    return of_person("pose_unlikely")


_RULES: tuple[Callable[[Body], Refused | None], ...] = (
    _person, _alone, _large, _whole, _upright, check_stance, _face, _connected, _tilt, _pose, _proportions, _face_size
)  # fmt: skip


def _person_area(body: Body) -> Area:
    area: Area = (body.labels > 0) & (body.labels != Atr.BAG)
    return area


def _head(body: Body) -> Area:
    return labelled(body.labels, Atr.HAT, Atr.HAIR, Atr.FACE)


def _centre(area: Area) -> Point:
    """The centroid (x, y); not a number when the area is empty."""
    rows, columns = area.sum(1), area.sum(0)
    total = float(rows.sum()) or np.nan
    return np.array([columns @ np.arange(len(columns)), rows @ np.arange(len(rows))]) / total


def _sizes(area: Area) -> list[int]:
    """Pixels of each connected piece, largest first; gaps up to 1% of the longer side part nobody."""
    reach = max(1, round(0.005 * max(area.shape)))
    _, piece = cv2.connectedComponents(dilate(area, reach, reach).astype(np.uint8))
    return sorted(np.bincount(piece[area]).tolist(), reverse=True)


def _second(sizes: list[int]) -> float:
    return sizes[1] / sizes[0] if len(sizes) > 1 else 0.0


def _lengths(body: Body, bones: Iterable[tuple[int, int]]) -> list[float]:
    """Pixels of each bone whose two joints are seen."""
    ends = [anatomy.seen(body, *bone) for bone in bones]
    return [float(np.linalg.norm(pair[0] - pair[1])) for pair in ends if len(pair) == 2]


def _longest_bone(body: Body) -> float:
    """Pixels of the longest seen bone of arms and legs."""
    bones = [bone for chain in (*anatomy.ARMS, *anatomy.LEGS) for bone in pairwise(chain)]
    return max(_lengths(body, bones), default=0.0)


def _joints_on(body: Body, area: Area, joints: Iterable[int]) -> float:
    """Share of the joints, of those that are seen, whose pixel is in the area or near it."""
    reach = max(1, round(0.02 * body.labels.shape[0]))
    near = dilate(area, reach, reach)
    height, width = shape_of(near)
    points = np.floor(np.array(anatomy.seen(body, *joints)).reshape(-1, 2)).astype(int)
    inside = (points >= 0).all(1) & (points < (width, height)).all(1)
    return float(np.count_nonzero(near[points[inside, 1], points[inside, 0]])) / max(len(points), 1)
