"""The garment's parts, warped: torso, sleeves, trouser legs, skirt, each a picture with coverage."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from tryon.core.ports import Pixels
from tryon.engines.warp import targets
from tryon.engines.warp.arrays import Floats, Points
from tryon.engines.warp.figure import Figure
from tryon.engines.warp.marks import Marks, SkirtMarks, TopMarks, TrouserMarks
from tryon.engines.warp.neckline import curve
from tryon.engines.warp.warps import Box, along_line, box_around, mesh, sample, smooth_line, thin_plate

# Sleeves reach this far under the torso piece and past the cuff line, in sleeve lengths.
_UNDER, _PAST = -0.3, 1.15
# Garments are shrunk first when the photo shows them smaller than this: sampling would alias.
_FINE = 0.75


@dataclass(frozen=True, slots=True)
class Piece:
    """pixels: premultiplied RGBA float32 [h, w, 4] (colour 0..255 times coverage 0..1) inside `box`."""

    pixels: Floats
    box: Box

    def onto(self, canvas: Floats, allowed: Floats | None = None) -> None:
        """Paint into canvas [H, W, 3] in place, times `allowed` [H, W] 0..1."""
        where = self.pixels if allowed is None else self.pixels * allowed[self.box.slices][..., None]
        canvas[self.box.slices] = canvas[self.box.slices] * (1.0 - where[..., 3:]) + where[..., :3]


@dataclass(frozen=True, slots=True)
class Cut:
    """A garment ready for warping: premultiplied, hemmed in by a pixel, its landmarks, and its parts' masks."""

    pixels: Floats
    marks: Marks
    parts: tuple[Floats, ...]


def cut(garment: Pixels, marks: Marks) -> Cut:
    """Premultiply the crop [h, w, 4] and tell its parts apart."""
    # The outermost pixel of a cut-out carries the product photo's white: it goes.
    alpha = cv2.erode(
        cv2.copyMakeBorder(garment[..., 3], 1, 1, 1, 1, cv2.BORDER_CONSTANT), np.ones((3, 3), np.uint8)
    )
    coverage = alpha[1:-1, 1:-1].astype(np.float32) / np.float32(255)
    if isinstance(marks, TopMarks):
        parts = _top_parts(coverage.shape, marks)
    elif isinstance(marks, TrouserMarks):
        parts = _leg_parts(coverage.shape, marks)
    else:
        parts = ()
    pixels = np.dstack([garment[..., :3].astype(np.float32) * coverage[..., None], coverage])
    return Cut(np.asarray(pixels, np.float32), marks, parts)


def _top_parts(shape: tuple[int, ...], marks: TopMarks) -> tuple[Floats, ...]:
    """(torso, left sleeve, right sleeve) weights [h, w]; the inner back above the neckline is in none of them."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    torso = np.ones(shape, np.float32)
    if marks.neckline is not None:
        torso *= np.clip(y - curve(marks.neckline, x[0])[None], 0.0, 1.0).astype(np.float32)
    if marks.sleeves is None:
        return (torso,)
    sides = [_sleeve_side(x, y, marks, side) for side in (0, 1)]
    for off in sides:
        torso *= np.clip(1.0 - off / 3.0, 0.0, 1.0)
    # Sleeves keep a margin of torso so that the seam never opens.
    return torso, *((off > -0.012 * shape[1]).astype(np.float32) for off in sides)


def _sleeve_side(x: Floats, y: Floats, marks: TopMarks, side: int) -> Floats:
    """Pixels beyond the line from shoulder to armpit, and below it from armpit down between sleeve and side."""
    assert marks.sleeves is not None
    sleeve, outwards = marks.sleeves[side], -1.0 if side == 0 else 1.0
    seam = _beyond(x, y, sleeve.shoulder, sleeve.pit, outwards)
    inner, edge = _unit(sleeve.cuff_in - sleeve.pit), _unit(marks.sides[0, side] - sleeve.pit)
    gap = _beyond(x, y, sleeve.pit, sleeve.pit + inner + edge, outwards)
    # Below the cuff everything is the garment's body again: a skirt may flare out under a short sleeve.
    low = max(sleeve.cuff_out[1], sleeve.cuff_in[1]) + 0.03 * x.shape[0]
    return np.where(y < sleeve.pit[1], seam, np.where(y < low, gap, -1.0)).astype(np.float32)


def _beyond(x: Floats, y: Floats, start: Points, end: Points, outwards: float) -> Floats:
    """Signed distance from the line start-end, positive on the outer side (outwards: -1 image left, 1 right)."""
    ux, uy = _unit(end - start)
    return np.asarray(
        ((x - start[0]) * uy - (y - start[1]) * ux) * outwards * (np.sign(uy) or 1.0), np.float32
    )


def _unit(vector: Points) -> Points:
    return np.asarray(vector / max(float(np.hypot(*vector)), 1e-6))


def _leg_parts(shape: tuple[int, ...], marks: TrouserMarks) -> tuple[Floats, ...]:
    """(left, right) weights [h, w], overlapping by two pixels on the line down through the crotch."""
    x = np.arange(shape[1], dtype=np.float32)[None]
    left = np.broadcast_to(np.clip(marks.crotch[0] + 1.5 - x, 0.0, 1.0), shape)
    right = np.broadcast_to(np.clip(x - marks.crotch[0] + 1.5, 0.0, 1.0), shape)
    return np.ascontiguousarray(left), np.ascontiguousarray(right)


def warp_all(figure: Figure, garment: Cut, size: tuple[int, int]) -> list[Piece]:
    """The garment's pieces on a photo of (height, width), in painting order: sleeves before torso."""
    marks = garment.marks
    if isinstance(marks, SkirtMarks):
        return _present([_spline(garment.pixels, targets.skirt_pairs(figure, marks), size)])
    if isinstance(marks, TrouserMarks):
        legs = zip(targets.trouser_pairs(figure, marks), garment.parts, strict=True)
        return _present([_spline(garment.pixels * part[..., None], pairs, size) for pairs, part in legs])
    pieces = []
    for side in (0, 1) if marks.sleeves is not None else ():
        strip = targets.sleeve_strip(figure, marks, side)
        pieces.append(_strip(garment.pixels * garment.parts[1 + side][..., None], strip, size))
    torso = garment.pixels * garment.parts[0][..., None]
    pieces.append(_spline(torso, targets.torso_pairs(figure, marks), size))
    return _present(pieces)


