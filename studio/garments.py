"""Garments as data, and as layers cut to a body.

Lengths named after a place on the body (hem, waist, neck...) are fractions of the body's height, so the same
garment fits everybody; eases are metres on a person of 1.72 m.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from studio import layout as at
from studio.body import Array, Body

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Garment:
    """One garment: its cut and its looks.

    kind: top, dress, trousers, skirt or shoes. sleeve: fraction of the arm covered (0: sleeveless).
    fit: 0 follows the waist, 1 falls straight from the chest. flare: how much wider a skirt is at its hem.
    leg_width: 0 follows the leg, 1 falls straight. palette: up to three sRGB colours. texture: pattern (see
    studio.layout) and its numbers. fullness: falls of the cloth below chest or waist (0 to 1). pleats: how many
    around a skirt. hem_curve: how much lower (m) the hem is in front. collar, pockets, cloth: kinds of
    studio.layout. placket: from the neck down by this fraction of the height (1: to the hem). waistband: m.
    open_top, open_low: half widths of an open front over an inner top of the third colour, at the neck and at
    the hem; between them it closes at `button`. lapel: m. strap: half width of a sleeveless top.
    """

    kind: str
    palette: tuple[Colour, ...]
    texture: tuple[float, ...] = (at.PLAIN,)
    hem: float = 0.50
    waist: float = 0.60
    ease: float = 0.012
    sleeve: float = 0.0
    sleeve_ease: float = 0.012
    fit: float = 0.6
    flare: float = 0.06
    flutes: float = 10.0
    flute_depth: float = 0.035
    neck_x: float = 0.040
    neck_drop: float = 0.034
    vee: float = 0.0
    vee_x: float = 0.05
    collar_band: float = 0.0
    hem_band: float = 0.0
    leg_width: float = 0.2
    cuff: float = 0.034
    folds: float = 1.0
    fullness: float = 0.6
    pleats: float = 0.0
    crease: bool = False
    hem_curve: float = 0.0
    collar: int = at.NO_COLLAR
    placket: float = 0.0
    pockets: int = at.NO_POCKETS
    waistband: float = 0.0
    cloth: int = at.JERSEY
    open_top: float = 0.0
    open_low: float = 0.0
    button: float = 0.60
    lapel: float = 0.0
    strap: float = 0.088
    stitch: bool = True


@dataclass(frozen=True)
class Layer:
    """parameters: [PARAMETERS], tables: [5, TABLE], as in studio.layout."""

    parameters: Array
    tables: Array


def body_layer(body: Body) -> Layer:
    """The skin itself, without head and hands."""
    p = _parameters(0.44 * body.shape.height, body)
    p[[at.TORSO, at.ARMS, at.LEGS]] = 1.0
    y = _levels(p)
    tables = np.array([body.width(y), body.depth(y), body.centre(y), body.arm_radius, body.leg_radius])
    return Layer(p, tables)


def cut(garment: Garment, body: Body) -> Layer:
    """The garment as a layer around `body`."""
    if garment.kind in ("top", "dress"):
        return _finish(_cut_upper(garment, body), garment, body)
    if garment.kind == "trousers":
        return _finish(_cut_trousers(garment, body), garment, body)
    if garment.kind == "skirt":
        return _finish(_cut_skirt(garment, body), garment, body)
    raise ValueError(f"a garment of kind {garment.kind!r} has no layer; use top, dress, trousers or skirt")


def _finish(layer: Layer, g: Garment, body: Body) -> Layer:
    """The layer with its folds, collar, opening and sewn details."""
    h, p = body.shape.height, layer.parameters
    # Any two garments fold differently, the same one folds the same way on everybody.
    p[at.SEED] = zlib.crc32(repr((g.kind, g.palette, g.hem, g.fit)).encode()) % 9973
    p[[at.FULLNESS, at.PLEATS, at.CREASE, at.HEM_CURVE]] = g.fullness, g.pleats, g.crease, g.hem_curve
    p[[at.COLLAR, at.POCKETS, at.WAISTBAND, at.CLOTH_KIND]] = g.collar, g.pockets, g.waistband, g.cloth
    p[at.PLACKET] = max(p[at.NECK_Y] - g.placket * h, -9.0 if g.placket >= 1.0 else 0.0) if g.placket else 9.0
    p[[at.OPEN_TOP, at.OPEN_LOW, at.BUTTON_Y, at.LAPEL]] = g.open_top, g.open_low, g.button * h, g.lapel
    if g.kind == "top" and g.flutes and not g.hem_band and g.fit > 0.5:
        # A loose hem stands in a few soft flutes.
        p[[at.FLUTES, at.FLUTE_DEPTH, at.FLUTE_Y]] = 6.0, 0.022 * g.fullness * g.folds, 0.70 * h
    p[at.STITCH] = 0.022 if g.stitch and g.hem_band == 0.0 else 0.0
    return layer


def _parameters(low: float, body: Body) -> Array:
    """A vector that cuts nothing, its tables starting at y = low."""
    p = np.zeros(at.PARAMETERS)
    p[at.TABLE_LOW], p[at.TABLE_HIGH] = low, 0.90 * body.shape.height
    p[at.CUT_TOP], p[at.CUT_BOTTOM], p[at.SLEEVE_END], p[at.ARMPIT] = 9.0, -9.0, 2.0, 0.055
    return p


def _levels(p: Array) -> Array:
    """Heights y of the torso tables [TABLE]."""
    return np.linspace(p[at.TABLE_LOW], p[at.TABLE_HIGH], at.TABLE)


def _cut_upper(g: Garment, body: Body) -> Layer:
    """Tops and dresses: torso, sleeves, neckline."""
    h = body.shape.height
    ease = g.ease * h / 1.72
    p = _parameters(min(g.hem * h - 0.05, 0.44 * h), body)
    p[at.TORSO], p[at.CUT_BOTTOM], p[at.CUT_TOP], p[at.FOLDS] = 1.0, g.hem * h, 0.849 * h, g.folds
    p[at.NECK_X], p[at.NECK_DROP], p[at.NECK_Y] = g.neck_x * h, g.neck_drop * h, 0.845 * h
    p[at.VEE_DEPTH], p[at.VEE_X] = g.vee * h, g.vee_x * h
    p[at.COLLAR_BAND], p[at.HEM_BAND] = g.collar_band, g.hem_band
    if g.sleeve > 0.0:
        p[at.ARMS], p[at.SLEEVE_END] = 1.0, g.sleeve
    else:
        p[at.STRAP_X] = g.strap * h
    y = _levels(p)
    wide, deep = _drape(g, body, y) if g.kind == "top" else _flare_dress(g, body, p, y)
    along = np.linspace(0.0, 1.0, at.TABLE)
    # A sleeve is set in closely over the shoulder and hangs off the underside of the arm.
    sleeve = body.arm_radius + ease * (0.55 + 0.2 * _ramp(along * 4.0))
    taper = 1.0 - 0.5 * np.clip(along * 2.0 - 1.0, 0.0, 1.0)
    sleeve += 0.8 * g.sleeve_ease * _ramp(along * 3.5) * taper
    # The armpit is webbed as far as the skin's, or skin shows beside a sleeve that fits.
    p[at.ARMPIT], p[at.SAG] = 0.058, 0.45 * (ease + g.sleeve_ease) * (g.sleeve > 0.0)
    centre = body.centre(np.maximum(y, 0.47 * h))
    if g.kind == "dress":
        wide, deep = _around_legs(wide, deep, centre, p, body)
    return Layer(p, np.array([wide + ease, deep + ease, centre, sleeve, body.leg_radius + ease]))


def _ramp(t: Array) -> Array:
    """0 to 1 as t goes 0 to 1, flat at both ends: a kink in a profile shows as a line across the cloth."""
    t = np.clip(t, 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def _soft_max(a: Array, b: Array) -> Array:
    """The larger of two profiles, rounded where they cross by up to 3 mm."""
    return 0.5 * (a + b + np.sqrt((a - b) ** 2 + 0.006**2)) - 0.003


def _drape(g: Garment, body: Body, y: Array) -> tuple[Array, Array]:
    """Half width and depth of a top: below the chest the cloth keeps part of the chest's size."""
    h = body.shape.height
    chest = 0.74 * h
    low = _ramp((chest - y) / (0.10 * h)) * g.fit
    over = _ramp((0.65 * h - y) / (0.09 * h))
    rings = []
    # 26 and 22 mm more below the waist, or the trousers poke through the top.
    for profile, extra in ((body.width, 0.026), (body.depth, 0.022)):
        size = profile(np.maximum(y, 0.47 * h))
        ring = _soft_max(size, (1.0 - low) * size + low * profile(chest)) + extra * over
        # Below the widest place of the hips cloth falls straight, it does not turn in again.
        below = np.maximum.accumulate(np.where(y < 0.6 * h, ring, 0.0)[::-1])[::-1]
        rings.append(np.maximum(ring, below))
    return rings[0], rings[1]


