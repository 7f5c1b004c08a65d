"""The tuning cast, for those who improve the engines: the same measures on other bodies, garments and seeds.

Its figures say nothing about people that were not seen; docs/evaluation.md is made from bench/evaluate/held_out.py.
"""

from __future__ import annotations

from bench.evaluate.cast import Cast, Person, Piece
from studio import layout as at
from studio.body import BodyShape
from studio.features import FaceShape
from studio.garments import Garment
from studio.subject import Looks
from tryon.core.words import Category

_TOP, _BOTTOM, _DRESS = Category.TOPS, Category.BOTTOMS, Category.DRESS

PEOPLE = (
    Person(
        "nora",
        BodyShape(height=1.64, female=True, waist=0.98, hip=1.04, bust=1.0, arm=20.0, elbow=5.0,
                  age=28.0, face=FaceShape(width=0.97, lips=1.05)),
        Looks((238, 198, 172), (140, 92, 52), at.PONYTAIL, ((60, 60, 70), (220, 218, 214)), (70, 96, 110)),
    ),
    Person(
        "omar",
        BodyShape(height=1.82, female=False, shoulders=1.03, waist=1.05, arm=18.0, elbow=6.0,
                  age=38.0, face=FaceShape(nose_length=1.05, jaw=1.04)),
        Looks((190, 136, 100), (26, 22, 20), at.CROP, ((230, 228, 222), (180, 178, 174)), (48, 30, 20), beard=0.4),
    ),
    Person(
        "pia",
        BodyShape(height=1.71, female=True, waist=1.2, hip=1.12, bust=1.1, limbs=1.1, arm=22.0, elbow=4.0,
                  age=47.0, belly=1.08, face=FaceShape(width=1.05)),
        Looks((220, 170, 140), (70, 44, 30), at.CURLS, ((150, 90, 60), (90, 60, 40)), (60, 40, 26)),
    ),
    Person(
        "quan",
        BodyShape(height=1.68, female=False, shoulders=0.96, waist=0.97, limbs=0.97, arm=16.0, elbow=8.0,
                  age=25.0, face=FaceShape(nose=0.96)),
        Looks((234, 194, 158), (20, 18, 20), at.SIDE_PART, ((40, 44, 60), (214, 214, 212)), (38, 26, 20)),
    ),
    Person(
        "rosa",
        BodyShape(height=1.59, female=True, waist=1.08, hip=1.15, limbs=1.06, arm=19.0, elbow=6.0,
                  age=55.0, face=FaceShape(chin=0.96, brow=0.95)),
        Looks((150, 100, 70), (30, 22, 20), at.BOB, ((180, 60, 70), (226, 220, 214)), (40, 26, 18)),
    ),
    Person(
        "sam",
        BodyShape(height=1.77, female=False, waist=1.18, hip=1.06, limbs=1.05, arm=23.0, elbow=3.0,
                  age=60.0, belly=1.15, face=FaceShape(lips=1.08)),
        Looks((96, 62, 44), (18, 16, 16), at.BALD, ((60, 60, 64), (200, 198, 196)), (34, 22, 16)),
    ),
)  # fmt: skip

PIECES = (
    Piece("tee-ivory", "tee", _TOP, Garment(
        "top", ((240, 238, 230),), hem=0.49, sleeve=0.35, ease=0.013, fit=0.85, collar_band=0.015)),
    Piece("vee-sea", "V neck", _TOP, Garment(
        "top", ((40, 120, 130),), hem=0.505, sleeve=0.38, ease=0.012, neck_x=0.044, vee=0.07, vee_x=0.04,
        collar_band=0.012)),
    Piece("shirt-blue", "shirt", _TOP, Garment(
        "top", ((96, 130, 190), (236, 238, 242), (96, 130, 190)), hem=0.478, sleeve=0.96, ease=0.016, fit=0.85,
        collar=at.SHIRT_COLLAR, placket=1.0, cloth=at.WOVEN, hem_curve=0.025)),
    Piece("sweater-rose", "sweater", _TOP, Garment(
        "top", ((206, 130, 140), (120, 60, 80), (206, 130, 140)), (at.STRIPES, 0.045, 0.3), hem=0.498, sleeve=0.97,
        ease=0.020, sleeve_ease=0.011, fit=0.8, collar_band=0.02, hem_band=0.044, cloth=at.KNIT)),
    Piece("hoodie-clay", "hoodie", _TOP, Garment(
        "top", ((168, 108, 84), (140, 86, 64), (140, 86, 64)), hem=0.49, sleeve=0.96, ease=0.022, sleeve_ease=0.017,
        fit=0.9, collar=at.HOOD, pockets=at.KANGAROO, hem_band=0.048, neck_drop=0.044)),
    Piece("jacket-coal", "jacket", _TOP, Garment(
        "top", ((34, 34, 38), (90, 90, 94), (180, 60, 54)), hem=0.47, sleeve=0.95, ease=0.020, sleeve_ease=0.013,
        fit=0.8, open_top=0.058, open_low=0.03, button=0.58, lapel=0.052, pockets=at.FLAPS, cloth=at.WOVEN,
        collar=at.SHIRT_COLLAR)),
    Piece("tank-lime", "sleeveless", _TOP, Garment(
        "top", ((150, 190, 70),), hem=0.50, ease=0.010, fit=0.5, neck_x=0.046, neck_drop=0.05, strap=0.074)),
    Piece("jeans-ink", "jeans", _BOTTOM, Garment(
        "trousers", ((40, 52, 84), (190, 150, 90), (150, 120, 80)), (at.DENIM,), hem=0.043, ease=0.010, leg_width=0.18,
        cuff=0.034, waistband=0.036, pockets=at.JEANS, cloth=at.WOVEN)),
    Piece("wide-stone", "wide trousers", _BOTTOM, Garment(
        "trousers", ((150, 142, 120), (120, 112, 94)), hem=0.038, ease=0.015, leg_width=0.65, cuff=0.066,
        waistband=0.036, pockets=at.SLANTED, crease=True, cloth=at.WOVEN)),
    Piece("shorts-brick", "shorts", _BOTTOM, Garment(
        "trousers", ((160, 74, 56), (128, 58, 44)), hem=0.33, ease=0.015, leg_width=0.5, cuff=0.05, waistband=0.036,
        pockets=at.SLANTED, cloth=at.WOVEN)),
    Piece("mini-plum", "short skirt", _BOTTOM, Garment(
        "skirt", ((96, 48, 90),), hem=0.37, waist=0.615, ease=0.008, flare=0.03, flutes=8.0, flute_depth=0.015,
        waistband=0.034)),
    Piece("maxi-navy", "long skirt", _BOTTOM, Garment(
        "skirt", ((48, 60, 92),), hem=0.115, waist=0.615, ease=0.008, flare=0.07, flutes=10.0, flute_depth=0.03)),
    Piece("dress-gold", "dress", _DRESS, Garment(
        "dress", ((204, 160, 70),), hem=0.28, sleeve=0.26, ease=0.009, flare=0.07, flute_depth=0.035, vee=0.07)),
    Piece("dress-rain", "sleeveless dress", _DRESS, Garment(
        "dress", ((90, 110, 150), (230, 232, 236)), (at.DOTS, 0.034, 0.08), hem=0.30, ease=0.008, flare=0.075,
        flute_depth=0.035, strap=0.07)),
)  # fmt: skip

TUNING = Cast("tuning", range(500, 600), PEOPLE, PIECES)