def _present(pieces: list[Piece | None]) -> list[Piece]:
    return [piece for piece in pieces if piece is not None]


def _spline(pixels: Floats, pairs: targets.Pairs, size: tuple[int, int]) -> Piece | None:
    box = box_around(pairs.target, 0.06 * float(np.ptp(pairs.target, axis=0).max()), size)
    if box is None:
        return None
    scale = float(np.ptp(pairs.target[:, 1]) / max(np.ptp(pairs.source[:, 1]), 1e-6))
    pixels, factor = _shrunk(pixels, scale)
    return Piece(sample(pixels, (thin_plate(pairs.source, pairs.target, box) + 0.5) * factor - 0.5), box)


def _shrunk(pixels: Floats, scale: float) -> tuple[Floats, Floats]:
    """The garment made smaller when it will be shown at `scale` < 1, and the factors (x, y) it was made smaller by."""
    height, width = pixels.shape[:2]
    if scale > _FINE:
        return pixels, np.ones(2, np.float32)
    small = cv2.resize(
        pixels, (max(2, round(width * scale)), max(2, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    return np.asarray(small, np.float32), np.array(
        [small.shape[1] / width, small.shape[0] / height], np.float32
    )


def _strip(pixels: Floats, strip: targets.Strip, size: tuple[int, int]) -> Piece | None:
    """A sleeve as a ruled strip: t along the arm, s across from the outer (0) to the inner (1) edge."""
    t, s = (axis.ravel() for axis in np.meshgrid(np.linspace(_UNDER, _PAST, 24), np.linspace(-0.7, 1.4, 8)))
    sleeve = strip.sleeve
    source = _ruled(
        np.stack([sleeve.shoulder, sleeve.cuff_out]), np.stack([sleeve.pit, sleeve.cuff_in]), t, s
    )
    target = _ruled(smooth_line(strip.outer), smooth_line(strip.inner), t, s)
    box = box_around(target, 1, size)
    if box is None:
        return None
    scale = max(
        _ratio(strip.outer, sleeve.cuff_out - sleeve.shoulder),
        _ratio(strip.inner, sleeve.cuff_in - sleeve.pit),
    )
    pixels, factor = _shrunk(pixels, scale)
    return Piece(sample(pixels, (mesh(source, target, box) + 0.5) * factor - 0.5), box)


def _ratio(line: Points, across: Points) -> float:
    return float(np.hypot(*(line[-1] - line[0])) / max(float(np.hypot(*across)), 1e-6))


def _ruled(outer: Points, inner: Points, t: Points, s: Points) -> Points:
    """Positions [N, 2] at t along two edges, s of the way from the outer to the inner one.

    Beyond the ends all ruled lines move on in parallel: running the edges on could make them cross.
    """
    kept, s = np.clip(t, 0.0, 1.0), s[:, None]
    across = along_line(outer, kept) * (1.0 - s) + along_line(inner, kept) * s
    before, after = ((end(outer) + end(inner)) / 2 for end in (_first, _last))
    return np.asarray(
        across + np.minimum(t, 0.0)[:, None] * before + np.maximum(t - 1.0, 0.0)[:, None] * after
    )


def _first(line: Points) -> Points:
    """Direction of a polyline at its start, as long as the whole line."""
    return _unit(line[1] - line[0]) * float(np.hypot(*np.diff(line, axis=0).T).sum())


def _last(line: Points) -> Points:
    return -_first(line[::-1])


def coverage(pieces: list[Piece], shape: tuple[int, int]) -> Floats:
    """Combined coverage 0..1 [H, W] of pieces painted over each other."""
    total = np.zeros(shape, np.float32)
    for piece in pieces:
        part = total[piece.box.slices]
        np.maximum(part, piece.pixels[..., 3], out=part)
    return total


@dataclass(frozen=True, slots=True)
class Reach:
    """Where bare limbs begin: along each arm (left, right), and in depth below the shoulder joints for the legs, px."""

    arms: tuple[float, float]
    legs: float


def reach(figure: Figure, marks: Marks) -> Reach:
    """How far the garment covers arms and legs."""
    if isinstance(marks, SkirtMarks):
        return Reach((0.0, 0.0), targets.hem_level(figure, targets.skirt_pairs(figure, marks)))
    if isinstance(marks, TrouserMarks):
        return Reach((0.0, 0.0), targets.hem_level(figure, targets.trouser_pairs(figure, marks)[0]))
    legs = targets.hem_level(figure, targets.torso_pairs(figure, marks))
    if marks.sleeves is None:
        return Reach((0.0, 0.0), legs)
    left, right = (targets.sleeve_strip(figure, marks, side).end for side in (0, 1))
    return Reach((left, right), legs)
