"""Whether the joints and the face make a body: sure of a face of the usual size, a likely pose, usual proportions.

Ranges are what the committed net gives on 225 good renders (the tuning people, the catalogue, random people), and on
as many spoiled ones: 72 of each kind that is stretched or negative, 30 of each pose.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from tryon.core import anatomy
from tryon.core.anatomy import SEEN, Atr, Joint
from tryon.core.areas import Area, dilate, labelled, shape_of
from tryon.core.ports import Body
from tryon.core.words import Refused
from tryon.engines.person_parts import HEAD_JOINTS, head_area, mean_score
from tryon.engines.reasons import of_person

FACE_CLEAR = 0.6
"""Least mean score of the head's joints: 0.91 and more on people, 0.44 and less on garments, 0.60 and less on noise.

No higher: a stretched photo, which has another reason, has 0.68 and more when upright, and half of the time less than
0.78 when sideways.
"""

FACE_SIZES = 0.06, 0.27
"""Face and neck in squared torso lengths: 0.086 to 0.21 on people, 0 to 0.035 on backs, up to 0.43 on photos stretched
sideways. Colour negatives have up to 0.14 and are told by their hues. The least was 0.09, which refused a good one.
"""

LONGEST_BONE = 1.3
"""In torso lengths; thigh and shin have 0.82 (Drillis and Contini 1966), and foreshortening only shortens. The longest
of a person has 0.76 to 0.91."""

ON_BODY = 0.8
"""Least share of the seen joints that lie on the person (within 2% of the photo's height): all of them do on people,
0.58 to 0.84 on two people."""

SHOULDERS_PER_TORSO = 0.52, 0.85
"""Distance of the shoulder joints in torso lengths: 0.60 to 0.77 on people, 0.12 to 0.51 when the photo is stretched
upright by two, and nine in ten times 0.40 to 1.24 when sideways."""

SHORTEST_LEGS = 1.25
"""Hip to ankle in torso lengths: 1.46 and more on people; half of the photos stretched sideways by two have less than
1.27. It was 1, which accepted four of 72 of those that found no other rule."""


def check_face(body: Body) -> Refused | None:
    """The net is sure of the head's joints."""
    if mean_score(body, HEAD_JOINTS) >= FACE_CLEAR:
        return None
    return of_person("no_face")


def check_face_size(body: Body) -> Refused | None:
    """The face's area suits the torso."""
    face = np.count_nonzero(labelled(body.labels, Atr.FACE))
    least, most = (share * anatomy.torso_length(body) ** 2 for share in FACE_SIZES)
    if least <= face <= most:
        return None
    return of_person("no_face")


def check_pose(body: Body) -> Refused | None:
    """The torso was found, its neck is above its hips, no bone is too long, and joints lie on what they belong to."""
    if mean_score(body, anatomy.TORSO) < SEEN:
        return of_person("pose_unclear")
    neck, hips = anatomy.joint(body, Joint.NECK), anatomy.seen(body, *anatomy.HIPS)
    upright = neck is not None and bool(hips) and neck[1] < np.mean(hips, axis=0)[1]
    likely = upright and _longest_bone(body) <= LONGEST_BONE * anatomy.torso_length(body)
    head = head_area(body) | labelled(body.labels, Atr.SUNGLASSES)
    on_body = _joints_on(body, body.labels > 0, Joint) >= ON_BODY
    if likely and on_body and _joints_on(body, head, HEAD_JOINTS) >= ON_BODY:
        return None
    return of_person("pose_unlikely")


def check_proportions(body: Body) -> Refused | None:
    """Shoulders and legs suit the torso."""
    torso = anatomy.torso_length(body)
    least, most = (share * torso for share in SHOULDERS_PER_TORSO)
    shoulders = _lengths(body, [anatomy.SHOULDERS])
    legs = _lengths(body, [(leg[0], leg[-1]) for leg in anatomy.LEGS])
    if (
        all(least <= width <= most for width in shoulders)
        and max(legs, default=np.inf) >= SHORTEST_LEGS * torso
    ):
        return None
    return of_person("stretched")


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
