"""The held-out cast: what the published figures are measured on. NEVER train or tune on anything named here.

Only `python -m bench evaluate` reads it; engineers tune on bench/evaluate/tuning.py with the same code.
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
        "ada",
        BodyShape(height=1.58, female=True, shoulders=0.95, waist=0.97, hip=1.02, bust=0.98, limbs=0.95, arm=18.0,
                  age=24.0, face=FaceShape(jaw=0.95, eye_gap=1.04)),
        Looks((243, 205, 182), (176, 128, 70), at.LONG_HAIR, ((150, 60, 70), (230, 226, 220)), (80, 110, 120)),
    ),
    Person(
        "bela",
        BodyShape(height=1.69, female=True, hip=1.08, waist=1.06, bust=1.06, limbs=1.04, arm=15.0, elbow=9.0,
                  age=41.0, face=FaceShape(width=1.04, nose=1.08)),
        Looks((212, 158, 124), (34, 26, 24), at.BUN, ((228, 222, 212), (180, 170, 160)), (60, 38, 24)),
    ),
    Person(
        "chidi",
        BodyShape(height=1.84, female=False, shoulders=1.05, waist=0.98, limbs=1.03, arm=19.0, elbow=5.0,
                  age=29.0, face=FaceShape(jaw=1.06, lips=1.1)),
        Looks((86, 56, 40), (16, 14, 14), at.CROP, ((236, 234, 230), (200, 198, 194)), (32, 20, 14)),
    ),
    Person(
        "dora",
        BodyShape(height=1.63, female=True, hip=1.18, waist=1.26, bust=1.13, limbs=1.15, arm=21.0, elbow=4.0,
                  age=36.0, belly=1.1, face=FaceShape(width=1.08, chin=0.95)),
        Looks((180, 122, 88), (60, 36, 26), at.CURLS, ((40, 40, 46), (38, 36, 36)), (52, 32, 20)),
    ),
    Person(
        "emil",
        BodyShape(height=1.78, female=False, waist=1.24, hip=1.08, bust=1.08, limbs=1.08, arm=22.0, elbow=6.0,
                  age=63.0, belly=1.18, face=FaceShape(nose_length=1.08, brow=1.1)),
        Looks((234, 190, 164), (120, 116, 112), at.SIDE_PART, ((92, 66, 48), (60, 46, 38)), (84, 108, 130)),
    ),
    Person(
        "fumi",
        BodyShape(height=1.61, female=True, waist=0.94, hip=0.95, bust=0.96, limbs=0.93, arm=14.0, elbow=8.0,
                  age=27.0, face=FaceShape(eye_gap=1.02, nose=0.94)),
        Looks((232, 188, 154), (26, 22, 24), at.BOB, ((52, 54, 64), (210, 210, 208)), (44, 28, 20)),
    ),
    Person(
        "goran",
        BodyShape(height=1.87, female=False, shoulders=1.07, waist=1.08, limbs=1.05, arm=24.0, elbow=2.0,
                  age=45.0, neck=1.06, face=FaceShape(jaw=1.1, nose_length=1.06)),
        Looks((218, 166, 136), (74, 52, 36), at.SHORT_HAIR, ((56, 76, 110), (222, 222, 222)), (92, 76, 48), beard=0.8),
    ),
    Person(
        "hawa",
        BodyShape(height=1.73, female=True, hip=1.10, waist=1.0, bust=1.02, limbs=1.0, arm=17.0, elbow=3.0,
                  age=33.0, face=FaceShape(lips=1.12, chin=1.03)),
        Looks((104, 68, 50), (20, 16, 16), at.BUN, ((196, 152, 80), (120, 90, 50)), (34, 22, 16)),
    ),
    Person(
        "ines",
        BodyShape(height=1.66, female=True, waist=1.14, hip=1.06, bust=1.09, limbs=1.06, arm=20.0, elbow=7.0,
                  age=71.0, belly=1.06, face=FaceShape(width=0.97, lips=0.9)),
        Looks((226, 178, 148), (198, 196, 192), at.SHORT_HAIR, ((110, 88, 120), (70, 56, 76)), (90, 120, 100)),
    ),
    Person(
        "jiro",
        BodyShape(height=1.70, female=False, shoulders=0.97, waist=0.95, limbs=0.95, arm=16.0, elbow=10.0,
                  age=22.0, face=FaceShape(jaw=0.96, nose=0.95)),
        Looks((236, 196, 162), (22, 20, 22), at.SIDE_PART, ((210, 60, 52), (236, 232, 228)), (40, 26, 18)),
    ),
    Person(
        "kofi",
        BodyShape(height=1.76, female=False, waist=1.16, hip=1.04, limbs=1.1, arm=23.0, elbow=5.0, stance=1.8,
                  age=52.0, belly=1.12, neck=1.05, face=FaceShape(width=1.05)),
        Looks((128, 84, 58), (30, 24, 22), at.BALD, ((34, 36, 40), (190, 188, 186)), (38, 24, 18)),
    ),
    Person(
        "lena",
        BodyShape(height=1.80, female=True, shoulders=1.03, waist=0.98, hip=1.0, limbs=0.97, arm=19.0, elbow=6.0,
                  age=30.0, face=FaceShape(eye_size=1.06, chin=0.96)),
        Looks((246, 212, 192), (206, 120, 64), at.PONYTAIL, ((70, 92, 84), (216, 214, 206)), (74, 120, 96)),
    ),
)  # fmt: skip

PIECES = (
    Piece("tee-white", "tee", _TOP, Garment(
        "top", ((243, 243, 240),), hem=0.488, sleeve=0.33, ease=0.014, sleeve_ease=0.014, fit=0.9, collar_band=0.014)),
    Piece("tee-marine", "tee", _TOP, Garment(
        "top", ((226, 228, 224), (36, 60, 104), (36, 60, 104)), (at.STRIPES, 0.024, 0.40), hem=0.495, sleeve=0.37,
        ease=0.012, fit=0.75, collar_band=0.015)),
    Piece("vee-berry", "V neck", _TOP, Garment(
        "top", ((148, 40, 76),), hem=0.500, sleeve=0.40, ease=0.011, fit=0.5, neck_x=0.045, vee=0.082, vee_x=0.042,
        collar_band=0.012)),
    Piece("shirt-check", "shirt", _TOP, Garment(
        "top", ((196, 78, 60), (44, 52, 70), (230, 214, 180)), (at.PLAID, 0.041), hem=0.475, sleeve=0.97, ease=0.017,
        fit=0.9, collar=at.SHIRT_COLLAR, placket=1.0, pockets=at.CHEST_POCKET, cloth=at.WOVEN, hem_curve=0.03)),
    Piece("blouse-sky", "blouse", _TOP, Garment(
        "top", ((150, 188, 222), (240, 240, 244), (150, 188, 222)), (at.PINSTRIPES, 0.016, 0.3), hem=0.490, sleeve=0.9,
        ease=0.015, sleeve_ease=0.022, fit=0.8, fullness=0.9, collar=at.SHIRT_COLLAR, placket=1.0, cloth=at.WOVEN)),
    Piece("sweater-plum", "sweater", _TOP, Garment(
        "top", ((92, 58, 96),), (at.HEATHER,), hem=0.497, sleeve=0.98, ease=0.021, sleeve_ease=0.013, fit=0.85,
        collar_band=0.024, hem_band=0.042, cloth=at.KNIT, folds=1.2)),
    Piece("hoodie-moss", "hoodie", _TOP, Garment(
        "top", ((104, 122, 72), (84, 100, 56), (84, 100, 56)), hem=0.485, sleeve=0.97, ease=0.023, sleeve_ease=0.018,
        fit=0.95, collar=at.HOOD, pockets=at.KANGAROO, hem_band=0.05, neck_drop=0.045, folds=1.3)),
    Piece("jacket-black", "jacket", _TOP, Garment(
        "top", ((26, 26, 29), (70, 70, 74), (206, 200, 190)), hem=0.468, sleeve=0.96, ease=0.021, sleeve_ease=0.014,
        fit=0.8, open_top=0.062, open_low=0.02, button=0.59, lapel=0.058, pockets=at.FLAPS, cloth=at.WOVEN,
        collar=at.SHIRT_COLLAR)),
    Piece("tank-coral", "sleeveless", _TOP, Garment(
        "top", ((236, 110, 92),), hem=0.498, ease=0.010, fit=0.5, neck_x=0.047, neck_drop=0.055, strap=0.07)),
    Piece("jeans-grey", "jeans", _BOTTOM, Garment(
        "trousers", ((86, 94, 104), (150, 140, 120), (120, 116, 108)), (at.DENIM,), hem=0.042, ease=0.009,
        leg_width=0.15, cuff=0.033, waistband=0.036, pockets=at.JEANS, cloth=at.WOVEN)),
    Piece("wide-rust", "wide trousers", _BOTTOM, Garment(
        "trousers", ((158, 84, 48), (124, 64, 36)), hem=0.036, ease=0.016, leg_width=0.7, cuff=0.07, waistband=0.04,
        pockets=at.SLANTED, crease=True, cloth=at.WOVEN, folds=1.2)),
    Piece("shorts-navy", "shorts", _BOTTOM, Garment(
        "trousers", ((44, 58, 96), (34, 46, 78)), hem=0.335, ease=0.015, leg_width=0.55, cuff=0.05, waistband=0.036,
        pockets=at.SLANTED, cloth=at.WOVEN)),
    Piece("mini-black", "short skirt", _BOTTOM, Garment(
        "skirt", ((32, 31, 35),), hem=0.375, waist=0.615, ease=0.008, flare=0.025, flutes=7.0, flute_depth=0.012,
        waistband=0.034, cloth=at.WOVEN)),
    Piece("skirt-dots", "knee skirt", _BOTTOM, Garment(
        "skirt", ((30, 88, 92), (226, 208, 150)), (at.DOTS, 0.03, 0.08), hem=0.285, waist=0.615, ease=0.008,
        flare=0.06, flutes=9.0, flute_depth=0.03, fullness=0.8, waistband=0.03)),
    Piece("maxi-sage", "long skirt", _BOTTOM, Garment(
        "skirt", ((142, 162, 130),), hem=0.105, waist=0.615, ease=0.008, flare=0.07, flutes=11.0, flute_depth=0.03,
        pleats=32.0)),
    Piece("dress-ink", "dress", _DRESS, Garment(
        "dress", ((40, 46, 92), (208, 120, 110), (224, 206, 160)), (at.FLORAL, 0.031), hem=0.27, sleeve=0.27,
        ease=0.009, flare=0.06, flute_depth=0.03, vee=0.075, vee_x=0.04)),
    Piece("dress-poppy", "sleeveless dress", _DRESS, Garment(
        "dress", ((204, 58, 50),), hem=0.315, ease=0.008, flare=0.085, flutes=9.0, flute_depth=0.04, strap=0.072,
        neck_drop=0.05)),
    Piece("dress-teal", "long dress", _DRESS, Garment(
        "dress", ((38, 106, 112), (28, 84, 90), (38, 106, 112)), hem=0.12, sleeve=0.93, ease=0.011, sleeve_ease=0.014,
        flare=0.05, flutes=10.0, flute_depth=0.025, collar=at.SHIRT_COLLAR, placket=1.0, folds=0.8)),
)  # fmt: skip

HELD_OUT = Cast("held-out", range(9000, 9100), PEOPLE, PIECES)
