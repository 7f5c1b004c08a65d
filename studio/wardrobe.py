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
            "trousers",
            ((88, 92, 98), (66, 70, 76), (66, 70, 76)),
            hem=0.045,
            leg_width=0.3,
            cuff=0.040,
            waistband=0.036,
            pockets=at.SLANTED,
            crease=True,
            cloth=at.WOVEN,
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
            hem=0.30,
            waistband=0.036,
            pockets=at.SLANTED,
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
            "trousers",
            ((98, 78, 62), (74, 58, 46), (74, 58, 46)),
            hem=0.045,
            leg_width=0.3,
            cuff=0.040,
            waistband=0.036,
            pockets=at.SLANTED,
            cloth=at.WOVEN,
        ),
        Pose(weight=-0.25, head_turn=-4.0),
    ),
}

ITEMS: dict[str, Item] = {
    "tee-sun": Item(
        {
            "tops": Garment(
                "top", ((38, 98, 110), (232, 146, 84), (228, 212, 178)), (at.PRINT,),
                sleeve=0.36, hem=0.485, ease=0.014, sleeve_ease=0.016, fit=1.0, fullness=0.8, folds=1.1,
                collar_band=0.016,
            )
        }
    ),
    "sweater-stripe": Item(
        {
            "tops": Garment(
                "top", ((42, 54, 88), (222, 208, 178), (42, 54, 88)), (at.STRIPES, 0.030, 0.36),
                sleeve=0.97, hem=0.495, ease=0.020, sleeve_ease=0.010, fit=0.8, fullness=0.5, folds=1.15,
                collar_band=0.020, hem_band=0.045, cloth=at.KNIT,
            )
        }
    ),
    "polo-block": Item(
        {
            "tops": Garment(
                "top", ((36, 84, 66), (216, 196, 146), (36, 84, 66)), (at.BLOCK, 0.105, 0.145, 2.0),
                sleeve=0.38, hem=0.485, ease=0.014, sleeve_ease=0.013, fit=0.95, fullness=0.6,
                collar=at.SHIRT_COLLAR, placket=0.095,
            )
        }
    ),
    "jeans-blue": Item(
        {
            "bottoms": Garment(
                "trousers", ((56, 82, 128), (190, 140, 78), (170, 128, 80)), (at.DENIM,),
                hem=0.042, ease=0.010, leg_width=0.18, cuff=0.036, waistband=0.036, pockets=at.JEANS,
                cloth=at.WOVEN,
            )
        }
    ),
    "shorts-sand": Item(
        {
            "bottoms": Garment(
                "trousers", ((166, 152, 104), (118, 108, 70), (96, 84, 58)),
                hem=0.325, ease=0.016, leg_width=0.55, cuff=0.052, waistband=0.036, pockets=at.SLANTED,
                crease=True, cloth=at.WOVEN,
            )
        }
    ),
    "skirt-plaid": Item(
        {
            "bottoms": Garment(
                "skirt", ((128, 40, 48), (34, 34, 50), (214, 182, 124)), (at.PLAID, 0.036),
                hem=0.315, waist=0.615, ease=0.008, flare=0.045, flutes=7.0, flute_depth=0.012, pleats=26.0,
                waistband=0.034, cloth=at.WOVEN,
            )
        }
    ),
    "set-mint": Item(
        {
            "tops": Garment(
                "top", ((116, 184, 160), (244, 236, 214), (104, 170, 146)),
                sleeve=0.96, hem=0.495, ease=0.016, sleeve_ease=0.012, fullness=0.5, folds=1.1, neck_x=0.042,
                vee=0.105, vee_x=0.042, collar_band=0.014, hem_band=0.040, placket=1.0, cloth=at.KNIT,
            ),
            "bottoms": Garment(
                "trousers", ((62, 92, 82), (44, 68, 60), (44, 68, 60)),
                hem=0.045, ease=0.013, leg_width=0.55, cuff=0.046, waistband=0.036, pockets=at.SLANTED,
                crease=True, cloth=at.WOVEN,
            ),
        }
    ),
    "dress-floral": Item(
        {
            "dress": Garment(
                "dress", ((36, 52, 76), (226, 142, 122), (222, 204, 158)), (at.FLORAL, 0.024),
                sleeve=0.30, hem=0.27, ease=0.010, sleeve_ease=0.016, flare=0.075, flutes=8.0,
                flute_depth=0.035, fullness=1.0, vee=0.085, vee_x=0.042,
            )
        }
    ),
    "shoes-brown": Item({}, shoes=((112, 68, 42), (52, 40, 36))),
}  # fmt: skip

# What the packshots are cut to: arms well out, so that sleeves hang apart from the torso.
MANNEQUIN = BodyShape(
    height=1.72, female=True, shoulders=1.05, waist=1.05, hip=0.96, arm=24.0, elbow=0.0, stance=1.5
)


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
