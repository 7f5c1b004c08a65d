"""What is in front of the camera, and the arrays that the kernels read about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio import layout as at
from studio.body import Array, Body
from studio.garments import Colour, Garment, Layer, body_layer, cut

# Direction to the key light, from the upper left of the image and in front; normalised (-0.52, 0.62, 0.60).
KEY_LIGHT = (-0.5163, 0.6155, 0.5957)


@dataclass(frozen=True)
class Looks:
    """Colours (sRGB), hair and shoes of a person; shoes are the upper's and the sole's colour.

    hair_length: metres that long hair reaches below the middle of the head. beard: 0 none, 0.3 stubble, 1 full.
    """

    skin: Colour = (224, 172, 140)
    hair: Colour = (60, 40, 30)
    hair_style: int = at.SHORT_HAIR
    shoes: tuple[Colour, Colour] = ((60, 62, 70), (226, 224, 220))
    eyes: Colour = (70, 45, 30)
    hair_length: float = 0.33
    beard: float = 0.0
    shoe_style: int = at.SNEAKER


@dataclass(frozen=True)
class Subject:
    """A dressed person, or (with `person` False) garments or shoes that nobody wears."""

    body: Body
    looks: Looks = Looks()
    upper: Garment | None = None
    lower: Garment | None = None
    person: bool = True
    shoes: bool = True


@dataclass(frozen=True)
class Model:
    """The subject as arrays, laid out as in studio.layout; bounds: [2, 3] two corners in metres."""

    layers: Array
    tables: Array
    joints: Array
    figure: Array
    shown: NDArray[np.int64]
    textures: Array
    palette: Array
    bounds: Array


def linear(colour: Colour) -> Array:
    """sRGB bytes to linear RGB in [0, 1]; the studio uses a plain power of 2.2 both ways."""
    return np.asarray((np.array(colour, dtype=np.float64) / 255.0) ** 2.2)


def build(subject: Subject) -> Model:
    """Cut the garments to the body and lay everything out for the kernels."""
    layers = np.zeros((5, at.PARAMETERS))
    tables = np.zeros((5, 5, at.TABLE))
    textures = np.zeros((3, 6))
    palette = np.zeros((6, 3, 3))
    skin = body_layer(subject.body)
    layers[at.BODY], tables[at.BODY] = skin.parameters, skin.tables
    worn = [(at.LOWER, at.LOWER_INSIDE, subject.lower), (at.UPPER, at.UPPER_INSIDE, subject.upper)]
    for row, inside, garment in worn:
        if garment is None:
            continue
        layer = cut(garment, subject.body)
        layers[row], tables[row] = layer.parameters, layer.tables
        _dye(garment, textures[row], palette[row])
        if not subject.person:
            layers[row, at.HOLLOW] = 1.0
            layers[inside], tables[inside] = _uncut(layer), layer.tables
    _paint(subject.looks, palette)
    shown = [subject.person, subject.lower is not None, subject.upper is not None, subject.shoes]
    return Model(
        layers=layers,
        tables=tables,
        joints=subject.body.joints,
        figure=_figure(subject),
        shown=np.array(shown, dtype=np.int64),
        textures=textures,
        palette=palette,
        bounds=_bounds(subject, layers, tables),
    )


def _uncut(layer: Layer) -> Array:
    """The parameters of the same layer without openings: what is hollow inside a garment."""
    p = layer.parameters.copy()
    p[[at.NECK_X, at.STRAP_X, at.COLLAR, at.OPEN_TOP, at.FOLDS]] = 0.0
    p[at.CUT_TOP], p[at.CUT_BOTTOM], p[at.SLEEVE_END] = 9.0, -9.0, 2.0
    return p


def _dye(garment: Garment, texture: Array, colours: Array) -> None:
    """Fill in a garment's pattern and its colours [3, 3]; what it does not name is of its first colour."""
    texture[: len(garment.texture)] = garment.texture
    colours[:] = [linear(colour) for colour in (garment.palette + garment.palette[:1] * 2)[:3]]


def _paint(looks: Looks, palette: Array) -> None:
    """Fill in the person's colours."""
    palette[at.SKIN_COLOUR, 0] = linear(looks.skin)
    palette[at.HAIR_COLOUR, 0] = linear(looks.hair)
    palette[at.SHOE_COLOUR, :2] = [linear(colour) for colour in looks.shoes]
    palette[at.EYE_COLOUR, 0] = linear(looks.eyes)


def _figure(subject: Subject) -> Array:
    """The figure vector [FIGURE]: the body's, with hair, shoes and the light as the turned person sees it."""
    looks, f = subject.looks, subject.body.figure
    f[at.HAIR_STYLE], f[at.HAIR_LENGTH], f[at.BEARD] = looks.hair_style, looks.hair_length, looks.beard
    f[at.SHOE_STYLE] = looks.shoe_style
    x, y, z = KEY_LIGHT
    s, c = f[at.TURN_SIN], f[at.TURN_COS]
    f[at.KEY : at.KEY + 3] = x * c - z * s, y, x * s + z * c
    return f


def _bounds(subject: Subject, layers: Array, tables: Array) -> Array:
    """A box [2, 3] around the subject; 0.2 m beyond the wrists holds the hands."""
    joints = subject.body.joints
    reach = float(np.abs(joints[..., 0]).max()) + 0.2
    reach = max(reach, float(tables[:3, at.WIDTH].max()) * 1.1)
    deep = max(0.35, float(tables[:3, at.DEPTH].max()) * 1.1, float(np.abs(joints[..., 2]).max()) + 0.2)
    low, high = -0.01, subject.body.shape.height * 1.12
    reach, deep = reach + float(np.abs(subject.body.posture[:2]).sum()), deep + float(subject.body.posture[2])
    if not subject.person and not subject.shoes:
        cuts = [layers[row] for row in (at.LOWER, at.UPPER) if layers[row, at.TORSO] > 0.0]
        low = min(float(p[at.CUT_BOTTOM]) for p in cuts) - 0.05
        high = max(float(p[at.CUT_TOP]) for p in cuts) + 0.05
    elif not subject.person:
        high = 0.2
    return np.array([[-reach, low, -deep], [reach, high, deep]])
