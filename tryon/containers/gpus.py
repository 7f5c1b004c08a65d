"""Larger GPUs, for people whose model does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tryon.core.errors import OutOfMemory

MEMORY = {
    "T4": 16,
    "L4": 24,
    "A10": 24,
    "A100-40GB": 40,
    "L40S": 48,
    "A100-80GB": 80,
    "H200": 141,
    "B200": 180,
}
"""GB, by Modal's names."""


def larger(gigabytes: float) -> str:
    """The next one after a GPU with this much memory.

    >>> larger(24.0)
    'A100-40GB'
    """
    # A GPU reports a little less, or more, than its name says.
    found = [name for name, there in MEMORY.items() if there > gigabytes * 1.2]
    return found[0] if found else "none: there is no larger one"


def gigabytes() -> float:
    """Of this container's GPU; 0 without one."""
    import torch

    return torch.cuda.get_device_properties(0).total_memory / 1e9 if torch.cuda.is_available() else 0.0


def name() -> str | None:
    import torch

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else None


@contextmanager
def naming_larger(variable: str) -> Iterator[None]:
    """Raises MemoryError that says how to deploy again."""
    try:
        yield
    except OutOfMemory as error:
        raise MemoryError(f"{error}; deploy with a larger GPU, {variable}={larger(gigabytes())}") from None
