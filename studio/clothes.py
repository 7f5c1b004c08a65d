"""Random garments of every kind for the training set. No numba here."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio import layout as at
from studio.casting import random_colour
from studio.garments import Colour, Garment

# What shops sell most and nets confuse most: white, off-white, greys, black, and the tones of skin.
_STAPLES = (
    (246, 246, 244), (232, 224, 208), (198, 198, 200), (120, 122, 126), (54, 55, 60), (22, 22, 25),
    (228, 186, 158), (196, 148, 116), (150, 104, 76), (92, 62, 46), (32, 42, 72), (70, 96, 142),
)  # fmt: skip


def _dye(rng: np.random.Generator) -> Colour:
    """A colour of cloth: two in five near one of the staples, else any."""
    if rng.random() < 0.6:
        return random_colour(rng)
    r, g, b = _STAPLES[int(rng.integers(len(_STAPLES)))] + rng.normal(0.0, 6.0, 3)
    return tuple(int(np.clip(c, 8, 250)) for c in (r, g, b))  # type: ignore[return-value]


def _palette(rng: np.random.Generator) -> tuple[Colour, ...]:
    """Base, pattern, and bands or inner top: the bands are often of the base's colour."""
    base = _dye(rng)
    return base, _dye(rng), base if rng.random() < 0.4 else _dye(rng)


def _texture(rng: np.random.Generator) -> tuple[float, ...]:
    """Any pattern, half of the time none."""
    patterns: tuple[tuple[float, ...], ...] = (
        (at.STRIPES, rng.uniform(0.008, 0.07), rng.uniform(0.2, 0.6)),
        (at.PINSTRIPES, rng.uniform(0.008, 0.03), rng.uniform(0.12, 0.5)),
        (at.BLOCK, rng.uniform(0.0, 0.1), rng.uniform(0.12, 0.25), rng.uniform(0.2, 2.0)),
        (at.DOTS, rng.uniform(0.008, 0.05), rng.uniform(0.03, 0.12)),
        (at.PRINT,),
        (at.PLAID, rng.uniform(0.02, 0.07)),
        (at.GINGHAM, rng.uniform(0.006, 0.03)),
        (at.HEATHER,),
        (at.FLORAL, rng.uniform(0.015, 0.06)),
    )
    return (at.PLAIN,) if rng.random() < 0.5 else patterns[int(rng.integers(len(patterns)))]


def _style(rng: np.random.Generator) -> dict[str, float]:
    """The sewn details of one kind of top: as a shop would name them, in the order below."""
    kind = int(rng.integers(10))
    if kind == 0:  # V neck
        return {"vee": rng.uniform(0.05, 0.11), "vee_x": rng.uniform(0.034, 0.05), "collar_band": 0.012}
    if kind == 1:  # polo
        return {"collar": at.SHIRT_COLLAR, "placket": rng.uniform(0.07, 0.11)}
    if kind in (2, 3):  # shirt or blouse
        pocket = at.CHEST_POCKET if rng.random() < 0.4 else at.NO_POCKETS
        curve = rng.uniform(0.0, 0.05)
        return {"collar": at.SHIRT_COLLAR, "placket": 1.0, "cloth": at.WOVEN, "pockets": pocket,
                "hem_curve": curve}  # fmt: skip
    if kind == 4:  # buttoned cardigan
        return {"vee": rng.uniform(0.07, 0.12), "vee_x": 0.042, "placket": 1.0, "cloth": at.KNIT,
                "hem_band": 0.04, "collar_band": 0.016}  # fmt: skip
    if kind == 5:  # sweater
        return {
            "cloth": at.KNIT,
            "hem_band": rng.uniform(0.03, 0.06),
            "collar_band": rng.uniform(0.014, 0.03),
        }
    if kind == 6:  # hoodie
        return {"collar": at.HOOD, "pockets": at.KANGAROO, "hem_band": 0.05, "neck_drop": 0.045}
    if kind == 7:  # blazer, or an open jacket
        return {"open_top": rng.uniform(0.05, 0.075), "open_low": rng.uniform(0.0, 0.06),
                "button": rng.choice([rng.uniform(0.56, 0.63), 0.3]), "lapel": rng.choice([0.0, 0.05, 0.065]),
                "pockets": at.FLAPS, "cloth": at.WOVEN, "collar": at.SHIRT_COLLAR}  # fmt: skip
    return {"collar_band": rng.choice([0.0, 0.014, 0.02])}  # crew neck


