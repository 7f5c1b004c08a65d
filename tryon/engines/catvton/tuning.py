"""What makes the same networks faster without changing their results by more than rounding."""

from __future__ import annotations

import torch

from tryon.engines.catvton.networks import Networks


def tune(
    networks: Networks, size: tuple[int, int], channels_last: bool, compile: bool, threads: int | None = None
) -> None:
    """size: (width, height) of the canvas. On a GPU the attention kernels are timed now, outside any compilation."""
    if threads is not None:
        torch.set_num_threads(threads)
    if channels_last:
        networks.unet.to(memory_format=torch.channels_last)
        networks.vae.to(memory_format=torch.channels_last)
    if networks.device.type == "cuda":
        choose_kernels(networks, size)
    if compile:
        # Fixed shapes: every canvas has the same, and only a smaller last batch is compiled again.
        networks.unet.compile(dynamic=False)


@torch.inference_mode()
def choose_kernels(networks: Networks, size: tuple[int, int]) -> None:
    """One pass over zeros: each self-attention meets its shape and picks a kernel. A batch of 2, as with guidance."""
    width, height = size
    shape = 2, networks.unet.config.in_channels, 2 * (height // 8), width // 8
    zeros = torch.zeros(shape, device=networks.device, dtype=networks.dtype)
    networks.unet(zeros, torch.tensor(1, device=networks.device), encoder_hidden_states=None)
