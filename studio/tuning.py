"""Scores of the whole body parser on full-length renders that are in no training set and in no evaluation.

Constants of the engines may be chosen by these figures, which evaluation's seeds must never be used for.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.camera import Camera, frame
from studio.render import shot
from studio.scores import NAMES
from studio.variety import random_backdrop, random_subject
from tryon.core.masks import make_masks
from tryon.core.ports import Body, Pixels
from tryon.core.words import MaskKind, Refused
from tryon.engines.studio_parser import StudioParser

log = logging.getLogger(__name__)

SEEDS = range(500, 550)
SIZE = (768, 1024)
MASKS = (MaskKind.UPPER, MaskKind.LOWER, MaskKind.OVERALL, MaskKind.FULL_BODY, MaskKind.FACE)


@dataclass(frozen=True)
class Found:
    """Scores of one render: IoU of every label and mask that is there, keypoints in pixels at 1024, refusal code."""

    iou: dict[str, float]
    keypoints_px: float
    refused: str


def score_parser(folder: Path, count: int) -> str:
    """A table of `count` renders, which are kept in `folder`; refused photos are scored all the same."""
    parser = StudioParser(threads=1)
    found = [score_one(parser, *_render(folder, seed)) for seed in SEEDS[:count]]
    lines = [f"seed {seed} {_line(each)}" for seed, each in zip(SEEDS, found, strict=False)]
    for name in sorted({name for each in found for name in each.iou}):
        values = [each.iou[name] for each in found if name in each.iou]
        lines.append(f"{name:14s} IoU mean {np.mean(values):.3f} worst {min(values):.3f} of {len(values)}")
    px = [each.keypoints_px for each in found]
    return "\n".join([*lines, f"keypoints {np.mean(px):.2f} px, worst render {max(px):.2f}"])


def _line(found: Found) -> str:
    masks = " ".join(f"{k.value} {found.iou.get(f'mask {k.value}', float('nan')):.3f}" for k in MASKS)
    return f"{masks} keypoints {found.keypoints_px:.1f} {found.refused}"


def score_one(parser: StudioParser, image: Pixels, truth: Body) -> Found:
    """The parse of one render, of height 1024, against the truth."""
    [answer] = parser.parse([image])
    body = parser.read(image)
    iou = {
        name: _iou(body.labels == label, truth.labels == label)
        for label, name in NAMES.items()
        if (truth.labels == label).any()
    }
    found, true = make_masks(body), make_masks(truth)
    for kind in MASKS:
        a, b = found[kind], true[kind]
        if not isinstance(b, Refused):
            iou[f"mask {kind.value}"] = 0.0 if isinstance(a, Refused) else _iou(a > 0, b > 0)
    seen = truth.keypoints[:, 2] > 0
    off = np.linalg.norm(body.keypoints[seen, :2] - truth.keypoints[seen, :2], axis=1)
    return Found(iou, float(off.mean()), answer.code if isinstance(answer, Refused) else "")


def _iou(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    union = int((a | b).sum())
    return float((a & b).sum()) / union if union else 1.0


def _render(folder: Path, seed: int) -> tuple[Pixels, Body]:
    """The render of a seed, from the folder or made anew."""
    picture, truth = folder / f"{seed}.png", folder / f"{seed}.npz"
    if not truth.exists():
        folder.mkdir(parents=True, exist_ok=True)
        log.info("rendering %s", picture.name)
        rng = np.random.default_rng(seed)
        subject = random_subject(rng)
        camera, backdrop = full_length_camera(rng, subject.body.shape.height), random_backdrop(rng, SIZE)
        made = shot(subject, camera, backdrop, antialias=4)
        Image.fromarray(made.rgb).save(picture)
        np.savez_compressed(truth, labels=made.labels, keypoints=made.keypoints)
    with np.load(truth) as stored, Image.open(picture) as image:
        return np.array(image), Body(stored["labels"], stored["keypoints"])


def full_length_camera(rng: np.random.Generator, height: float) -> Camera:
    """The whole person with some air, as the guide for users asks for."""
    extent = float(rng.uniform(1.1, 1.35)) * height
    centre = float(rng.normal(0.0, 0.05)), 0.515 * height
    return frame(SIZE, extent, centre, float(rng.normal(0.0, 0.02)))