def random_top(rng: np.random.Generator) -> Garment:
    """A T-shirt, polo, shirt, sweater, cardigan, hoodie, blazer or sleeveless top."""
    style = _style(rng)
    warm = style.get("cloth") == at.KNIT or "open_top" in style or style.get("collar") == at.HOOD
    long = rng.random() < (0.9 if warm else 0.4)
    bare = not warm and rng.random() < 0.2
    sleeve = 0.0 if bare else rng.uniform(0.85, 0.99) if long else rng.uniform(0.18, 0.6)
    cut = {
        "hem": rng.uniform(0.455, 0.575),
        "ease": rng.uniform(0.009, 0.026),
        "sleeve": sleeve,
        "sleeve_ease": rng.uniform(0.004, 0.026),
        "fit": rng.uniform(0.3, 1.1),
        "neck_x": rng.uniform(0.037, 0.05),
        "neck_drop": rng.uniform(0.025, 0.06),
        "strap": rng.uniform(0.062, 0.092),
        "folds": rng.uniform(0.6, 1.5),
        "fullness": rng.uniform(0.1, 1.0),
        "flutes": rng.choice([0.0, 7.0, 9.0]),
    } | style
    texture = (at.PLAIN,) if "open_top" in style and rng.random() < 0.5 else _texture(rng)
    return Garment("top", _palette(rng), texture, **_plain(cut))


def _plain(cut: dict[str, float]) -> dict[str, Any]:
    """The same numbers, kinds as ints and the others as floats."""
    kinds = ("collar", "pockets", "cloth")
    return {name: int(value) if name in kinds else float(value) for name, value in cut.items()}


def random_dress(rng: np.random.Generator) -> Garment:
    """A dress, short to long, with sleeves, without, or with straps."""
    straps = rng.random() < 0.3
    cut = {
        "hem": rng.uniform(0.06, 0.40),
        "ease": rng.uniform(0.007, 0.016),
        "sleeve": 0.0 if straps else rng.choice([rng.uniform(0.12, 0.5), rng.uniform(0.85, 0.98)]),
        "sleeve_ease": rng.uniform(0.004, 0.024),
        "strap": rng.uniform(0.058, 0.09),
        "neck_x": rng.uniform(0.038, 0.052),
        "neck_drop": rng.uniform(0.03, 0.06),
        "flare": rng.uniform(0.0, 0.11),
        "flutes": rng.uniform(6.0, 13.0),
        "flute_depth": rng.uniform(0.005, 0.05),
        "fullness": rng.uniform(0.2, 1.0),
        "pleats": rng.choice([0.0, 0.0, 0.0, rng.uniform(18.0, 40.0)]),
        "vee": rng.choice([0.0, rng.uniform(0.05, 0.11)]),
        "collar": rng.choice([at.NO_COLLAR, at.NO_COLLAR, at.SHIRT_COLLAR]),
        "placket": rng.choice([0.0, 0.0, 1.0]),
        "folds": rng.uniform(0.5, 1.4),
    }
    return Garment("dress", _palette(rng), _texture(rng), **_plain(cut))


def random_trousers(rng: np.random.Generator) -> Garment:
    """Jeans, tailored or wide trousers, cropped ones and shorts."""
    short, wide = rng.random() < 0.3, rng.random() < 0.3
    denim = rng.random() < 0.35
    texture: tuple[float, ...] = (at.DENIM,) if denim else (at.PLAIN,)
    cuff = (
        rng.uniform(0.042, 0.06) if short else rng.uniform(0.055, 0.085) if wide else rng.uniform(0.028, 0.05)
    )
    cut = {
        "hem": rng.uniform(0.24, 0.39) if short else rng.uniform(0.03, 0.12),
        "ease": rng.uniform(0.007, 0.018),
        "leg_width": rng.uniform(0.3, 0.8) if short or wide else rng.uniform(0.0, 0.6),
        "cuff": cuff,
        "folds": rng.uniform(0.6, 1.5),
        "waistband": rng.choice([0.0, 0.034, 0.042]),
        "pockets": at.JEANS if denim else rng.choice([at.NO_POCKETS, at.SLANTED, at.JEANS]),
        "crease": not denim and rng.random() < 0.4,
        "cloth": at.WOVEN,
    }
    made = _plain(cut) | {"crease": bool(cut["crease"])}
    return Garment("trousers", _palette(rng), texture if rng.random() < 0.85 else _texture(rng), **made)


def random_skirt(rng: np.random.Generator) -> Garment:
    """Pencil, A-line or pleated skirts from mini to maxi."""
    pencil = rng.random() < 0.3
    cut = {
        "hem": rng.uniform(0.06, 0.41),
        "waist": 0.615,
        "ease": rng.uniform(0.007, 0.012),
        "flare": rng.uniform(-0.004, 0.012) if pencil else rng.uniform(0.02, 0.10),
        "flutes": rng.uniform(6.0, 13.0),
        "flute_depth": rng.uniform(0.0, 0.01) if pencil else rng.uniform(0.01, 0.045),
        "fullness": rng.uniform(0.0, 0.3) if pencil else rng.uniform(0.3, 1.0),
        "pleats": 0.0 if pencil else rng.choice([0.0, 0.0, rng.uniform(18.0, 44.0)]),
        "waistband": rng.choice([0.0, 0.03, 0.045]),
        "folds": rng.uniform(0.5, 1.3),
    }
    texture = (at.DENIM,) if rng.random() < 0.12 else _texture(rng)
    return Garment("skirt", _palette(rng), texture, **_plain(cut))
