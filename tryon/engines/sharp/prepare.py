"""What the network is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tryon.core.ports import Pixels
from tryon.engines.torch_runtime import need

if TYPE_CHECKING:
    import torch

RESOLUTION = 1536
"""Rows and columns of the network's input; its grid of Gaussians has half of them."""


def network_input(image: Pixels, resolution: int, device: torch.device) -> torch.Tensor:
    """uint8 [H, W, 3] sRGB -> float32 [1, 3, resolution, resolution], 0..1.

    Stretched, not padded: the camera makes up for it when Gaussians are unprojected. Bilinear between pixel
    centres, the corner ones kept (align_corners), without a filter, as the network was trained.
    """
    backend = need("torch")
    pixels = backend.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))).to(device)[None]
    resized: torch.Tensor = backend.nn.functional.interpolate(
        pixels.float() / 255, size=(resolution, resolution), mode="bilinear", align_corners=True
    )
    return resized


def disparity_factor(f_px: float, width: int, device: torch.device) -> torch.Tensor:
    """float32 [1]: what turns the network's disparity into metres, depth = factor / disparity."""
    factor: torch.Tensor = need("torch").tensor([f_px / width], device=device)
    return factor
