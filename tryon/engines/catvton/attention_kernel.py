"""Which kernel computes the self-attentions: one that never holds the whole score matrix.

At 768x1024 the largest layers have 24,576 tokens and 8 heads, so the plain formula would need 18 GiB for one picture
with guidance. A device that has only that is refused by name.

Their head dimension is 40, for which no kernel was written: flash attention works on 64 and wastes 1.6 times the time,
and who is fastest differs from card to card. So on a GPU each candidate is timed once for each shape of a layer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import pad, scaled_dot_product_attention

from tryon.core.errors import KernelMissing
from tryon.engines.torch_runtime import is_out_of_memory

MOST_SCORES = 1 << 30
"""Bytes of scores up to which the plain formula may serve: small pictures on devices without another kernel."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """fill: head dimension up to which zeros are appended, which changes nothing but the speed; 0: none."""

    name: str
    backend: SDPBackend
    fill: int = 0

    def __call__(self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        """[B, heads, tokens, size] each -> the same shape."""
        size = q.shape[-1]
        if self.fill > size:
            q, k, v = (pad(part, (0, self.fill - size)) for part in (q, k, v))
        with sdpa_kernel(self.backend):
            return scaled_dot_product_attention(q, k, v, scale=size**-0.5)[..., :size]


CUDNN = Kernel("cudnn", SDPBackend.CUDNN_ATTENTION)
CUDNN_64 = Kernel("cudnn on 64", SDPBackend.CUDNN_ATTENTION, 64)
FLASH = Kernel("flash", SDPBackend.FLASH_ATTENTION)
EFFICIENT = Kernel("memory-efficient", SDPBackend.EFFICIENT_ATTENTION)
MATH = Kernel("math", SDPBackend.MATH)

GPU_KERNELS = (CUDNN, CUDNN_64, FLASH, EFFICIENT)
CPU_KERNELS = (FLASH,)
"""torch's flash attention for CPUs takes every type and head dimension."""


class Kernels:
    """The choice for each (tokens, head dimension), the same for every batch size, so that a result does not depend
    on its neighbours."""

    def __init__(self, candidates: tuple[Kernel, ...] | None = None) -> None:
        self._candidates = candidates
        self.chosen: dict[tuple[int, int], Kernel] = {}

    def __call__(self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        shape = q.shape[-2], q.shape[-1]
        if shape not in self.chosen:
            self.chosen[shape] = self._choose(q, k, v)
        return self.chosen[shape](q, k, v)

    def _choose(self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> Kernel:
        candidates = self._candidates
        if candidates is None:
            candidates = GPU_KERNELS if q.is_cuda else CPU_KERNELS
        timed = {kernel: _timed(kernel, q, k, v) for kernel in candidates}
        able = {kernel: spent for kernel, spent in timed.items() if spent is not None}
        return min(able, key=lambda kernel: able[kernel]) if able else _plain(q)


def _timed(kernel: Kernel, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> float | None:
    """Seconds on a GPU, 0 elsewhere; None where it does not run. A few tokens come first: what a backend accepts
    depends on type, head dimension and card, and one that refuses must not fill the memory first."""
    few = [part[:1, :, :64] for part in (q, k, v)]
    try:
        kernel(few[0], few[1], few[2])
        return seconds(lambda: kernel(q, k, v)) if q.is_cuda else 0.0
    except RuntimeError as error:
        if is_out_of_memory(error):
            raise
        return None


def _plain(q: torch.Tensor) -> Kernel:
    batch, heads, tokens, size = q.shape
    scores = batch * heads * tokens**2 * q.element_size()
    if scores <= MOST_SCORES:
        return MATH
    raise KernelMissing(
        f"no memory-efficient attention on {q.device} for {q.dtype} and head dimension {size}; the plain one needs "
        f"{scores / 2**30:.1f} GiB for {tokens} tokens. Use bf16 or fp16 on a newer GPU, or a smaller canvas"
    )


def seconds(work: Callable[[], object], repeats: int = 5) -> float:
    """The median duration on the current GPU."""
    work()
    times = []
    for _ in range(repeats):
        torch.cuda.synchronize()
        start = perf_counter()
        work()
        torch.cuda.synchronize()
        times.append(perf_counter() - start)
    return median(times)
