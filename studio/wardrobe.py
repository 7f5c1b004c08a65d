"""The sample catalogue as data: four people, their own clothes, the shop's garments. No numba here."""

from __future__ import annotations

from dataclasses import dataclass, field

from studio import layout as at
from studio.body import BodyShape
from studio.features import FaceShape
from studio.garments import Colour, Garment
from studio.pose import Pose
from studio.subject import Looks


@dataclass(frozen=True)
class Person:
    """A sample user: body, looks, and the clothes worn on the uploaded photo."""

    shape: BodyShape
    looks: Looks
    upper: Garment
    lower: Garment
    pose: Pose = field(default_factory=Pose)


@dataclass(frozen=True)
class Item:
    """A product photo: category -> garment, in the photo's order from left to right (shoes have no cut)."""

    garments: dict[str, Garment]
    shoes: tuple[Colour, Colour] | None = None

    @property
    def categories(self) -> list[str]:
        """What the uploader declares."""
        return ["shoes"] if self.shoes else list(self.garments)


PEOPLE: dict[str, Person] = {
    "u1": Person(
        BodyShape(
            height=1.72,
            female=True,
            arm=21.0,
            elbow=5.0,
            age=27.0,
            stance=0.9,
            face=FaceShape(0.96, 0.92, 0.92, 0.92, 0.95, 1.0, 1.06, 1.10, 0.92),
        ),
        Looks(
            (232, 188, 162),
            (96, 60, 38),
            at.LONG_HAIR,
            ((206, 200, 190), (228, 224, 216)),
            (74, 84, 62),
            hair_length=0.36,
        ),
        Garment(
            "top",
            ((120, 52, 92), (96, 40, 74), (96, 40, 74)),
            sleeve=0.95,
            hem=0.50,
            ease=0.013,
            collar_band=0.014,
            hem_band=0.02,
        ),
        Garment(
            "trousers", ((88, 92, 98), (66, 70, 76), (66, 70, 76)), (at.TROUSERS,), hem=0.045, leg_width=0.2
        ),
        Pose(weight=0.55, head_turn=-7.0, head_tilt=2.0),
    ),
    "u2": Person(
        BodyShape(
            height=1.84,
            female=False,
            shoulders=1.02,
            waist=0.97,
            arm=19.0,
            elbow=5.0,
            age=31.0,
            face=FaceShape(1.0, 1.06, 1.04, 1.10, 0.98, 1.0, 1.0, 1.04, 1.10),
        ),
        Looks((112, 74, 53), (20, 17, 16), at.CROP, ((44, 46, 52), (222, 222, 220)), (36, 24, 17), beard=0.3),
        Garment("top", ((86, 104, 70), (70, 86, 56), (70, 86, 56)), sleeve=0.34, hem=0.50, collar_band=0.016),
        Garment(
            "trousers",
            ((58, 62, 74), (44, 47, 58), (44, 47, 58)),
            (at.TROUSERS,),
            hem=0.30,
            ease=0.015,
            leg_width=0.5,
            cuff=0.048,
        ),
        Pose(weight=-0.5, head_turn=5.0),
    ),
    "u3": Person(
        BodyShape(
            height=1.66,
            female=True,
            hip=1.20,
            waist=1.27,
            bust=1.17,
            limbs=1.17,
            neck=1.08,
            arm=21.0,
            age=38.0,
            face=FaceShape(1.06, 1.05, 1.02, 1.04, 0.96, 1.0, 1.05, 1.16, 1.0),
        ),
        Looks((168, 116, 84), (40, 28, 23), at.CURLS, ((168, 60, 54), (226, 222, 216)), (46, 30, 20)),
        Garment(
            "top",
            ((196, 150, 60), (84, 62, 120), (84, 62, 120)),
            (at.DOTS, 0.034, 0.07),
            sleeve=0.32,
            hem=0.50,
            collar_band=0.012,
        ),
        Garment("skirt", ((62, 70, 104),), hem=0.30, waist=0.615, flare=0.035, flutes=9.0, flute_depth=0.02),
        Pose(weight=0.4, head_turn=4.0, head_tilt=-2.0),
    ),
    "u4": Person(
        BodyShape(
            height=1.77,
            female=False,
            shoulders=0.97,
            waist=1.12,
            hip=1.03,
            belly=1.06,
            arm=22.0,
            elbow=4.0,
            age=66.0,
            face=FaceShape(0.99, 0.98, 1.02, 1.06, 1.06, 1.0, 0.94, 0.86, 1.1),
        ),
        Looks(
            (226, 180, 154),
            (172, 170, 168),
            at.SIDE_PART,
            ((92, 62, 44), (44, 36, 32)),
            (70, 92, 108),
            beard=0.6,
            shoe_style=at.LOAFER,
        ),
        Garment(
            "top",
            ((64, 96, 120), (196, 204, 208), (52, 80, 102)),
            (at.STRIPES, 0.030, 0.28),
            sleeve=0.96,
            hem=0.50,
            ease=0.014,
            collar_band=0.015,
            hem_band=0.02,
        ),
        Garment(
            "trousers", ((98, 78, 62), (74, 58, 46), (74, 58, 46)), (at.TROUSERS,), hem=0.045, leg_width=0.3
        ),
        Pose(weight=-0.25, head_turn=-4.0),
    ),
}

