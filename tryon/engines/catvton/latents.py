"""Pictures in and out of the latent space."""

from __future__ import annotations

import torch
from torch.nn.functional import interpolate

from tryon.core.ports import Pixels
from tryon.engines.catvton.networks import Networks
from tryon.engines.catvton.prepare import to_pixels

AT_ONCE = 4
"""Pictures the autoencoder works on together: it takes 2 % of the time, and 2 GiB for each at 768x1024."""


def encode(networks: Networks, images: torch.Tensor) -> torch.Tensor:
    """float32 [N, 3, H, W] in -1..1 -> float32 [N, 8, H/8, W/8]: mean and logarithm of the variance.

    Not yet a latent: that is drawn from them, by `draw`.
    """
    parts = [
        networks.vae.encode(part.to(networks.device, networks.dtype)).latent_dist.parameters.float()
        for part in torch.split(images, AT_ONCE)
    ]
    return torch.cat(parts)


def draw(networks: Networks, moments: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """A latent from each posterior, scaled for the UNet. Both [N, .., h, w] -> [N, 4, h, w]."""
    mean, logvar = moments.chunk(2, dim=1)
    sample = mean + torch.exp(0.5 * logvar.clamp(-30.0, 20.0)) * noise.to(mean.device)
    scaled: torch.Tensor = sample * networks.vae.config.scaling_factor
    return scaled


def shrink_mask(mask: torch.Tensor, latents: torch.Tensor) -> torch.Tensor:
    """[N, 1, H, W] -> [N, 1, h, w] of the latents' size: the pixel at each latent's top left corner."""
    return interpolate(mask, size=latents.shape[-2:], mode="nearest").to(latents.device)


def decode(networks: Networks, latents: torch.Tensor) -> torch.Tensor:
    """float32 [N, 4, h, w], as the UNet scales them -> float32 [N, 3, H, W] around -1..1."""
    scaled = (latents / networks.vae.config.scaling_factor).to(networks.dtype)
    return torch.cat([networks.vae.decode(part).sample.float() for part in torch.split(scaled, AT_ONCE)])


def pictures(networks: Networks, latents: torch.Tensor) -> list[Pixels | None]:
    """uint8 [H, W, 3] each; None where numbers overflowed."""
    decoded = decode(networks, latents)
    finite = torch.isfinite(decoded).flatten(1).all(dim=1).tolist()
    pixels = to_pixels(torch.nan_to_num(decoded))
    return [picture if whole else None for picture, whole in zip(pixels, finite, strict=True)]
