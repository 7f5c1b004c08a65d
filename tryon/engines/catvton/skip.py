"""A UNet without text: its cross-attentions hand their input through.

A transformer block computes x + attn2(norm2(x)), so without cross-attention x + norm2(x) stays: the network was
trained with that, and leaving the term out gives other pictures altogether.
"""

from __future__ import annotations

import torch


class PassThrough(torch.nn.Module):
    """In place of `attn2`; the block's own code then adds norm2(x)."""

    def forward(self, hidden_states: torch.Tensor, **ignored: object) -> torch.Tensor:
        return hidden_states


def drop_cross_attention(unet: torch.nn.Module) -> None:
    """Its weights (44 million numbers in SD 1.5) are neither loaded nor kept."""
    for module in list(unet.modules()):
        if getattr(module, "attn2", None) is not None:
            module.attn2 = PassThrough()


def is_dropped(name: str) -> bool:
    """Whether a tensor of the published UNet belongs to a cross-attention."""
    return ".attn2." in name
