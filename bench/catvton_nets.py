"""CatVTON's networks with random weights: what they compute means nothing, what it costs is real."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from tryon.engines.catvton.attention import attention_names
from tryon.engines.catvton.networks import Networks, assemble, empty_unet, empty_vae
from tryon.engines.catvton.self_attention import use_kernels

Config = dict[str, Any]

SCHEDULE: Config = {
    "num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
    "clip_sample": False, "set_alpha_to_one": False, "steps_offset": 1,
}  # fmt: skip
"""Of Stable Diffusion 1.5."""

FULL_UNET: Config = {
    "in_channels": 9, "out_channels": 4, "block_out_channels": [320, 640, 1280, 1280], "layers_per_block": 2,
    "attention_head_dim": 8, "cross_attention_dim": 768, "sample_size": 64,
}  # fmt: skip
FULL_VAE: Config = {
    "block_out_channels": [128, 256, 512, 512], "layers_per_block": 2, "latent_channels": 4, "sample_size": 512,
    "down_block_types": ["DownEncoderBlock2D"] * 4, "up_block_types": ["UpDecoderBlock2D"] * 4,
}  # fmt: skip
"""Of Stable Diffusion 1.5 inpainting; what is not said is diffusers' default, as in the published configuration."""

TINY_UNET: Config = {
    **FULL_UNET, "block_out_channels": [32, 64, 64], "attention_head_dim": 4, "cross_attention_dim": 32,
    "norm_num_groups": 8,
    "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
}  # fmt: skip
TINY_VAE: Config = {
    **FULL_VAE, "block_out_channels": [16, 32, 32, 32], "layers_per_block": 1, "norm_num_groups": 8,
}  # fmt: skip


class StockAttention:
    """torch's own choice of a kernel, as a plain server has it."""

    def __call__(self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.scaled_dot_product_attention(q, k, v)


def random_networks(unet: Config, vae: Config, device: str, dtype: torch.dtype) -> Networks:
    """The same weights every time on one device."""
    made = [empty.to_empty(device=device) for empty in (empty_unet(unet), empty_vae(vae))]
    generator = torch.Generator(device).manual_seed(0)
    for network in made:
        # Not diffusers' own `to`, which warns of layers that these networks do not have.
        torch.nn.Module.to(network, dtype)
        for module in network.modules():
            _initialise(module, generator)
    return assemble(made[0], made[1], SCHEDULE)


def with_stock_attention(networks: Networks) -> None:
    stock: Any = StockAttention()
    use_kernels(networks.unet, attention_names(networks.unet), stock)


def with_own_attention(networks: Networks) -> None:
    use_kernels(networks.unet, attention_names(networks.unet), networks.kernels)


@torch.no_grad()
def _initialise(module: torch.nn.Module, generator: torch.Generator) -> None:
    """Normal weights that keep the variance, so that nothing overflows; normalisations do nothing."""
    weight, bias = (getattr(module, name, None) for name in ("weight", "bias"))
    if isinstance(weight, torch.Tensor):
        if weight.ndim > 1:
            weight.normal_(0, weight[0].numel() ** -0.5, generator=generator)
        else:
            weight.fill_(1)
    if isinstance(bias, torch.Tensor):
        bias.zero_()


def teraflops(unet: Config, vae: Config, width: int, height: int) -> dict[str, float]:
    """Counted by torch on the meta device, multiply and add apart: one UNet pass with guidance (2 pictures), one
    encoding, one decoding."""
    from torch.utils.flop_counter import FlopCounterMode

    networks = assemble(empty_unet(unet), empty_vae(vae), SCHEDULE)
    with_stock_attention(networks)
    empty = torch.device("meta")
    latents = torch.empty(2, 9, height // 4, width // 8, device=empty)
    works: dict[str, Callable[[], object]] = {
        "unet": lambda: networks.unet(latents, torch.empty((), device=empty), encoder_hidden_states=None),
        "encode": lambda: networks.vae.encode(torch.empty(1, 3, height, width, device=empty)),
        "decode": lambda: networks.vae.decode(torch.empty(1, 4, height // 8, width // 8, device=empty)),
    }
    counted = {}
    for name, work in works.items():
        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            work()
        counted[name] = counter.get_total_flops() / 1e12
    return counted
