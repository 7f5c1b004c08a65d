"""Random people: bodies, faces, looks and poses for the training set. No numba here."""

from __future__ import annotations

import colorsys

import numpy as np

from studio import layout as at
from studio.body import BodyShape
from studio.features import FaceShape
from studio.garments import Colour
from studio.pose import CROSSED, ON_HIP, Arm, Pose
from studio.subject import Looks

# Fair to dark, after the Fitzpatrick scale's six types; tones between neighbours are drawn.
SKIN = ((242, 206, 184), (226, 178, 148), (200, 146, 112), (156, 106, 76), (114, 74, 53), (84, 55, 41))
# Black, dark brown, brown, chestnut, auburn, dark blond, blond, grey, white.
_HAIR = (
    (24, 20, 19), (44, 31, 24), (72, 48, 33), (98, 60, 38), (124, 62, 38), (140, 108, 70), (188, 152, 100),
    (150, 148, 146), (206, 204, 200),
)  # fmt: skip
_HIS = (at.SHORT_HAIR, at.SIDE_PART, at.CROP, at.CURLS, at.BALD, at.LONG_HAIR, at.BUN)
_HIS_SHARE = (0.32, 0.24, 0.18, 0.12, 0.08, 0.04, 0.02)
_HERS = (at.LONG_HAIR, at.BOB, at.PONYTAIL, at.BUN, at.CURLS, at.SIDE_PART, at.SHORT_HAIR, at.CROP)
_HERS_SHARE = (0.34, 0.18, 0.14, 0.13, 0.10, 0.05, 0.04, 0.02)


def random_shape(rng: np.random.Generator) -> BodyShape:
    """Thin to heavy, short to tall, 18 to 84 years: beyond the catalogue's range."""
    heavy = float(np.clip(rng.normal(0.0, 1.0), -1.4, 2.6))
    female = bool(rng.random() < 0.5)
    return BodyShape(
        height=float(np.clip(rng.normal(1.66 if female else 1.78, 0.07), 1.48, 1.98)),
        female=female,
        shoulders=float(rng.uniform(0.94, 1.07)) * (1.0 + 0.02 * max(heavy, 0.0)),
        waist=1.03 + 0.09 * heavy + float(rng.uniform(-0.05, 0.05)),
        hip=1.02 + 0.06 * heavy + float(rng.uniform(-0.05, 0.05)),
        bust=1.01 + 0.05 * heavy + float(rng.uniform(-0.05, 0.05)),
        limbs=1.01 + 0.065 * heavy + float(rng.uniform(-0.05, 0.05)),
        arm=float(rng.uniform(6.0, 34.0)),
        elbow=float(rng.uniform(-4.0, 16.0)),
        stance=float(rng.uniform(0.2, 3.0)),
        belly=1.0 + 0.05 * max(heavy, 0.0) + float(rng.uniform(-0.04, 0.08)),
        neck=1.0 + 0.05 * heavy + float(rng.uniform(-0.04, 0.04)),
        age=float(rng.uniform(18.0, 50.0) if rng.random() < 0.7 else rng.uniform(50.0, 84.0)),
        face=random_face(rng),
    )


def random_face(rng: np.random.Generator) -> FaceShape:
    """A face whose features differ by up to a sixth from the average."""
    spread = np.array([0.05, 0.07, 0.09, 0.10, 0.08, 0.04, 0.07, 0.12, 0.18])
    return FaceShape(*(1.0 + spread * np.clip(rng.normal(0.0, 0.8, 9), -1.8, 1.8)).tolist())


