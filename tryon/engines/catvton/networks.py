"""The UNet, the autoencoder and the noise schedule, from the folders of their models."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from tryon.engines.catvton.attention import attention_names, rename
from tryon.engines.catvton.attention_kernel import Kernels
from tryon.engines.catvton.checkpoints import fill, read_config, read_network, read_tensors
from tryon.engines.catvton.self_attention import use_kernels
from tryon.engines.catvton.skip import drop_cross_attention, is_dropped
from tryon.engines.torch_runtime import need


@dataclass
class Networks:
    """unet: 9 channels in, 4 out, without cross-attention. vae: diffusers' AutoencoderKL. schedule: the
    configuration of its training noise. text encoder: none, the garment says it all."""

    unet: Any
    vae: Any
    schedule: dict[str, Any]
    kernels: Kernels = field(default_factory=Kernels)

    @property
    def _any(self) -> torch.Tensor:
        found: torch.Tensor = next(iter(self.unet.parameters()))
        return found

    @property
    def device(self) -> torch.device:
        return self._any.device

    @property
    def dtype(self) -> torch.dtype:
        return self._any.dtype


def load_networks(
    base: Path,
    vae: Path,
    attention: Path,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
    kernels: Kernels | None = None,
) -> Networks:
    """base: folder of `unet` and `scheduler`. vae: its folder. attention: CatVTON's `model.safetensors`.

    Raises ModelMissing and ModelDamaged.
    """
    unet = empty_unet(read_config(base / "unet" / "config.json"))
    tensors = {name: t for name, t in read_network(base / "unet").items() if not is_dropped(name)}
    names = attention_names(unet)
    own = rename(read_tensors(attention), names)
    fill(unet, {**tensors, **own}, "the UNet", dtype)
    autoencoder = empty_vae(read_config(vae / "config.json"))
    fill(autoencoder, read_network(vae), "the autoencoder", dtype)
    schedule = read_config(base / "scheduler" / "scheduler_config.json")
    return assemble(unet.to(device), autoencoder.to(device), schedule, kernels)


def assemble(unet: Any, vae: Any, schedule: dict[str, Any], kernels: Kernels | None = None) -> Networks:
    """Networks that have their weights."""
    kernels = kernels or Kernels()
    use_kernels(unet, attention_names(unet), kernels)
    return Networks(unet.eval().requires_grad_(False), vae.eval().requires_grad_(False), schedule, kernels)


def empty_unet(config: dict[str, Any]) -> Any:
    """On the meta device: nothing is allocated, and nothing drawn at random only to be replaced."""
    with torch.device("meta"):
        unet = need("diffusers").UNet2DConditionModel.from_config(config)
        drop_cross_attention(unet)
    return unet


def empty_vae(config: dict[str, Any]) -> Any:
    with torch.device("meta"):
        return need("diffusers").AutoencoderKL.from_config(config)
