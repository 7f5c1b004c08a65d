"""From noise to a person in a garment: the published algorithm's loop (Chong et al., arXiv 2407.15886).

Person and garment stand above each other in one tall picture, person on top, so that self-attention carries the garment
over; only the upper half is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from tryon.engines.catvton.networks import Networks
from tryon.engines.catvton.noise import Noise
from tryon.engines.catvton.schedulers import Sampling, make_scheduler


@dataclass(frozen=True, slots=True)
class Conditions:
    """float32. mask: [B, 1, h, w], 1 where the person may change. person, garment: [B, 4, h, w] latents, the person
    with that part in grey."""

    mask: torch.Tensor
    person: torch.Tensor
    garment: torch.Tensor


def denoise(networks: Networks, given: Conditions, noise: Noise, sampling: Sampling) -> torch.Tensor:
    """float32 [B, 4, h, w], the finished persons, as the UNet scales them. Latents stay float32 between the steps:
    rounded to 16 bits fifty times they would drift."""
    scheduler = make_scheduler(sampling, networks.schedule)
    fixed = _fixed_channels(given, sampling.guidance > 1).to(networks.dtype)
    batch, channels, height, width = given.person.shape
    shape = batch, channels, 2 * height, width
    latents = _onto(networks.device, noise.latents(shape)) * float(scheduler.init_noise_sigma)
    # The scheduler computes its factors on the CPU: reading them from a GPU would wait for it at each step.
    for step, there in zip(scheduler.timesteps, scheduler.timesteps.to(networks.device), strict=True):
        predicted = _predict(networks, latents, fixed, there, sampling.guidance)
        extra: dict[str, object] = {}
        if sampling.scheduler == "ddim":
            extra["eta"] = sampling.eta
        if sampling.fresh_noise:
            extra["variance_noise"] = _onto(networks.device, noise.latents(shape))
        latents = scheduler.step(predicted, step, latents, **extra, return_dict=False)[0]
    return latents[:, :, :height]


def _onto(device: torch.device, drawn: torch.Tensor) -> torch.Tensor:
    """Through pinned memory, so that the next numbers are drawn while the GPU still works."""
    return drawn.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else drawn.to(device)


def _fixed_channels(given: Conditions, guided: bool) -> torch.Tensor:
    """[B or 2B, 5, 2h, w]: mask and conditions, the same at each step. With guidance the first B are without their
    garment: its latent is zero, which is no picture's latent, not even a black one's."""
    masks = torch.cat([given.mask, torch.zeros_like(given.mask)], dim=2)
    with_garment = torch.cat([given.person, given.garment], dim=2)
    if not guided:
        return torch.cat([masks, with_garment], dim=1)
    without = torch.cat([given.person, torch.zeros_like(given.garment)], dim=2)
    return torch.cat([masks.repeat(2, 1, 1, 1), torch.cat([without, with_garment])], dim=1)


def _predict(
    networks: Networks, latents: torch.Tensor, fixed: torch.Tensor, step: torch.Tensor, guidance: float
) -> torch.Tensor:
    """The noise in `latents`, float32."""
    repeats = fixed.shape[0] // latents.shape[0]
    seen = torch.cat([latents.to(fixed.dtype).repeat(repeats, 1, 1, 1), fixed], dim=1)
    found = networks.unet(seen, step, encoder_hidden_states=None, return_dict=False)[0].float()
    if repeats == 1:
        result: torch.Tensor = found
        return result
    without, with_garment = found.chunk(2)
    guided: torch.Tensor = without + guidance * (with_garment - without)
    return guided