def random_looks(rng: np.random.Generator, shape: BodyShape) -> Looks:
    """Skin, hair, eyes, shoes; grey is likelier with age, and hair of no natural colour is rare."""
    tone = float(rng.uniform(0.0, len(SKIN) - 1.001))
    fair, dark = np.array(SKIN[int(tone)]), np.array(SKIN[int(tone) + 1])
    r, g, b = (int(c) for c in fair + (dark - fair) * (tone % 1.0))
    styles, shares = (_HERS, _HERS_SHARE) if shape.female else (_HIS, _HIS_SHARE)
    beard = 0.0 if shape.female or rng.random() < 0.55 else float(rng.choice([0.2, 0.35, 0.6, 0.9]))
    return Looks(
        skin=(r, g, b),
        hair=_hair(rng, shape.age, tone),
        hair_style=int(rng.choice(styles, p=shares)),
        shoes=(random_colour(rng), random_colour(rng)),
        eyes=random_colour(rng, 0.1, 0.5),
        hair_length=float(rng.uniform(0.20, 0.46)),
        beard=beard,
        shoe_style=int(rng.choice([at.SNEAKER, at.LOAFER, at.BOOT], p=[0.5, 0.28, 0.22])),
    )


def _hair(rng: np.random.Generator, age: float, tone: float) -> Colour:
    """A colour of hair, sRGB; tone: 0 fair to 5 dark skin, which seldom has fair hair."""
    if rng.random() < 0.05:
        return random_colour(rng, 0.05, 0.75)
    if rng.random() < (age - 45.0) / 30.0:
        first = int(rng.integers(7, 9))
    else:
        first = int(rng.integers(0, 7 if tone < 2.0 else 3))
    r, g, b = (int(np.clip(c * rng.uniform(0.85, 1.15), 0, 255)) for c in _HAIR[first])
    return r, g, b


def random_colour(rng: np.random.Generator, dark: float = 0.08, light: float = 0.97) -> Colour:
    """An sRGB colour of any hue, more often pale than saturated."""
    r, g, b = colorsys.hsv_to_rgb(rng.random(), rng.random() ** 1.3 * 0.9, rng.uniform(dark, light))
    return round(255 * r), round(255 * g), round(255 * b)


def random_pose(rng: np.random.Generator) -> Pose:
    """Mostly a catalogue's pose; some with hands on hips, and few that hide the body or show its other sides."""
    left, right = _arms(rng)
    kind = rng.random()
    turn = float(rng.normal(0.0, 6.0))
    if kind < 0.12:
        turn = float(rng.choice([-1.0, 1.0]) * rng.uniform(18.0, 55.0))
    elif kind < 0.15:
        turn = float(rng.choice([-1.0, 1.0]) * rng.uniform(70.0, 110.0))
    elif kind < 0.19:
        turn = float(rng.normal(180.0, 12.0))
    return Pose(
        left=left,
        right=right,
        weight=float(rng.uniform(-1.0, 1.0)) if rng.random() < 0.7 else 0.0,
        stride=float(rng.normal(0.0, 0.035)),
        turn=turn,
        head_turn=float(np.clip(rng.normal(0.0, 9.0), -25.0, 25.0)),
        head_tilt=float(np.clip(rng.normal(0.0, 3.0), -8.0, 8.0)),
        head_nod=float(np.clip(rng.normal(0.0, 3.0), -8.0, 8.0)),
        seated=bool(rng.random() < 0.045),
    )


def _arms(rng: np.random.Generator) -> tuple[Arm | None, Arm | None]:
    """The left and the right arm; None hangs."""
    kind = rng.random()
    if kind < 0.61:
        return None, None
    if kind < 0.68:
        return ON_HIP, ON_HIP
    if kind < 0.79:
        return (ON_HIP, None) if rng.random() < 0.5 else (None, ON_HIP)
    if kind < 0.86:
        return CROSSED
    return _raised(rng), _raised(rng) if rng.random() < 0.5 else None


def _raised(rng: np.random.Generator) -> Arm:
    """An arm a little forward, its elbow bent."""
    out = float(rng.uniform(8.0, 34.0))
    return Arm(
        out=out,
        forward=float(rng.uniform(-8.0, 25.0)),
        low_out=out - float(rng.uniform(0.0, 24.0)),
        low_forward=float(rng.uniform(5.0, 55.0)),
        palm=float(rng.uniform(0.0, 60.0)),
    )