def _flare_dress(g: Garment, body: Body, p: Array, y: Array) -> tuple[Array, Array]:
    """Half width and depth of a dress: fitted to the waist, flared and fluted below it."""
    h = body.shape.height
    waist = 0.635 * h
    p[at.FLUTES], p[at.FLUTE_DEPTH], p[at.FLUTE_Y] = g.flutes, g.flute_depth, waist
    down = np.clip((waist - y) / (waist - g.hem * h), 0.0, 1.2)
    hip = _ramp((waist - y) / (0.1 * h))
    rings = []
    for profile, share in ((body.width, 1.0), (body.depth, 0.8)):
        size = _soft_max(profile(np.maximum(y, 0.47 * h)), profile(0.53 * h) * hip)
        rings.append(size + share * g.flare * h * down)
    return rings[0], rings[1]


def _around_legs(wide: Array, deep: Array, centre: Array, p: Array, body: Body) -> tuple[Array, Array]:
    """Half widths and depths of a skirt, 8 mm beyond the legs at least, in the valleys of its flutes too: skin must
    not show through.
    """
    y = _levels(p)
    wider, deeper = np.zeros_like(y), np.zeros_like(y)
    for leg in body.joints[[at.LEFT_LEG, at.RIGHT_LEG]]:
        t = np.clip((leg[0, 1] - y) / (leg[0, 1] - leg[2, 1]), 0.0, 1.0)
        radius = np.interp(t, np.linspace(0.0, 1.0, at.TABLE), body.leg_radius)
        wider = np.maximum(wider, np.interp(-y, -leg[:, 1], np.abs(leg[:, 0])) + radius)
        deeper = np.maximum(deeper, np.abs(np.interp(-y, -leg[:, 1], leg[:, 2]) - centre) + radius)
    below = _ramp((body.joints[at.LEFT_LEG, 0, 1] + 0.17 - y) / 0.20)
    # Of two waves, as deep as studio.layers lets them be.
    below = below / (1.0 - 1.4 * p[at.FLUTE_DEPTH] * np.clip((p[at.FLUTE_Y] - y) / 0.45, 0.0, 1.0))
    wide = _soft_max(wide, (wider + 0.018) * below)
    # The legs stand off the middle, where the skirt is less deep.
    apart = np.clip(np.abs(body.joints[at.LEFT_LEG, 1, 0]) / wide, 0.0, 0.8) ** 2.3
    return wide, _soft_max(deep, (deeper + 0.014) * below / (1.0 - apart) ** (1.0 / 2.3))


