"""The attention kernels: never one whose score matrix would fill the machine."""

from __future__ import annotations

import pytest
import torch
from torch.nn.attention import SDPBackend

from tryon.core.errors import KernelMissing, OutOfMemory, Unusable
from tryon.engines.catvton.attention_kernel import CPU_KERNELS, CUDNN, CUDNN_64, FLASH, MATH, Kernel, Kernels
from tryon.engines.catvton.memory import Portions
from tryon.engines.torch_runtime import is_out_of_memory


def heads(tokens: int = 96, size: int = 40) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(2, 8, tokens, size, generator=generator) for _ in range(3))
    return q, k, v


@pytest.mark.parametrize("kernel", [FLASH, MATH, Kernel("padded", SDPBackend.FLASH_ATTENTION, 64)])
@pytest.mark.parametrize("size", [4, 40, 160])
def test_each_kernel_computes_attention(kernel: Kernel, size: int) -> None:
    q, k, v = heads(size=size)
    right = torch.softmax(q @ k.transpose(-1, -2) / size**0.5, -1) @ v
    torch.testing.assert_close(kernel(q, k, v), right, atol=1e-5, rtol=1e-5)


def test_the_cpu_has_a_kernel_without_a_score_matrix() -> None:
    kernels = Kernels()
    kernels(*heads())
    assert kernels.chosen == {(96, 40): CPU_KERNELS[0]}
    assert MATH not in CPU_KERNELS


def test_a_candidate_that_does_not_run_here_is_passed_over() -> None:
    kernels = Kernels((CUDNN, CUDNN_64, FLASH))
    kernels(*heads())
    assert kernels.chosen == {(96, 40): FLASH}


def test_the_choice_is_made_once_for_a_shape_whatever_the_batch() -> None:
    kernels = Kernels()
    q, k, v = heads()
    whole, alone = kernels(q, k, v), kernels(q[:1], k[:1], v[:1])
    assert len(kernels.chosen) == 1
    torch.testing.assert_close(whole[:1], alone, atol=1e-6, rtol=0)


def test_small_pictures_may_use_the_plain_formula_and_large_ones_may_not() -> None:
    kernels = Kernels((CUDNN,))
    kernels(*heads())
    assert kernels.chosen == {(96, 40): MATH}
    # 768x1024 with guidance: nothing is allocated for it here.
    large = torch.empty(2, 8, 24576, 40, dtype=torch.bfloat16, device="meta")
    with pytest.raises(KernelMissing, match=r"needs 18\.0 GiB for 24576 tokens.*smaller canvas"):
        Kernels(())(large, large, large)
    assert issubclass(KernelMissing, Unusable)


# Memory


def full(*_: object) -> RuntimeError:
    return torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 18.00 GiB")


def test_a_batch_that_does_not_fit_is_halved_and_stays_small() -> None:
    sizes: list[int] = []

    def work(jobs: object) -> list[int]:
        assert isinstance(jobs, list)
        sizes.append(len(jobs))
        if len(jobs) > 2:
            raise full()
        return [10 * job for job in jobs]

    portions = Portions(8)
    assert portions.run(list(range(9)), work, "it") == [10 * n for n in range(9)]
    assert sizes == [8, 4, 2, 2, 2, 2, 1]
    sizes.clear()
    portions.run([1, 2, 3], work, "it")
    assert sizes == [2, 1]


def test_one_picture_that_does_not_fit_is_a_named_error() -> None:
    def work(jobs: object) -> list[int]:
        raise full()

    with pytest.raises(
        OutOfMemory, match=r"a picture of 768x1024 does not fit into memory: CUDA out of memory"
    ):
        Portions(4).run([1, 2, 3, 4], work, "a picture of 768x1024")


def test_other_errors_are_not_taken_for_a_full_memory() -> None:
    def work(jobs: object) -> list[int]:
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        Portions(4).run([1, 2], work, "it")
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60)
    assert is_out_of_memory(caught.value)
