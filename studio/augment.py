"""Random variations of training pictures, with their labels and keypoints."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from studio.labels import MIRRORED_KEYPOINTS, MIRRORED_LABELS


@dataclass(frozen=True)
class Batch:
    """image: float [n, 3, h, w] RGB in [0, 1]; labels: int64 [n, h, w]; keypoints: float [n, 19, 3]."""

    image: Tensor
    labels: Tensor
    keypoints: Tensor


def vary(batch: Batch, random: torch.Generator) -> Batch:
    """Flip, move and re-light a batch."""
    if torch.rand((), generator=random) < 0.5:
        batch = flip(batch)
    batch = _move(batch, random)
    return Batch(_relight(batch.image, random), batch.labels, batch.keypoints)


def flip(batch: Batch) -> Batch:
    """The mirrored people: left becomes right in the picture, in labels and in keypoints."""
    points = batch.keypoints[:, list(MIRRORED_KEYPOINTS)].clone()
    points[..., 0] = batch.image.shape[3] - points[..., 0]
    labels = torch.tensor(MIRRORED_LABELS)[batch.labels.flip(2)]
    return Batch(batch.image.flip(3), labels, points)


def _move(batch: Batch, random: torch.Generator) -> Batch:
    """Rotate up to 7 degrees, scale by 0.8 to 1.25 and shift up to 8% of the picture."""
    n, _, height, width = batch.image.shape

    def draw(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(n, generator=random)

    angle, scale = draw(-0.12, 0.12), torch.exp(draw(-0.22, 0.22))
    shift = torch.stack([draw(-0.16, 0.16), draw(-0.16, 0.16)], dim=1)
    c, s, aspect = torch.cos(angle) / scale, torch.sin(angle) / scale, height / width
    # From output to input, in grid_sample's coordinates (-1 to 1 on both axes).
    turn = torch.stack([torch.stack([c, -s * aspect], 1), torch.stack([s / aspect, c], 1)], 1)
    theta = torch.cat([turn, shift[:, :, None]], 2)
    grid = functional.affine_grid(theta, [n, 1, height, width], align_corners=False)
    # What comes into view has the colour of the upper left corner, backdrop as a rule. (Repeating the border
    # would smear feet near it to the edge, and teach the net to do so.)
    corner = batch.image[:, :, :1, :1]
    image = functional.grid_sample(batch.image - corner, grid, align_corners=False) + corner
    labels = functional.grid_sample(batch.labels[:, None].float(), grid, mode="nearest", align_corners=False)
    size = torch.tensor([width, height], dtype=torch.float32)
    at = batch.keypoints[..., :2] / size * 2.0 - 1.0 - shift[:, None]
    at = (torch.linalg.inv(turn) @ at.transpose(1, 2)).transpose(1, 2)
    inside = (at.abs() < 1.0).all(dim=2) & (batch.keypoints[..., 2] > 0)
    points = torch.cat([(at + 1.0) / 2.0 * size, inside[..., None].float()], dim=2)
    return Batch(image, labels[:, 0].round().long(), points)


def _relight(image: Tensor, random: torch.Generator) -> Tensor:
    """Vary exposure, contrast curve and tint; blur or add grain to some pictures."""
    n = image.shape[0]

    def draw(low: float, high: float, channels: int = 1) -> Tensor:
        return low + (high - low) * torch.rand(n, channels, 1, 1, generator=random)

    image = image.clamp(1e-4, 1.0) ** draw(0.7, 1.45) * draw(0.75, 1.2) + draw(-0.07, 0.07, 3)
    blurred = functional.avg_pool2d(image, 3, 1, 1, count_include_pad=False)
    image = torch.where(draw(0.0, 1.0) < 0.3, blurred, image)
    grain = torch.randn(image.shape, generator=random) * draw(0.0, 0.04) * (draw(0.0, 1.0) < 0.5)
    return (image + grain).clamp(0.0, 1.0)
