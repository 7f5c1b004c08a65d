"""The garment's parts, warped: torso, sleeves, trouser legs, skirt, each a picture with coverage."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from tryon.core.ports import Pixels
from tryon.engines.warp import bottoms_on, tops_on
from tryon.engines.warp.arrays import Floats, Points, soft
from tryon.engines.warp.figure import Figure
from tryon.engines.warp.gaps import gaps
from tryon.engines.warp.marks import Marks, SkirtMarks, TopMarks, TrouserMarks
from tryon.engines.warp.neckline import inner_back
from tryon.engines.warp.placing import Pairs, hem_level
from tryon.engines.warp.warps import Box, box_around, mesh, sample, thin_plate

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
    alpha[1:-1, 1:-1][gaps(garment, marks)] = 0
    coverage = alpha[1:-1, 1:-1].astype(np.float32) / np.float32(255)
    if isinstance(marks, TopMarks):
        parts = _top_parts(garment, marks)
    elif isinstance(marks, TrouserMarks):
        parts = _leg_parts(coverage.shape, marks)
    else:
        parts = ()
    pixels = np.dstack([garment[..., :3].astype(np.float32) * coverage[..., None], coverage])
    return Cut(np.asarray(pixels, np.float32), marks, parts)


def _top_parts(garment: Pixels, marks: TopMarks) -> tuple[Floats, ...]:
    """(torso, inner back above the neckline, left sleeve, right sleeve) weights [h, w]."""
    shape = garment.shape[:2]
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    back = np.zeros(shape, np.float32)
    if marks.neckline is not None:
        back = soft(inner_back(garment[..., 3] > 0, garment[..., :3], marks.neckline), 0.7)
    torso = 1.0 - back
    if marks.sleeves is None:
        return torso, back
    sides = [_sleeve_side(x, y, marks, side) for side in (0, 1)]
    for off in sides:
        torso *= np.clip(1.0 - off / 3.0, 0.0, 1.0)
    # Sleeves keep a margin of torso so that the seam never opens.
    return torso, back, *((off > -0.012 * shape[1]).astype(np.float32) for off in sides)


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


@dataclass(frozen=True, slots=True)
class Worn:
    """A garment's pieces on a photo, behind to front: the inner back behind the neck, sleeves, the rest."""

    back: tuple[Piece, ...]
    sleeves: tuple[Piece, ...]
    front: tuple[Piece, ...]


def warp_all(figure: Figure, garment: Cut, size: tuple[int, int]) -> Worn:
    """The garment's pieces on a photo of (height, width)."""
    marks, pixels = garment.marks, garment.pixels
    if isinstance(marks, SkirtMarks):
        return Worn((), (), _splined([pixels], bottoms_on.skirt_pairs(figure, marks), size))
    parts = [pixels * part[..., None] for part in garment.parts]
    if isinstance(marks, TrouserMarks):
        legs = zip(bottoms_on.trouser_pairs(figure, marks), parts, strict=True)
        return Worn((), (), tuple(piece for pairs, leg in legs for piece in _splined([leg], pairs, size)))
    torso = _splined(parts[:2], tops_on.torso_pairs(figure, marks), size)
    sleeves = [
        _meshed(part, tops_on.sleeve_mesh(figure, marks, side).pairs, size)
        for side, part in enumerate(parts[2:])
    ]
    return Worn(torso[1:], tuple(piece for piece in sleeves if piece is not None), torso[:1])


def _splined(parts: list[Floats], pairs: Pairs, size: tuple[int, int]) -> tuple[Piece, ...]:
    """Parts [h, w, 4] of one garment by the same thin-plate spline; none when it falls outside the photo."""
    box = box_around(pairs.target, 0.06 * float(np.ptp(pairs.target, axis=0).max()), size)
    if box is None:
        return ()
    scale = float(np.ptp(pairs.target[:, 1]) / max(np.ptp(pairs.source[:, 1]), 1e-6))
    backward = thin_plate(pairs.source, pairs.target, box)
    shrunk = [_shrunk(part, scale) for part in parts]
    return tuple(Piece(sample(small, (backward + 0.5) * factor - 0.5), box) for small, factor in shrunk)


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


def _meshed(pixels: Floats, pairs: Pairs, size: tuple[int, int]) -> Piece | None:
    """A sleeve by its mesh."""
    box = box_around(pairs.target, 1, size)
    if box is None:
        return None
    scale = float(
        np.sqrt(np.prod(np.ptp(pairs.target, axis=0)) / max(np.prod(np.ptp(pairs.source, axis=0)), 1e-6))
    )
    pixels, factor = _shrunk(pixels, scale)
    return Piece(sample(pixels, (mesh(pairs.source, pairs.target, box) + 0.5) * factor - 0.5), box)


def coverage(pieces: tuple[Piece, ...], shape: tuple[int, int]) -> Floats:
    """Combined coverage 0..1 [H, W] of pieces painted over each other."""
    total = np.zeros(shape, np.float32)
    for piece in pieces:
        part = total[piece.box.slices]
        np.maximum(part, piece.pixels[..., 3], out=part)
    return total


@dataclass(frozen=True, slots=True)
class Reach:
    """Where skin begins, in pixels: along each arm (left, right), in depth below the shoulder joints for the legs, and
    how far from the trunk's middle line the shoulders are covered."""

    arms: tuple[float, float]
    legs: float
    shoulders: tuple[float, float] = (0.0, 0.0)


def reach(figure: Figure, marks: Marks) -> Reach:
    """How far the garment covers arms and legs."""
    if isinstance(marks, SkirtMarks):
        return Reach((0.0, 0.0), hem_level(figure, bottoms_on.skirt_pairs(figure, marks)))
    if isinstance(marks, TrouserMarks):
        return Reach((0.0, 0.0), hem_level(figure, bottoms_on.trouser_pairs(figure, marks)[0]))
    legs = hem_level(figure, tops_on.torso_pairs(figure, marks))
    neck, strap = (
        float(np.abs(figure.offset(tops_on.place_top(figure, marks, points))).mean())
        for points in (marks.neck, marks.shoulder)
    )
    if marks.sleeves is None:
        return Reach((0.0, 0.0), legs, (neck, strap))
    left, right = (tops_on.sleeve_mesh(figure, marks, side).end for side in (0, 1))
    return Reach((left, right), legs, (neck, np.inf))
