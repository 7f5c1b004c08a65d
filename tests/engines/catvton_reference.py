"""The published algorithm once more, slow and straight, from stock diffusers parts: what our engine is compared with.

It shares no code with the engine. `wrong` names a plausible mistake to make on purpose, so that a test can show that
the gate sees it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import diffusers
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file

from tests.engines.catvton_tiny import ATTENTION_FILE, DATA, TINY

Wrong = Literal[
    "", "garment on top", "no cross-attention residual", "no person in uncond", "vae mode", "black uncond"
]
SCALE = 0.18215


@dataclass(frozen=True)
class Given:
    """Tensors as the cases store them: [B, 3, H, W] in -1..1, mask [B, 1, H, W] in 0..1."""

    person: torch.Tensor
    mask: torch.Tensor
    garment: torch.Tensor
    steps: int = 4
    guidance: float = 2.5
    eta: float = 1.0
    seed: int = 42
    global_seed: int = 0


class Identity:
    def __call__(self, attn: Any, hidden_states: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        return hidden_states


class Nothing:
    def __call__(self, attn: Any, hidden_states: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        return torch.zeros_like(hidden_states)


@cache
def networks(cross: type) -> tuple[Any, Any, Any]:
    stock: Any = diffusers
    unet = stock.UNet2DConditionModel.from_pretrained(TINY / "base", subfolder="unet").eval()
    modules = json.loads((DATA / "attn_enumeration.json").read_text())["modules"]
    parameters = dict(unet.named_parameters())
    with torch.no_grad():
        for key, tensor in load_file(TINY / "attn" / "mix-48k-1024" / ATTENTION_FILE).items():
            number, _, rest = key.partition(".")
            parameters[f"{modules[int(number)]}.{rest}"].copy_(tensor)
    processors = unet.attn_processors
    unet.set_attn_processor({n: cross() if "attn2" in n else kept for n, kept in processors.items()})
    vae = stock.AutoencoderKL.from_pretrained(TINY / "vae").eval()
    return unet, vae, stock.DDIMScheduler.from_pretrained(TINY / "base", subfolder="scheduler")


@torch.no_grad()
def run(given: Given, wrong: Wrong = "") -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """The finished latents (divided by the scaling factor) and the pictures, uint8 [B, H, W, 3]."""
    unet, vae, scheduler = networks(Nothing if wrong == "no cross-attention residual" else Identity)
    torch.manual_seed(given.global_seed)
    generator = torch.Generator("cpu").manual_seed(given.seed)
    mask = (given.mask >= 0.5).float()
    posteriors = [vae.encode(image).latent_dist for image in (given.person * (mask < 0.5), given.garment)]
    person, garment = (SCALE * (p.mode() if wrong == "vae mode" else p.sample()) for p in posteriors)
    height, width = person.shape[-2:]
    small = mask[:, :, ::8, ::8][:, :, :height, :width]

    def tall(upper: torch.Tensor, lower: torch.Tensor) -> torch.Tensor:
        return torch.cat([lower, upper] if wrong == "garment on top" else [upper, lower], dim=2)

    masks, known = tall(small, torch.zeros_like(small)), tall(person, garment)
    empty = torch.zeros_like(garment)
    if wrong == "black uncond":
        empty = SCALE * vae.encode(torch.full_like(given.garment, -1.0)).latent_dist.mode()
    blind = torch.zeros_like(known) if wrong == "no person in uncond" else tall(person, empty)
    latents = torch.randn(known.shape, generator=generator)
    scheduler.set_timesteps(given.steps)
    for t in scheduler.timesteps:
        # In one pass, as published: on its own each half is rounded otherwise, and guidance makes that larger.
        halves = [blind, known] if given.guidance > 1 else [known]
        seen = [torch.cat([latents, masks, half], 1) for half in halves]
        without, noise = unet(torch.cat(seen), t, None).sample.split(
            [len(latents) * (len(halves) - 1), len(latents)]
        )
        if given.guidance > 1:
            noise = without + given.guidance * (noise - without)
        latents = scheduler.step(noise, t, latents, eta=given.eta, generator=generator).prev_sample
    half = (latents[:, :, height:] if wrong == "garment on top" else latents[:, :, :height]) / SCALE
    image = (vae.decode(half).sample / 2 + 0.5).clamp(0, 1)
    return half.numpy(), np.round(image.numpy() * 255).astype(np.uint8).transpose(0, 2, 3, 1)