def _cut_trousers(g: Garment, body: Body) -> Layer:
    """Trousers and shorts: hips and two legs, at least `cuff` wide below the knee."""
    h = body.shape.height
    ease = g.ease * h / 1.72
    p = _parameters(0.44 * h, body)
    p[at.TORSO], p[at.LEGS], p[at.FOLDS] = 1.0, 1.0, g.folds
    p[at.CUT_TOP], p[at.CUT_BOTTOM] = g.waist * h, g.hem * h
    if body.pose.seated:
        # The shins of somebody seated are modelled higher by the lowering; the thighs' cloth stays whole.
        p[at.CUT_BOTTOM] = min(g.hem * h + body.posture[3], 0.43 * h)
    y = _levels(p)
    leg = body.leg_radius + ease
    leg = np.maximum(leg, leg * (1.0 - g.leg_width) + g.leg_width * 0.062 * h) + 0.004
    # Wide legs fall straight from the hip, narrow ones widen over the knee.
    along = np.linspace(0.0, 1.0, at.TABLE)
    start = 0.5 - 0.4 * np.clip((g.cuff - 0.04) / 0.03, 0.0, 1.0)
    leg = _soft_max(leg, g.cuff * h * _ramp((along - start + 0.25) / 0.35))
    tables = [body.width(y) + ease * 0.6, body.depth(y) + ease * 0.6, body.centre(y), body.arm_radius, leg]
    return Layer(p, np.array(tables))


def _cut_skirt(g: Garment, body: Body) -> Layer:
    """Skirts: close from the waist over the hips, flared and fluted below."""
    h = body.shape.height
    top, hem, ease = g.waist * h, g.hem * h, g.ease * h / 1.72
    # Flare and flutes start at the hip, or a skirt pokes through the hem of a top worn over it.
    hip = 0.53 * h
    p = _parameters(hem - 0.05, body)
    p[at.TORSO], p[at.CUT_TOP], p[at.CUT_BOTTOM], p[at.FOLDS] = 1.0, top, hem, g.folds
    p[at.FLUTES], p[at.FLUTE_DEPTH], p[at.FLUTE_Y] = g.flutes, g.flute_depth, hip
    y = _levels(p)
    down = np.clip((hip - y) / (hip - hem), 0.0, 1.2)
    over_hip = np.maximum(y, 0.53 * h)
    # 12 mm more over the hips, where legs and torso join.
    room = ease * 0.7 + 0.012 * _ramp((top - 0.02 - y) / (0.06 * h))
    wide = body.width(over_hip) + room + g.flare * h * down
    deep = body.depth(over_hip) + room + g.flare * h * 0.8 * down
    centre = body.centre(np.maximum(y, 0.50 * h))
    wide, deep = _around_legs(wide, deep, centre, p, body)
    return Layer(p, np.array([wide, deep, centre, body.arm_radius, body.leg_radius]))
