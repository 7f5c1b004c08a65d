"""A predictor with the outputs of SHARP's network, a few weights, and a splat that depicts its picture.

For tests of everything around the network; `write_tiny` writes its checkpoint as the published one is laid out.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from tryon.engines.sharp.models import CHECKPOINT, SHARP

DISPARITY = 0.5
"""Of the front: f_px / width / 0.5 metres away."""
BEHIND = 1.05
"""Depth of the second layer over the front's."""


class Predicted(NamedTuple):
    mean_vectors: torch.Tensor
    singular_values: torch.Tensor
    quaternions: torch.Tensor
    colors: torch.Tensor
    opacities: torch.Tensor


class TinyPredictor(nn.Module):
    """Two flat layers facing the camera, at one Gaussian for 2 x 2 pixels of the input, front first."""

    def __init__(self) -> None:
        super().__init__()
        self.disparity = nn.Parameter(torch.tensor([1.0]))
        self.footprint = nn.Parameter(torch.ones(3))
        self.head = nn.Conv2d(3, 3, 1, bias=False)

    def forward(self, image: torch.Tensor, disparity_factor: torch.Tensor) -> Predicted:
        srgb = self.head(nn.functional.avg_pool2d(image, 2)).clamp(0, 1)
        grid = srgb.shape[-1]
        axis = (torch.arange(grid, device=image.device) + 0.5) * (2 / grid) - 1
        y, x = torch.meshgrid(axis, axis, indexing="ij")
        front = (disparity_factor / self.disparity.clamp(1e-4, 1e4)).expand(grid, grid)
        z = torch.stack([front, front * BEHIND])
        means = torch.stack([x * z, y * z, z], dim=-1).flatten(0, 2)[None]
        sigmas = z.reshape(1, -1, 1) * self.footprint * (2 / grid)
        colors = _linear(srgb).permute(0, 2, 3, 1).reshape(1, 1, -1, 3).expand(1, 2, -1, 3).flatten(1, 2)
        quaternions = torch.tensor([3.0, 0, 0, 0], device=image.device).expand(1, sigmas.shape[1], 4)
        return Predicted(means, sigmas, quaternions, colors, torch.full_like(sigmas[..., 0], 0.95))


def _linear(srgb: torch.Tensor) -> torch.Tensor:
    return torch.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def tiny_state() -> dict[str, torch.Tensor]:
    """Weights without which the splat is wrong: at 1.0 the disparity puts it elsewhere, the head mixes colours."""
    return {
        "disparity": torch.tensor([DISPARITY]),
        "footprint": torch.tensor([0.6, 0.6, 0.05]),
        "head.weight": torch.eye(3).reshape(3, 3, 1, 1),
    }


def write_tiny(folder: Path, state: dict[str, torch.Tensor] | None = None) -> Path:
    """folder: the root of a `LocalModels`. -> the checkpoint."""
    path = folder / SHARP.id / CHECKPOINT
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(tiny_state() if state is None else state, path)
    return path
