"""CatVTON's own weights: the self-attentions of the UNet, under numbers instead of names.

The published file counts modules: each self-attention, in the order down, up, mid, takes eight numbers, for itself,
its five submodules, the dropout and its processor. Submodules share the attention's parameters, so one tensor has
several legal names and a file that was stripped of doubles may use any of them.
"""

from __future__ import annotations

import re

import torch

from tryon.core.errors import ModelDamaged
from tryon.engines.catvton.checkpoints import Tensors

STRIDE = 8
PARTS = ("to_q.weight", "to_k.weight", "to_v.weight", "to_out.0.weight", "to_out.0.bias")
"""Each attention has these, so SD 1.5 with its 16 needs 80 tensors."""

_MODULES = ("", "to_q", "to_k", "to_v", "to_out", "to_out.0", "to_out.1", "processor")
_NUMBERED = re.compile(r"(\d+)\.(.+)")
_BLOCKS = ("down_blocks", "up_blocks", "mid_block")


def attention_names(unet: torch.nn.Module) -> list[str]:
    """The self-attentions, in the order of the file. The blocks are sorted here, since the order in which a
    network's class creates them is nobody's promise."""
    names = [name for name, _ in unet.named_modules() if name.endswith(".attn1")]
    return sorted(names, key=lambda name: _BLOCKS.index(name.partition(".")[0]))


def rename(numbered: Tensors, attentions: list[str]) -> Tensors:
    """The file's tensors under the names that the UNet gives them, every one of them, or ModelDamaged."""
    found: Tensors = {}
    for key, tensor in sorted(numbered.items()):
        name = _full_name(key, attentions)
        if name in found and not torch.equal(found[name], tensor):
            raise ModelDamaged(
                f"the attention weights hold two different tensors for {name}, the second as {key}"
            )
        found[name] = tensor
    wanted = [f"{attention}.{part}" for attention in attentions for part in PARTS]
    for name in wanted:
        if name not in found:
            right = len(set(wanted) & set(found))
            raise ModelDamaged(
                f"the attention weights lack {name}: {right} of {len(wanted)} tensors are there"
            )
    return {name: found[name] for name in wanted}


def _full_name(key: str, attentions: list[str]) -> str:
    match = _NUMBERED.fullmatch(key)
    index, entry = divmod(int(match[1]), STRIDE) if match else (len(attentions), 0)
    inner = ".".join(part for part in (_MODULES[entry], match[2] if match else "") if part)
    if index >= len(attentions) or inner not in PARTS:
        raise ModelDamaged(
            f"the attention weights hold {key}, which is no part of {len(attentions)} self-attentions"
        )
    return f"{attentions[index]}.{inner}"
