"""A diffusers attention processor for the UNet's self-attentions, over the chosen kernel."""

from __future__ import annotations

from typing import Any

import torch

from tryon.engines.catvton.attention_kernel import Kernels


class SelfAttention:
    """Dropout is left out: it does nothing at inference."""

    def __init__(self, kernels: Kernels) -> None:
        self.kernels = kernels

    def __call__(
        self, attn: Any, hidden_states: torch.Tensor, *ignored: object, **also: object
    ) -> torch.Tensor:
        """hidden_states: [B, tokens, channels], normalised by the block -> the same shape."""
        batch, tokens, _ = hidden_states.shape
        q, k, v = (
            part(hidden_states).view(batch, tokens, attn.heads, -1).transpose(1, 2)
            for part in (attn.to_q, attn.to_k, attn.to_v)
        )
        mixed = self.kernels(q, k, v).transpose(1, 2).reshape(batch, tokens, -1)
        result: torch.Tensor = attn.to_out[0](mixed)
        return result


def use_kernels(unet: torch.nn.Module, attentions: list[str], kernels: Kernels) -> None:
    for name in attentions:
        # Not set_attn_processor: it counts the dropped cross-attentions too.
        attention: Any = unet.get_submodule(name)
        attention.set_processor(SelfAttention(kernels))
