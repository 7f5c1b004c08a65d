"""Good product photos through the detector."""

from __future__ import annotations

import numpy as np

from bench.evaluate.cast import Cast, Piece
from bench.evaluate.chain import Cutout, Engines, upload
from bench.evaluate.metrics import iou, soft_iou
from bench.evaluate.renders import Truth, load
from bench.evaluate.scenes import Scene, packshot_of
from bench.evaluate.scores import ItemScore
from studio.shoot import with_shadow
from tryon.core.words import Refused


def packshots(cast: Cast) -> dict[str, Scene]:
    """By the piece's id."""
    return {piece.id: packshot_of(piece, cast.seeds[40 + number]) for number, piece in enumerate(cast.pieces)}


def score_item(engines: Engines, piece: Piece, scene: Scene) -> ItemScore:
    shown = load(scene)
    found = cut_out(engines, piece, shown)
    if isinstance(found, Refused):
        return ItemScore(piece.id, found)
    return ItemScore(
        piece.id,
        alpha_iou=soft_iou(found.alpha, shown.alpha),
        hard_iou=iou(found.alpha > 127, shown.alpha > 127),
    )


def cut_out(engines: Engines, piece: Piece, shown: Truth) -> Cutout | Refused:
    """As shops photograph it: with a soft shadow on the paper behind."""
    photo = with_shadow(shown.rgb, (shown.alpha / 255).astype(np.float32))
    return engines.cutout(upload(photo), piece.category)
