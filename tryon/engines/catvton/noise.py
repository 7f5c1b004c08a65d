"""Where the random numbers come from: two posteriors of the autoencoder, the first latents, and each step's noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch


class Noise(Protocol):
    """Asked in this order: posterior of the masked persons, posterior of the garments, then latents again and again.

    shape: [B, 4, h, w]. Answers float32 on the CPU: the same numbers for every device and precision.
    """

    def posterior(self, shape: Sequence[int]) -> torch.Tensor: ...

    def latents(self, shape: Sequence[int]) -> torch.Tensor: ...


class PublishedNoise:
    """As the published pipeline draws: posteriors from the global generator, the rest from one generator for the whole
    batch, so that a picture depends on its neighbours. For comparing with it only."""

    def __init__(self, seed: int, global_seed: int) -> None:
        self._own = torch.Generator("cpu").manual_seed(seed)
        # Draws what torch's global generator would after manual_seed, without touching that one.
        self._global = torch.Generator("cpu").manual_seed(global_seed)

    def posterior(self, shape: Sequence[int]) -> torch.Tensor:
        return torch.randn(*shape, generator=self._global)

    def latents(self, shape: Sequence[int]) -> torch.Tensor:
        return torch.randn(*shape, generator=self._own)


class ItemNoise:
    """One generator for each picture, seeded with its job's seed: its noise is the same in any company. Pictures of
    one seed share their numbers, which are then drawn once."""

    def __init__(self, seeds: Sequence[int]) -> None:
        distinct = list(dict.fromkeys(seeds))
        self._generators = [torch.Generator("cpu").manual_seed(seed) for seed in distinct]
        self._places = torch.tensor([distinct.index(seed) for seed in seeds])

    def posterior(self, shape: Sequence[int]) -> torch.Tensor:
        return self.latents(shape)

    def latents(self, shape: Sequence[int]) -> torch.Tensor:
        drawn = [torch.randn(1, *shape[1:], generator=generator) for generator in self._generators]
        return torch.cat(drawn)[self._places]
