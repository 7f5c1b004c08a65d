"""How somebody stands, by joints and labels: from behind, from the side, seated, arms before the clothes.

Every figure is a ratio of lengths within the body, so it means the same for any net that finds these joints. Ranges are
what the committed net gives on 225 good renders of people (the tuning people, the catalogue, random people) and on 30
of each pose that is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tryon.core import anatomy
from tryon.core.anatomy import Atr, Joint
from tryon.core.areas import labelled
from tryon.core.ports import Body
from tryon.core.words import Refused
from tryon.engines.reasons import of_person

FACING = -0.35
"""Least Stance.shoulders: -0.72 to -0.52 on backs (one of 30 was taken for a front), -0.08 to 0.35 on sides, 0.60 to
0.77 on people who face the camera."""

NO_FACE, HAIR = 0.03, 0.05
"""Areas that tell a back, whatever the joints say: no face (fronts have 0.086 and more, backs at most 0.035, and sides
0.005 to 0.13), but hair (backs have 0.10 and more)."""

TURNED, AWAY = 0.2, 0.2
"""Stance.shoulders below TURNED with a nose so far AWAY. On sides the shoulders have -0.08 to 0.19 (one of 30 has 0.35)
and the nose 0.23 and more (1.37 and more by the true joints), on fronts at most 0.16. A photo that was stretched to
twice its height has narrow shoulders too: 0.2 and more on 66 of 72, and a nose up to 0.71. These two were 0.5 and 0.6,
which called most sides stretched photos.
"""

THIGH = 0.6, 1.6
"""Stance.thigh: 0.02 to 0.13 on a stool, 0.76 to 1.09 on people who stand (by their true joints 0.92 to 0.95). A net
that knows nobody who sits takes the knees for thighs and has 1.9 and more."""

WIDE = 0.85
"""Stance.shoulders from here on are those of a photo that was stretched sideways (half have 1.0 and more), where a net
finds no knees."""

ARM_BESIDE, ELBOW_OUT = 0.5, 0.75
"""Least Stance.hand: 0 to 0.28 with crossed arms, 0.62 and more with hands on the hips, whose elbows are more than
ELBOW_OUT distances of the shoulders from the middle line."""


PALM = 0.25
"""Middle of the palm beyond the wrist, in lengths of the forearm."""


@dataclass(frozen=True)
class Stance:
    """Lengths are in torso lengths unless said otherwise.

    shoulders: how far the left one is to the right of the right one in the photo; negative from behind.
    face, hair: areas. nose: how far it is from the middle of the eyes, in distances of the eyes; infinite when one of
    the three is not seen. thigh: how far the knees are below the hips, over how far the ankles are below the knees.
    hand: how near a hand above the hips comes to the middle line, in distances of the shoulders, and how far its
    elbow is beyond ELBOW_OUT; infinite without.
    """

    shoulders: float
    face: float
    hair: float
    nose: float
    thigh: float
    hand: float


def check_stance(body: Body) -> Refused | None:
    """The first of these rules that the parse breaks, if any; a torso that was not found breaks none."""
    found = stance(body)
    if found is None:
        return None
    if found.shoulders < FACING or (found.face < NO_FACE and found.hair > HAIR):
        return of_person("back_view")
    if found.shoulders < TURNED and found.nose > AWAY:
        return of_person("side_view")
    stands = THIGH[0] <= found.thigh <= THIGH[1] or found.thigh == np.inf
    if not stands and found.shoulders < WIDE:
        return of_person("seated")
    if found.hand < ARM_BESIDE:
        return of_person("arms_in_front")
    return None


def stance(body: Body) -> Stance | None:
    """None when the torso's joints are not all seen."""
    if len(anatomy.seen(body, *anatomy.TORSO)) < len(anatomy.TORSO):
        return None
    torso, points = anatomy.torso_length(body), body.keypoints[:, :2].astype(np.float64)
    if torso <= 0:
        return None
    face, hair = (np.count_nonzero(labelled(body.labels, name)) / torso**2 for name in (Atr.FACE, Atr.HAIR))
    shoulders = float(points[Joint.LEFT_SHOULDER, 0] - points[Joint.RIGHT_SHOULDER, 0]) / torso
    return Stance(shoulders, face, hair, _nose(body), _thigh(body), _hand(body, points))


def _nose(body: Body) -> float:
    found = anatomy.seen(body, Joint.NOSE, Joint.RIGHT_EYE, Joint.LEFT_EYE)
    if len(found) < 3:
        return np.inf
    nose, right, left = found
    return float(abs(nose[0] - (right[0] + left[0]) / 2) / max(abs(left[0] - right[0]), 1e-6))


def _thigh(body: Body) -> float:
    """Of both legs together, as far as their three joints are seen; infinite without."""
    legs = [anatomy.seen(body, *leg) for leg in anatomy.LEGS]
    falls = [
        (knee[1] - hip[1], ankle[1] - knee[1]) for hip, knee, ankle in (leg for leg in legs if len(leg) == 3)
    ]
    if not falls:
        return np.inf
    thigh, shin = np.sum(falls, axis=0)
    return float(min(thigh / max(shin, 1e-6), 1e6))


def _hand(body: Body, points: NDArray[np.float64]) -> float:
    neck, hips = points[Joint.NECK], points[list(anatomy.HIPS)].mean(axis=0)
    down = hips - neck
    across = np.array([-down[1], down[0]]) / np.linalg.norm(down)
    width = abs(float((points[Joint.LEFT_SHOULDER] - points[Joint.RIGHT_SHOULDER]) @ across))
    nearest = np.inf
    for arm in anatomy.ARMS:
        if len(anatomy.seen(body, *arm[1:])) == 2:
            elbow, wrist = points[arm[1]], points[arm[2]]
            for point in (wrist, wrist + PALM * (wrist - elbow)):
                if 0 < (point - neck) @ down / (down @ down) < 1:
                    hand, bend = (abs((place - neck) @ across) / max(width, 1e-6) for place in (point, elbow))
                    nearest = min(nearest, hand + max(bend - ELBOW_OUT, 0))
    return float(nearest)
