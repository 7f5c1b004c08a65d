"""What a GPU can do at best, measured in the same run as what is compared with it."""

from __future__ import annotations

import torch

from tryon.engines.catvton.attention_kernel import seconds

SIDE = 8192
BYTES = 1 << 30


def matmul_tflops() -> float:
    """bf16, square matrices: multiply and add apart, as flops are counted elsewhere."""
    a, b = (torch.randn(SIDE, SIDE, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    return float(2 * SIDE**3 / seconds(lambda: a @ b, repeats=20) / 1e12)


def copy_gigabytes() -> float:
    """Bytes read and written a second, in 10^9, for one large copy."""
    source = torch.empty(BYTES, device="cuda", dtype=torch.uint8)
    target = torch.empty_like(source)
    return float(2 * BYTES / seconds(lambda: target.copy_(source), repeats=20) / 1e9)