ITEMS: dict[str, Item] = {
    "tee-sun": Item(
        {
            "tops": Garment(
                "top",
                ((72, 148, 160), (236, 128, 62), (24, 62, 92)),
                (at.PRINT,),
                sleeve=0.33,
                hem=0.505,
                ease=0.013,
                sleeve_ease=0.014,
                fit=0.7,
            )
        }
    ),
    "sweater-stripe": Item(
        {
            "tops": Garment(
                "top",
                ((214, 176, 92), (38, 58, 96), (38, 58, 96)),
                (at.STRIPES, 0.052, 0.42),
                sleeve=0.97,
                hem=0.50,
                ease=0.019,
                sleeve_ease=0.007,
                fit=0.75,
                folds=1.3,
                collar_band=0.019,
                hem_band=0.045,
            )
        }
    ),
    "polo-block": Item(
        {
            "tops": Garment(
                "top",
                ((34, 44, 70), (190, 60, 58), (196, 204, 214)),
                (at.BLOCK, 0.0, 0.115, 0.9),
                sleeve=0.36,
                hem=0.50,
                collar_band=0.014,
                hem_band=0.012,
            )
        }
    ),
    "jeans-blue": Item(
        {
            "bottoms": Garment(
                "trousers",
                ((62, 92, 138), (206, 160, 90), (180, 140, 90)),
                (at.DENIM,),
                hem=0.04,
                ease=0.009,
                leg_width=0.12,
                cuff=0.032,
                folds=0.9,
            )
        }
    ),
    "shorts-sand": Item(
        {
            "bottoms": Garment(
                "trousers",
                ((158, 146, 98), (118, 108, 70), (118, 108, 70)),
                (at.TROUSERS,),
                hem=0.325,
                ease=0.016,
                leg_width=0.5,
                cuff=0.05,
                folds=0.9,
            )
        }
    ),
    "skirt-plaid": Item(
        {
            "bottoms": Garment(
                "skirt",
                ((150, 48, 52), (40, 30, 44), (226, 190, 120)),
                (at.PLAID, 0.05),
                hem=0.335,
                waist=0.615,
                ease=0.008,
                flutes=11.0,
                folds=0.5,
            )
        }
    ),
    "set-mint": Item(
        {
            "tops": Garment(
                "top",
                ((112, 186, 160), (240, 240, 228), (92, 162, 138)),
                (at.BUTTONS,),
                sleeve=0.95,
                hem=0.495,
                ease=0.014,
                folds=1.2,
                neck_x=0.044,
                vee=0.055,
                vee_x=0.034,
                collar_band=0.014,
                hem_band=0.022,
            ),
            "bottoms": Garment(
                "trousers",
                ((70, 84, 66), (50, 62, 48), (50, 62, 48)),
                (at.TROUSERS,),
                hem=0.05,
                ease=0.011,
                leg_width=0.25,
                cuff=0.036,
            ),
        }
    ),
    "dress-floral": Item(
        {
            "dress": Garment(
                "dress",
                ((44, 72, 70), (232, 150, 132), (240, 214, 160)),
                (at.FLORAL, 0.062),
                sleeve=0.22,
                hem=0.30,
                ease=0.008,
                sleeve_ease=0.01,
                flare=0.085,
                flute_depth=0.04,
                folds=0.6,
                vee=0.06,
                vee_x=0.042,
            )
        }
    ),
    "shoes-brown": Item({}, shoes=((112, 68, 42), (52, 40, 36))),
}

# What the packshots are cut to: arms well out, so that sleeves hang apart from the torso.
MANNEQUIN = BodyShape(height=1.72, female=True, shoulders=1.05, waist=1.08, arm=24.0, elbow=0.0, stance=1.5)


def garments(*categories: str) -> dict[str, Garment]:
    """Every garment of the given categories by its id, `<item>.<category>`, in the order of the catalogue."""
    return {
        f"{item}.{category}": garment
        for item, photo in ITEMS.items()
        for category, garment in photo.garments.items()
        if category in categories
    }


def looks() -> dict[str, tuple[Garment, Garment | None]]:
    """Every look by its outfit id: (upper, lower) for each top with each bottom, and (dress, None)."""
    tops, bottoms = garments("tops"), garments("bottoms")
    pairs: dict[str, tuple[Garment, Garment | None]] = {
        f"{top}+{bottom}": (tops[top], bottoms[bottom]) for top in tops for bottom in bottoms
    }
    return pairs | {name: (dress, None) for name, dress in garments("dress").items()}
